import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PeerState, requirePeer } from '../../testbed/index.ts';
import { type ClusterCredentials, writeClusterCredentials, writeKubeconfig } from './control-plane-credentials.ts';
import { freePort } from './free-port.ts';
import { type OrphanGuard, startOrphanGuard } from './orphan-guard.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { waitFor } from './wait-for.ts';

/** A real Kubernetes without nodes: etcd, API server and, unless switched off, controller manager and scheduler. */
export interface ControlPlane {
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
  /** Never rejects because of what kubectl answers. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** kubectl's standard output; rejects with its standard error when it fails. */
  run(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** Creates or changes these objects, as a YAML or JSON text or as values; rejects with what is wrong. */
  apply(objects: string | readonly object[]): Promise<void>;
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

export interface Restartable {
  /** Ends it: with SIGTERM and the time to close connections, or at once. */
  stop(options?: { readonly signal?: 'SIGTERM' | 'SIGKILL' }): Promise<void>;
  /** Resolves once it is ready. */
  start(): Promise<void>;
}

export interface KubectlOptions {
  /** Standard input, for `-f -`. */
  readonly input?: string;
}

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const SERVICE_CIDR = '10.96.0.0/16';
/** Of the Service `kubernetes`. */
export const API_SERVICE_ADDRESS = '10.96.0.1';
export const POD_CIDR = '10.244.0.0/16';

const START_TIMEOUT_MS = 60_000;
/** What was started for a test may lose what it has: no more patience than a clean end usually takes. */
const STOP_GRACE_MS = 3_000;

/** Whether a control plane can be started here; its tests are skipped with the reason where not, and fail in CI. */
export function requireControlPlane(): PeerState {
  const kubernetes = requirePeer('kubernetes');
  return kubernetes.status === 'missing' ? kubernetes : requirePeer('etcd');
}

/** Resolves once requests are answered and pods can be created in the namespace default; about 3 s. Any number may run at a time. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = requirePeer('kubernetes');
  const etcd = requirePeer('etcd');
  if (programs.status === 'missing') throw new Error(programs.reason);
  if (etcd.status === 'missing') throw new Error(etcd.reason);
  const address = options.address ?? '127.0.0.1';
  const port = await freePort();
  const url = `https://${address}:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-control-plane-'));
  const guard = startOrphanGuard('rm -rf "$1"', [folder]);
  const credentials = writeClusterCredentials(folder, [
    API_SERVICE_ADDRESS,
    ...(address === '127.0.0.1' ? [] : [address]),
  ]);
  const kubeconfig = writeKubeconfig(join(folder, 'kubeconfig'), url, credentials);
  const kubectl = (args: readonly string[], { input = '' }: KubectlOptions = {}) =>
    runKubectl(join(programs.path, 'kubectl'), ['--kubeconfig', kubeconfig, ...args], folder, input);
  const isReady = () => answersReady(url, credentials);

  const clear = async () => {
    await guard.dismiss();
    rmSync(folder, { recursive: true, force: true });
  };
  const store = await startEtcd(etcd.path, folder).catch(async (error) => {
    await clear();
    throw error;
  });
  guard.watch(store.running.pid);
  const apiServer = createRestartable(guard, async () => {
    const flags = apiServerFlags({ folder, port, address, etcdUrl: store.url, credentials });
    const running = await startProcess(join(programs.path, 'kube-apiserver'), [
      ...flags,
      ...(options.apiServerFlags ?? []),
    ]);
    return { running, isReady };
  });
  const client = [`--kubeconfig=${kubeconfig}`, '--secure-port=0', '--leader-elect=false'];
  const scheduler = createRestartable(guard, async () => ({
    running: await startProcess(join(programs.path, 'kube-scheduler'), client),
  }));
  const controllerManager = createRestartable(guard, async () => ({
    running: await startProcess(join(programs.path, 'kube-controller-manager'), [
      ...client,
      ...controllerManagerFlags(credentials),
      ...(options.controllerManagerFlags ?? []),
    ]),
  }));
  const stop = async () => {
    // An API server whose etcd is gone hangs for a minute, and the others repeat requests to one that is gone.
    await Promise.all([scheduler.stop(), controllerManager.stop()]);
    await apiServer.stop();
    await store.running.stop({ graceMs: STOP_GRACE_MS });
    await clear();
  };
  const run = async (args: readonly string[], kubectlOptions?: KubectlOptions) => {
    const { code, stdout, stderr } = await kubectl(args, kubectlOptions);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed with code ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  try {
    await apiServer.start();
    const { controllerManager: controls = true, scheduler: schedules = true } = options;
    await Promise.all([controls && controllerManager.start(), schedules && scheduler.start()]);
    if (controls) {
      const path = '/api/v1/namespaces/default/serviceaccounts/default';
      await waitFor('the account that pods of the namespace default run as', () => succeeds(url + path, credentials), {
        timeoutMs: START_TIMEOUT_MS,
        pollMs: 50,
      });
    }
    return {
      url,
      caPem: credentials.caPem,
      token: credentials.token,
      kubeconfig,
      folder,
      credentials,
      apiServer,
      controllerManager: controls ? controllerManager : undefined,
      scheduler: schedules ? scheduler : undefined,
      kubectl,
      run,
      async apply(objects) {
        const input =
          typeof objects === 'string' ? objects : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
        await run(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
      },
      compact: () => compactEtcd(store.url),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Started {
  readonly running: RunningProcess;
  /** Default: ready when it runs. */
  isReady?(): Promise<boolean>;
}

/** One process that tests stop and start; the guard kills what is running when they die. */
export function createRestartable(guard: OrphanGuard, launch: () => Promise<Started>): Restartable {
  let running: RunningProcess | undefined;
  return {
    async start() {
      if (running !== undefined) return;
      const started = await launch();
      running = started.running;
      guard.watch(running.pid);
      const { isReady } = started;
      if (isReady !== undefined) await waitUntilReady(running, isReady);
    },
    async stop({ signal = 'SIGTERM' } = {}) {
      if (running === undefined) return;
      const stopping = running;
      running = undefined;
      await stopping.stop({ graceMs: signal === 'SIGKILL' ? 0 : STOP_GRACE_MS });
      guard.forget(stopping.pid);
    },
  };
}

async function waitUntilReady(running: RunningProcess, isReady: () => Promise<boolean>): Promise<void> {
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  try {
    const options = { timeoutMs: START_TIMEOUT_MS, pollMs: 50 };
    await waitFor('the API server is ready', async () => ended || (await isReady()), options);
    if (ended) throw new Error('the API server ended before it was ready');
  } catch (error) {
    throw new Error(`${(error as Error).message}; its output ends with:\n${running.stderr().slice(-4_000)}`);
  }
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

interface ApiServerPlace {
  readonly folder: string;
  readonly port: number;
  readonly address: string;
  readonly etcdUrl: string;
  readonly credentials: ClusterCredentials;
}

function apiServerFlags({ folder, port, address, etcdUrl, credentials }: ApiServerPlace): readonly string[] {
  const isLoopback = address === '127.0.0.1';
  return [
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${address}`,
    `--secure-port=${port}`,
    // An Endpoints object cannot name a loopback address.
    ...(isLoopback ? ['--endpoint-reconciler-type=none'] : [`--advertise-address=${address}`]),
    `--cert-dir=${folder}`,
    `--tls-cert-file=${credentials.serving.certFile}`,
    `--tls-private-key-file=${credentials.serving.keyFile}`,
    `--client-ca-file=${credentials.caFile}`,
    `--token-auth-file=${credentials.tokenFile}`,
    '--authorization-mode=Node,RBAC',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${credentials.serviceAccountPublicKeyFile}`,
    `--service-account-signing-key-file=${credentials.serviceAccountKeyFile}`,
    `--service-cluster-ip-range=${SERVICE_CIDR}`,
    '--allow-privileged=true',
    '--kubelet-preferred-address-types=InternalIP',
    `--kubelet-certificate-authority=${credentials.caFile}`,
    `--kubelet-client-certificate=${credentials.kubeletClient.certFile}`,
    `--kubelet-client-key=${credentials.kubeletClient.keyFile}`,
    '--profiling=false',
  ];
}

function controllerManagerFlags(credentials: ClusterCredentials): readonly string[] {
  return [
    '--use-service-account-credentials',
    // It makes an account for each of its controllers first, and with the default rate takes 4 s for that.
    '--kube-api-qps=500',
    '--kube-api-burst=500',
    `--service-account-private-key-file=${credentials.serviceAccountKeyFile}`,
    `--root-ca-file=${credentials.caFile}`,
    '--allocate-node-cidrs',
    `--cluster-cidr=${POD_CIDR}`,
    `--service-cluster-ip-range=${SERVICE_CIDR}`,
  ];
}

function runKubectl(path: string, args: readonly string[], folder: string, input: string): Promise<KubectlResult> {
  const child = spawn(path, args, { env: { ...process.env, HOME: folder, KUBECONFIG: '' } });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  }
  // kubectl may end before it has read everything; its code tells.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, ...output }));
  });
}

const answersReady = (url: string, credentials: ClusterCredentials) => succeeds(`${url}/readyz`, credentials);

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
