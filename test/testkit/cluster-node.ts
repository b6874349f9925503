import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { acquireLock } from '../../testbed/build-lock.ts';
import { type PackedImage, packNamedImage } from '../../testbed/image/images.ts';
import { type PeerName, type PeerState, requirePeer } from '../../testbed/index.ts';
import {
  CNI_FOLDER,
  CONTAINERD_SOCKET,
  cniConfig,
  containerdConfig,
  corefile,
  kubeletConfig,
  kubeProxyConfig,
  NODE_ADDRESS,
  NODE_DATA,
  NODE_NAME,
  NODE_STATE,
} from './cluster-node-config.ts';
import { CLEANUP_SCRIPT, cleanHost, prepareHost } from './cluster-node-host.ts';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  requireControlPlane,
  startControlPlane,
} from './control-plane.ts';
import { freePort } from './free-port.ts';
import { startOrphanGuard } from './orphan-guard.ts';
import { startProcess } from './process.ts';
import { createRestartable, type Restartable } from './restartable.ts';
import { becomesTrue, type WaitOptions, waitFor } from './wait-for.ts';

/** A whole cluster of one node, which is this machine: pods run, Services and DNS answer, from pods and from here. */
export interface ClusterNode extends ControlPlane {
  readonly nodeName: string;
  /** Of the bridge that pods are on: where pods reach processes of this machine. */
  readonly address: string;
  readonly kubelet: Restartable;
  /** Makes images known to the node; Pods name them by their tag with `imagePullPolicy: Never`. */
  importImages(...images: readonly PackedImage[]): Promise<void>;
  /** Resolves once exactly `count` pods match and all are Ready; rejects with what the others wait for. */
  waitForPods(selection: PodSelection, options?: WaitOptions): Promise<readonly PodState[]>;
  /** Makes PersistentVolumes that are folders of the node, and a StorageClass that binds them when a Pod comes. */
  addVolumes(storageClass: string, options?: VolumesOptions): Promise<void>;
}

export interface PodSelection {
  readonly namespace?: string;
  /** As for kubectl: `app=web`. */
  readonly selector: string;
  readonly count: number;
}

export interface PodState {
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
}

export interface VolumesOptions {
  readonly count?: number;
  /** A Kubernetes quantity; a promise of the volume that nothing enforces. */
  readonly size?: string;
  /** Claims that name no class get it. */
  readonly isDefault?: boolean;
}

export interface ClusterNodeOptions extends Omit<ControlPlaneOptions, 'address'> {
  /** Beside busybox, which every node has as `sluice-test/busybox:1`. */
  readonly images?: readonly PackedImage[];
}

export const BUSYBOX = 'sluice-test/busybox:1';

/** Has the id of the process whose node this machine is. */
export const NODE_LOCK = '/run/sluice-node.lock';
const READY_TIMEOUT_MS = 60_000;
const PACKAGES: readonly PeerName[] = [
  'containerd',
  'runc',
  'containernetworking-plugins',
  'iptables',
  'conntrack',
  'iproute2',
  'busybox-static',
  'coredns',
];

/** Whether this machine can be a node; tests are skipped with the reason where not, and fail in CI. */
export function requireClusterNode(): PeerState {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    const reason = 'a node needs Linux and root';
    if (process.env['CI'] === 'true') throw new Error(`CI must have a node: ${reason}`);
    return { status: 'missing', reason };
  }
  const states = [requireControlPlane(), ...PACKAGES.map(requirePeer)];
  return states.find(({ status }) => status === 'missing') ?? states[0]!;
}

