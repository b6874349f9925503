// npm run cluster up [-- --node] | down | status | kubeconfig | kubectl <arguments>: a real cluster on this machine, for people.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../src/lib/index.ts';
import { type ClusterNode, requireClusterNode, startClusterNode } from '../test/testkit/cluster-node.ts';
import { startControlPlane } from '../test/testkit/control-plane.ts';
import { type ImageName, type PackedImage, packNamedImage } from '../testbed/image/images.ts';
import { PEERS, type PeerName } from '../testbed/index.ts';
import { createProgress, type Progress } from '../testbed/progress.ts';
import { ensureUi } from './ensure.mjs';

const USAGE = `usage: npm run cluster up              a control plane: API server, controller manager, scheduler, etcd
       npm run cluster up -- --node    and this machine as its node, with the images of npm run image (Linux, root)
       npm run cluster down            ends it and removes everything it had
       npm run cluster status          whether it runs; code 3 when not
       npm run --silent cluster kubeconfig       the path for KUBECONFIG
       npm run --silent cluster kubectl -- <arguments>
`;
const NOT_RUNNING = 3;
const CONTROL_PLANE: readonly PeerName[] = ['kubernetes', 'etcd'];
const NODE: readonly PeerName[] = [
  ...CONTROL_PLANE,
  'coredns',
  'otelcol',
  'containerd',
  'runc',
  'containernetworking-plugins',
  'iptables',
  'conntrack',
  'iproute2',
  'busybox-static',
];
const IMAGES: readonly ImageName[] = ['sluice', 'sluice-otelcol', 'busybox'];
const STORAGE_CLASS = 'folders';
const VOLUMES = 100;
const POLL_MS = 100;

const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sluice', 'cluster');
const stateFile = join(folder, 'state.json');
const kubeconfig = join(folder, 'kubeconfig');
const log = join(folder, 'log');

/** Of the process that has the cluster. */
interface State {
  readonly pid: number;
  /** False while it starts; nothing but the id counts then. */
  readonly ready: boolean;
  readonly url: string;
  readonly node: boolean;
  readonly images: readonly string[];
}

async function main([verb, ...args]: readonly string[]): Promise<number> {
  // npm takes an option without `--` before it for its own and tells in the environment.
  const node = args.includes('--node') || process.env['npm_config_node'] === 'true';
  switch (verb) {
    case 'up':
      return up(node);
    case 'down':
      return down();
    case 'status':
      return status();
    case 'kubeconfig':
      return printKubeconfig();
    case 'kubectl':
      return kubectl(args);
    case 'supervise':
      return supervise(node);
    default:
      process.stderr.write(USAGE);
      return 2;
  }
}

async function up(node: boolean): Promise<number> {
  const running = readState();
  if (running !== undefined) {
    if (!running.ready)
      throw new Error(`process ${running.pid} is starting a cluster; end it with: npm run cluster down`);
    if (node && !running.node) throw new Error('a cluster without a node is up; run first: npm run cluster down');
    announce(running);
    return 0;
  }
  const progress = createProgress('cluster');
  try {
    await build(node ? NODE : CONTROL_PLANE);
    if (node) {
      const state = requireClusterNode();
      if (state.status === 'missing') throw new Error(state.reason);
      ensureUi();
      for (const image of IMAGES) await packNamedImage(image);
    }
    announce(await launch(node, progress));
    return 0;
  } finally {
    progress.stop();
  }
}

async function build(names: readonly PeerName[]): Promise<void> {
  for (const name of names) {
    const state = await PEERS[name].build();
    if (state.status === 'missing') throw new Error(state.reason);
  }
}

