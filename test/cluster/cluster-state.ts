import { writeFileSync } from 'node:fs';
import type { ControlPlane } from '../testkit/control-plane.ts';

interface Listed {
  readonly items: readonly {
    readonly kind: string;
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      readonly labels?: Readonly<Record<string, string>>;
    };
  }[];
}

/** What the cluster makes and renews by itself. */
const UNSTEADY =
  /^(events(\.events\.k8s\.io)?|leases\.coordination\.k8s\.io|nodes|apiservices\.apiregistration\.k8s\.io|componentstatuses)$/;

/** Every object that there is, of every kind that can be listed, as `Kind namespace/name`, sorted. */
export async function allObjects(plane: ControlPlane): Promise<readonly string[]> {
  const kinds = (await plane.run(['api-resources', '--verbs=list', '-o', 'name', '--cached=false']))
    .split('\n')
    .filter((kind) => kind !== '' && !UNSTEADY.test(kind));
  const { items } = JSON.parse(
    await plane.run(['get', kinds.join(','), '-A', '-o', 'json', '--ignore-not-found']),
  ) as Listed;
  return [
    ...new Set(
      items.map(
        ({ kind, metadata: { namespace, name } }) => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
      ),
    ),
  ].sort();
}

/** A kubeconfig for a ServiceAccount, by a token that the API server gives it; written to `file`. */
export async function writeAccountKubeconfig(
  plane: ControlPlane,
  { namespace, name, file }: { readonly namespace: string; readonly name: string; readonly file: string },
): Promise<string> {
  const token = (await plane.run(['create', 'token', name, '-n', namespace])).trim();
  const named = (rest: object) => [{ name: 'account', ...rest }];
  const certificate = Buffer.from(plane.caPem).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'account',
    clusters: named({ cluster: { server: plane.url, 'certificate-authority-data': certificate } }),
    users: named({ user: { token } }),
    contexts: named({ context: { cluster: 'account', user: 'account' } }),
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

export interface ReadyPods {
  stop(): Promise<void>;
}

/**
 * A node that takes Pods and calls all of them ready, as a kubelet reports it; nothing runs. What a control plane without nodes
 * lacks to see a Deployment finish.
 */
export async function startReadyPods(plane: ControlPlane): Promise<ReadyPods> {
  await plane.apply([{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'paper' } }]);
  const node = {
    status: {
      allocatable: { cpu: '16', memory: '64Gi', pods: '110' },
      capacity: { cpu: '16', memory: '64Gi', pods: '110' },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: '',
          lastHeartbeatTime: now(),
          lastTransitionTime: now(),
        },
      ],
    },
  };
  await plane.run(['patch', 'node', 'paper', '--subresource=status', '--type=merge', '-p', JSON.stringify(node)]);
  let isStopped = false;
  const work = (async () => {
    while (!isStopped) {
      await plane.kubectl([
        'taint',
        'node',
        'paper',
        'node.kubernetes.io/not-ready-',
        'node.kubernetes.io/unreachable-',
      ]);
      await plane.apply([heartbeat()]);
      await markReady(plane);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await work;
    },
  };
}

/** Without it a node counts as dead after 40 s, and none of its Pods as ready. */
function heartbeat(): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'paper', namespace: 'kube-node-lease' },
    spec: {
      holderIdentity: 'paper',
      leaseDurationSeconds: 40,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    },
  };
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string; readonly deletionTimestamp?: string };
    readonly spec: { readonly nodeName?: string; readonly containers: readonly { readonly name: string }[] };
    readonly status?: { readonly phase?: string };
  }[];
}

async function markReady(plane: ControlPlane): Promise<void> {
  const { items } = JSON.parse(await plane.run(['get', 'pods', '-A', '-o', 'json'])) as PodList;
  for (const { metadata, spec, status } of items) {
    const target = ['pod', metadata.name, '-n', metadata.namespace];
    if (metadata.deletionTimestamp !== undefined)
      await plane.kubectl(['delete', ...target, '--force', '--grace-period=0']);
    else if (spec.nodeName !== undefined && status?.phase !== 'Running') {
      await plane.kubectl([
        'patch',
        ...target,
        '--subresource=status',
        '--type=merge',
        '-p',
        JSON.stringify({ status: runningStatus(spec) }),
      ]);
    }
  }
}

function runningStatus({ containers }: PodList['items'][number]['spec']): object {
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: now(),
  }));
  return {
    phase: 'Running',
    startTime: now(),
    conditions,
    containerStatuses: containers.map(({ name }) => ({
      name,
      ready: true,
      started: true,
      restartCount: 0,
      image: name,
      imageID: name,
      state: { running: { startedAt: now() } },
    })),
  };
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}
