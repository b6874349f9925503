import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PeerName, type PeerState, requirePeer } from '../../testbed/index.ts';
import { type ClusterCredentials, writeClusterCredentials, writeKubeconfig } from './control-plane-credentials.ts';
import {
  API_SERVICE_ADDRESS,
  apiServerFlags,
  type ControlPlanePlace,
  controllerManagerFlags,
  LOOPBACK,
} from './control-plane-flags.ts';
import { freePort } from './free-port.ts';
import { createKubectl, type Kubectl } from './kubectl.ts';
import { type OrphanGuard, startOrphanGuard } from './orphan-guard.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { createRestartable, type Restartable, STOP_GRACE_MS } from './restartable.ts';
import { waitFor } from './wait-for.ts';

/** A real Kubernetes without nodes: etcd, API server and, unless switched off, controller manager and scheduler. */
export interface ControlPlane extends Kubectl {
  /** Of the API server, `https://127.0.0.1:<port>`. */
  readonly url: string;
  readonly caPem: string;
  /** A bearer token of a user in the group system:masters. */
  readonly token: string;
  /** Path of a file; it is gone after `stop`. */
  readonly kubeconfig: string;
  /** Holds everything the control plane writes; gone after `stop`. */
  readonly folder: string;
  readonly credentials: ClusterCredentials;
  /** Stops and starts on the same port, with the same data and credentials. */
  readonly apiServer: Restartable;
  /** Both undefined where they were switched off. */
  readonly controllerManager: Restartable | undefined;
  readonly scheduler: Restartable | undefined;
  /** Forgets all history: a watch from an older resource version ends with 410 where no cache holds it. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly controllerManager?: boolean;
  readonly scheduler?: boolean;
  /** Added to the API server's own; the last of two counts. For example `--watch-cache=false`. */
  readonly apiServerFlags?: readonly string[];
  readonly controllerManagerFlags?: readonly string[];
  /** An address of this machine that pods reach; default: loopback, and the Service `kubernetes` leads nowhere. */
  readonly address?: string;
}

/** Whether a control plane can be started here; its tests are skipped with the reason where not, and fail in CI. */
export function requireControlPlane(): PeerState {
  const kubernetes = requirePeer('kubernetes');
  return kubernetes.status === 'missing' ? kubernetes : requirePeer('etcd');
}

/** Resolves once requests are answered and pods can be created in the namespace default; about 3 s. Any number may run at a time. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const [programs, etcd] = [pathOf('kubernetes'), pathOf('etcd')];
  const { address = LOOPBACK } = options;
  const port = await freePort();
  const url = `https://${address}:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-control-plane-'));
  const guard = startOrphanGuard('rm -rf "$1"', [folder]);
  const clear = async () => {
    await guard.dismiss();
    rmSync(folder, { recursive: true, force: true });
  };
  const addresses = [API_SERVICE_ADDRESS, ...(address === LOOPBACK ? [] : [address])];
  const credentials = writeClusterCredentials(folder, addresses);
  const kubeconfig = writeKubeconfig(join(folder, 'kubeconfig'), url, credentials);
  const store = await startEtcd(etcd, folder).catch(async (error) => {
    await clear();
    throw error;
  });
  guard.watch(store.running.pid);
  const place = { folder, port, address, etcdUrl: store.url, credentials };
  const { apiServer, controllerManager, scheduler } = createPrograms(
    { programs, kubeconfig, guard, place, url },
    options,
  );
  const stop = async () => {
    // An API server whose etcd is gone hangs for a minute, and the others repeat requests to one that is gone.
    await Promise.all([scheduler?.stop(), controllerManager?.stop()]);
    await apiServer.stop();
    await store.running.stop({ graceMs: STOP_GRACE_MS });
    await clear();
  };
  try {
    await apiServer.start();
    await Promise.all([controllerManager?.start(), scheduler?.start()]);
    if (controllerManager !== undefined) await waitForDefaultAccount(url, credentials);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...createKubectl(join(programs, 'kubectl'), kubeconfig, folder),
    url,
    caPem: credentials.caPem,
    token: credentials.token,
    kubeconfig,
    folder,
    credentials,
    apiServer,
    controllerManager,
    scheduler,
    compact: () => compactEtcd(store.url),
    stop,
  };
}

function pathOf(name: PeerName): string {
  const peer = requirePeer(name);
  if (peer.status === 'missing') throw new Error(peer.reason);
  return peer.path;
}

interface ProgramsPlace {
  /** The folder of Kubernetes' programs. */
  readonly programs: string;
  readonly kubeconfig: string;
  readonly guard: OrphanGuard;
  readonly place: ControlPlanePlace;
  readonly url: string;
}

function createPrograms(
  { programs, kubeconfig, guard, place, url }: ProgramsPlace,
  { apiServerFlags: more = [], controllerManagerFlags: moreOfManager = [], ...options }: ControlPlaneOptions,
): Pick<ControlPlane, 'apiServer' | 'controllerManager' | 'scheduler'> {
  const start = (name: string, flags: readonly string[]) => startProcess(join(programs, name), flags);
  const client = [`--kubeconfig=${kubeconfig}`, '--secure-port=0', '--leader-elect=false'];
  const managerFlags = [...client, ...controllerManagerFlags(place), ...moreOfManager];
  const { controllerManager = true, scheduler = true } = options;
  return {
    apiServer: createRestartable(guard, async () => ({
      running: await start('kube-apiserver', [...apiServerFlags(place), ...more]),
      isReady: () => succeeds(`${url}/readyz`, place.credentials),
    })),
    controllerManager: controllerManager
      ? createRestartable(guard, async () => ({ running: await start('kube-controller-manager', managerFlags) }))
      : undefined,
    scheduler: scheduler
      ? createRestartable(guard, async () => ({ running: await start('kube-scheduler', client) }))
      : undefined,
  };
}

/** The controller manager makes it; without it no Pod is let in. */
async function waitForDefaultAccount(url: string, credentials: ClusterCredentials): Promise<void> {
  const account = `${url}/api/v1/namespaces/default/serviceaccounts/default`;
  const options = { timeoutMs: 60_000, pollMs: 50 };
  await waitFor('the account that pods of the namespace default run as', () => succeeds(account, credentials), options);
}

async function startEtcd(
  path: string,
  folder: string,
): Promise<{ readonly running: RunningProcess; readonly url: string }> {
  const [clientPort, peerPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const args = [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync',
    // Alone, it need not wait a second for others to stand for election.
    '--heartbeat-interval=20',
    '--election-timeout=200',
    '--log-level=warn',
  ];
  return { running: await startProcess(path, args, { ready: { url: `${url}/health` } }), url };
}

/** Whether the API server answers this address with 200; false while it is not there. */
function succeeds(url: string, { caPem, token }: ClusterCredentials): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` };
    const sent = request(url, { ca: caPem, headers, agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode === 200));
    });
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => resolve(false));
    sent.end();
  });
}

/** By etcd's own JSON interface; nothing of Kubernetes offers it at a moment of one's choice. */
async function compactEtcd(url: string): Promise<void> {
  const call = async (path: string, body: object) => {
    const answer = await fetch(`${url}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd answered ${answer.status} to ${path}: ${await answer.text()}`);
    return (await answer.json()) as { readonly header: { readonly revision: string } };
  };
  // A write of its own, because the newest revision cannot be forgotten.
  const { header } = await call('put', { key: Buffer.from('/sluice/compaction').toString('base64') });
  await call('compaction', { revision: header.revision, physical: true });
}