/** Starts the process that has the cluster and waits until that is ready. */
async function launch(node: boolean, progress: Progress): Promise<State> {
  progress.phase(node ? 'starting the control plane and the node' : 'starting the control plane');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const output = openSync(log, 'w', 0o600);
  const child = spawn(process.execPath, [import.meta.filename, 'supervise', ...(node ? ['--node'] : [])], {
    detached: true,
    stdio: ['ignore', output, output],
    // What is temporary for a test lives as long as this cluster, and /tmp may be swept.
    env: { ...process.env, TMPDIR: folder },
  });
  closeSync(output);
  writeState({ pid: child.pid ?? 0, ready: false, url: '', node, images: [] });
  // Who interrupts the start wants no cluster.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill('SIGTERM'));
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  let told = 0;
  for (;;) {
    const state = readState();
    if (state?.ready) {
      child.unref();
      progress.phase('ready');
      return state;
    }
    const text = readFileSync(log, 'utf8');
    if (ended) throw new Error(`the cluster did not start; its log:\n${text}`);
    process.stderr.write(text.slice(told));
    told = text.length;
    await delay(POLL_MS);
  }
}

/** Has the cluster until it is told to end. */
async function supervise(node: boolean): Promise<number> {
  const ordered = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  const images = node ? await Promise.all(IMAGES.map(packNamedImage)) : [];
  const cluster = node ? await startNode(images) : await startControlPlane();
  copyFileSync(cluster.kubeconfig, kubeconfig);
  writeState({ pid: process.pid, ready: true, url: cluster.url, node, images: images.map(({ tag }) => tag) });
  const keepAlive = setInterval(() => {}, 60_000);
  await ordered;
  clearInterval(keepAlive);
  await cluster.stop();
  return 0;
}

/** With volumes for queues on disk: folders, each of which serves one claim until the cluster is down. */
async function startNode(images: readonly PackedImage[]): Promise<ClusterNode> {
  const cluster = await startClusterNode({ images });
  await cluster.addVolumes(STORAGE_CLASS, { count: VOLUMES, size: '1Gi', isDefault: true });
  return cluster;
}

async function down(): Promise<number> {
  const state = readState();
  if (state === undefined) {
    process.stderr.write('no cluster is up\n');
  } else {
    process.kill(state.pid, 'SIGTERM');
    while (isSupervisor(state.pid)) await delay(POLL_MS);
    process.stderr.write('the cluster is down\n');
  }
  rmSync(folder, { recursive: true, force: true });
  return 0;
}

function status(): number {
  const state = readState();
  if (!state?.ready) {
    process.stdout.write('no cluster is up; start one: npm run cluster up\n');
    return NOT_RUNNING;
  }
  announce(state);
  return kubectl(['get', 'nodes,pods', '--all-namespaces']);
}

function printKubeconfig(): number {
  requireReady();
  process.stdout.write(`${kubeconfig}\n`);
  return 0;
}

function kubectl(args: readonly string[]): number {
  requireReady();
  return spawnSync(kubectlPath(), ['--kubeconfig', kubeconfig, ...args], { stdio: 'inherit' }).status ?? 1;
}

function announce({ url, node, images }: State): void {
  process.stdout.write(`a cluster ${node ? 'of one node' : 'without nodes'} is up at ${url}\n`);
  for (const image of images) process.stdout.write(`  image ${image}, with imagePullPolicy: Never or IfNotPresent\n`);
  process.stdout.write(`  export KUBECONFIG=${kubeconfig}\n  kubectl is also here: ${kubectlPath()}\n`);
}

function kubectlPath(): string {
  const state = PEERS.kubernetes.find();
  if (state.status === 'missing') throw new Error(state.reason);
  return join(state.path, 'kubectl');
}

function requireReady(): void {
  if (!readState()?.ready) throw new Error('no cluster is up; start one: npm run cluster up');
}

function writeState(state: State): void {
  const unfinished = `${stateFile}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(state), { mode: 0o600 });
  renameSync(unfinished, stateFile);
}

/** Undefined when no cluster is up or starting; what a process that died left behind counts as none. */
function readState(): State | undefined {
  try {
    const state = JSON.parse(readFileSync(stateFile, 'utf8')) as State;
    return isSupervisor(state.pid) ? state : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether it runs and is ours: after a restart of the machine its id may be another's. */
function isSupervisor(pid: number): boolean {
  return commandOf(pid).includes(`${basename(import.meta.filename)} supervise`);
}

/** Empty when no such process runs. */
function commandOf(pid: number): string {
  if (process.platform !== 'linux') {
    return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`npm run cluster: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