/** Resolves once the node is Ready; about 10 s, and longer while another process has its node on this machine. */
export async function startClusterNode(options: ClusterNodeOptions = {}): Promise<ClusterNode> {
  const state = requireClusterNode();
  if (state.status === 'missing') throw new Error(state.reason);
  const release = await lockNode();
  // It holds the lock while it cleans, so that the next node begins on a clean machine.
  const guard = startOrphanGuard('[ "$(cat "$1")" = "$2" ] || exit; echo $$ > "$1"; sh "$3"; rm -f "$1"', [
    NODE_LOCK,
    String(process.pid),
    CLEANUP_SCRIPT,
  ]);
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
    cleanHost();
    await guard.dismiss();
    release();
  };
  try {
    prepareHost();
    const launch = (start: Parameters<typeof createRestartable>[1]) => {
      const restartable = createRestartable(guard, start);
      stops.push(() => restartable.stop({ signal: 'SIGKILL' }));
      return restartable;
    };
    const containerd = launch(startContainerd);
    const images = async () => {
      await containerd.start();
      await importImages([await packNamedImage('pause'), await packNamedImage('busybox'), ...(options.images ?? [])]);
    };
    const starting = startControlPlane({ ...options, address: NODE_ADDRESS });
    stops.push(async () => (await starting.catch(() => undefined))?.stop());
    const [plane] = await Promise.all([starting, images()]);
    const kubelet = launch(() => startKubelet(plane));
    await Promise.all([
      kubelet.start(),
      launch(() => startKubeProxy(plane)).start(),
      launch(() => startDns(plane)).start(),
    ]);
    await waitFor('the node is Ready', () => isNodeReady(plane), { timeoutMs: READY_TIMEOUT_MS, pollMs: 100 });
    return {
      ...plane,
      nodeName: NODE_NAME,
      address: NODE_ADDRESS,
      kubelet,
      importImages: (...more) => importImages(more),
      waitForPods: (selection, waiting) => waitForPods(plane, selection, waiting),
      addVolumes: (storageClass, volumes) => addVolumes(plane, storageClass, volumes),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resolves with what frees it, once no other process has a node on this machine. */
export function lockNode(): Promise<() => void> {
  return acquireLock(NODE_LOCK, (holder) => {
    process.stderr.write(`waiting for the cluster node of process ${holder}\n`);
  });
}

function pathOf(name: PeerName): string {
  const peer = requirePeer(name);
  if (peer.status === 'missing') throw new Error(peer.reason);
  return peer.path;
}

function write(name: string, text: string): string {
  const path = join(NODE_STATE, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

async function startContainerd() {
  mkdirSync(CNI_FOLDER, { recursive: true });
  write('cni/10-sluice.conflist', cniConfig());
  const { tag } = await packNamedImage('pause');
  const config = write('containerd.toml', containerdConfig(tag, dirname(pathOf('containernetworking-plugins'))));
  const ready = { line: /containerd successfully booted/ };
  return { running: await startProcess(pathOf('containerd'), ['--config', config], { ready }) };
}

async function startKubelet(plane: ControlPlane) {
  const healthPort = await freePort();
  const config = kubeletConfig({
    credentials: plane.credentials,
    serving: plane.credentials.issue('kubelet', [NODE_NAME, NODE_ADDRESS]),
    healthPort,
    resolvConf: write('resolv.conf', `nameserver ${NODE_ADDRESS}\n`),
  });
  const args = [
    `--config=${write('kubelet.json', config)}`,
    `--kubeconfig=${plane.kubeconfig}`,
    `--root-dir=${NODE_DATA}/kubelet`,
    `--cert-dir=${NODE_DATA}/kubelet/pki`,
    `--hostname-override=${NODE_NAME}`,
    `--node-ip=${NODE_ADDRESS}`,
  ];
  const ready = { url: `http://127.0.0.1:${healthPort}/healthz` };
  return {
    running: await startProcess(join(pathOf('kubernetes'), 'kubelet'), args, { ready, timeoutMs: READY_TIMEOUT_MS }),
  };
}

async function startKubeProxy(plane: ControlPlane) {
  const config = write('kube-proxy.json', kubeProxyConfig(plane.kubeconfig, await freePort()));
  return { running: await startProcess(join(pathOf('kubernetes'), 'kube-proxy'), [`--config=${config}`]) };
}

async function startDns(plane: ControlPlane) {
  const config = write('Corefile', corefile(plane.kubeconfig));
  const ready = { line: /CoreDNS-/ };
  return { running: await startProcess(pathOf('coredns'), ['-conf', config, '-dns.port', '53'], { ready }) };
}

async function importImages(images: readonly PackedImage[]): Promise<void> {
  const ctr = join(dirname(pathOf('containerd')), 'ctr');
  for (const { path } of images) {
    const args = ['--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io', 'image', 'import', path];
    const running = await startProcess(ctr, args);
    const { code } = await running.exited;
    if (code !== 0) throw new Error(`ctr could not import ${path}: ${running.stderr()}`);
  }
}

async function isNodeReady(plane: ControlPlane): Promise<boolean> {
  const path = '{.status.conditions[?(@.type=="Ready")].status}';
  return (await plane.kubectl(['get', 'node', NODE_NAME, '-o', `jsonpath=${path}`])).stdout === 'True';
}

interface PodJson {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly podIP?: string;
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly initContainerStatuses?: readonly object[];
    readonly containerStatuses?: readonly object[];
  };
}

async function waitForPods(
  plane: ControlPlane,
  { namespace = 'default', selector, count }: PodSelection,
  { timeoutMs = 60_000, pollMs = 100 }: WaitOptions = {},
): Promise<readonly PodState[]> {
  let pods: readonly PodJson[] = [];
  const areReady = async () => {
    const list = await plane.run(['get', 'pods', '-n', namespace, '-l', selector, '-o', 'json']);
    pods = (JSON.parse(list) as { readonly items: readonly PodJson[] }).items;
    return pods.length === count && pods.every(isReady);
  };
  if (!(await becomesTrue(areReady, { timeoutMs, pollMs }))) {
    const states = pods.map(({ metadata, status }) => `${metadata.name}: ${JSON.stringify(status)}`);
    throw new Error(
      `no ${count} ready pods with ${selector} in ${namespace}, but ${pods.length}:\n${states.join('\n')}`,
    );
  }
  return pods.map(({ metadata, status }) => ({ name: metadata.name, uid: metadata.uid, ip: status.podIP ?? '' }));
}

function isReady({ metadata, status }: PodJson): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

async function addVolumes(
  plane: ControlPlane,
  storageClass: string,
  { count = 1, size = '1Gi', isDefault = false }: VolumesOptions = {},
): Promise<void> {
  const volumes = Array.from({ length: count }, (_, index) => {
    const name = `${storageClass}-${index}`;
    const path = join(NODE_DATA, 'volumes', name);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
    const onThisNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [NODE_NAME] };
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: {
        capacity: { storage: size },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: storageClass,
        local: { path },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onThisNode] }] } },
      },
    };
  });
  const storageClassObject = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: storageClass,
      annotations: { 'storageclass.kubernetes.io/is-default-class': String(isDefault) },
    },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  await plane.apply([storageClassObject, ...volumes]);
}
