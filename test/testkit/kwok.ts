import { dirname, join } from 'node:path';
import { requirePeer } from '../../testbed/index.ts';
import type { ControlPlane } from './control-plane.ts';
import { freePort } from './free-port.ts';
import { startOrphanGuard } from './orphan-guard.ts';
import { startProcess } from './process.ts';
import { waitFor } from './wait-for.ts';

/** Nodes that only their API objects tell of: Pods scheduled to them become Running and Ready, and no program runs. */
export interface Kwok {
  /** `kwok-0` and on. */
  readonly nodeNames: readonly string[];
  /** Nobody speaks for the nodes any more; their objects stay, and after 40 s they count as lost. */
  stop(): Promise<void>;
}

export interface KwokOptions {
  readonly nodes: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Keeps Pods that don't tolerate `kwok.x-k8s.io/node` away, for a cluster with a real node, too. */
  readonly tainted?: boolean;
}

const LEASE_SECONDS = 40;
const SELECTOR = { key: 'kwok.x-k8s.io/node', value: 'fake' };

/** Adds Nodes to a control plane; resolves once all are Ready. 500 take about 20 s. */
export async function startKwok(
  plane: ControlPlane,
  { nodes, labels = {}, tainted = false }: KwokOptions,
): Promise<Kwok> {
  const peer = requirePeer('kwok');
  if (peer.status === 'missing') throw new Error(peer.reason);
  const nodeNames = Array.from({ length: nodes }, (_, index) => `kwok-${index}`);
  const port = await freePort();
  const args = [
    `--kubeconfig=${plane.kubeconfig}`,
    `--config=${join(dirname(peer.path), 'stages.yaml')}`,
    `--manage-nodes-with-annotation-selector=${SELECTOR.key}=${SELECTOR.value}`,
    `--node-lease-duration-seconds=${LEASE_SECONDS}`,
    `--server-address=127.0.0.1:${port}`,
    '--cidr=10.245.0.0/16',
  ];
  const running = await startProcess(peer.path, args, { ready: { ports: [port] } });
  const guard = startOrphanGuard(':');
  guard.watch(running.pid);
  const stop = async () => {
    await running.stop({ graceMs: 3_000 });
    await guard.dismiss();
  };
  try {
    await plane.apply(nodeNames.map((name) => nodeObject(name, labels, tainted)));
    await waitFor(`${nodes} nodes are Ready`, async () => (await readyNodes(plane)) >= nodes, {
      timeoutMs: 120_000,
      pollMs: 500,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodeNames, stop };
}

function nodeObject(name: string, labels: Readonly<Record<string, string>>, tainted: boolean): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', ...labels },
      annotations: { [SELECTOR.key]: SELECTOR.value },
    },
    spec: tainted ? { taints: [{ ...SELECTOR, effect: 'NoSchedule' }] } : {},
  };
}

async function readyNodes(plane: ControlPlane): Promise<number> {
  const path = '{range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}';
  const states = (await plane.run(['get', 'nodes', '-o', `jsonpath=${path}`])).split(' ');
  return states.filter((state) => state.startsWith('kwok-') && state.endsWith('=True')).length;
}
