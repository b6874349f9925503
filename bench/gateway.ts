import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { requirePeer } from '../testbed/index.ts';
import { pinned } from './machine.ts';

/** A program that executes a Collector configuration. */
export interface GatewayProgram {
  readonly name: 'sluice' | 'otelcol';
  readonly version: string;
  command(configFile: string): readonly string[];
}

const ROOT = join(import.meta.dirname, '..');
const READY_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

/** As users start it, with options for Node beside its own (a profiler's). */
export function sluiceProgram(nodeOptions: readonly string[] = []): GatewayProgram {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const program = ['env', `SLUICE_NODE_OPTIONS=${nodeOptions.join(' ')}`, join(ROOT, 'bin/sluice')];
  return {
    name: 'sluice',
    version: `${version} on Node ${process.versions.node}`,
    command: (configFile) => [...program, 'engine', '--config', configFile],
  };
}

/** Undefined, with the reason on stderr, when the Collector has not been built. */
export function otelcolProgram(): GatewayProgram | undefined {
  const peer = requirePeer('otelcol');
  if (peer.status === 'missing') {
    process.stderr.write(`without the Collector: ${peer.reason}\n`);
    return undefined;
  }
  const { path } = peer;
  const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim();
  return { name: 'otelcol', version, command: (configFile) => [path, '--config', configFile] };
}

export interface RunningGateway {
  readonly pid: number;
  /** SIGTERM, then SIGKILL when it does not end in time. */
  stop(): Promise<void>;
  /** The last lines it wrote. */
  log(): string;
}

export interface StartOptions {
  readonly config: string;
  /** Accepts connections once the gateway is ready. */
  readonly readyPort: number;
  readonly cpu: number | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

export async function startGateway(program: GatewayProgram, options: StartOptions): Promise<RunningGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const configFile = join(folder, 'config.yaml');
  writeFileSync(configFile, options.config);
  const [command, ...args] = pinned(options.cpu, program.command(configFile));
  const child = spawn(command!, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-8000);
    });
  const stop = async () => {
    await endProcess(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilAccepting(options.readyPort, child);
  } catch (error) {
    await stop();
    throw new Error(`${program.name} did not start: ${String(error)}\n${log}`);
  }
  return { pid: child.pid!, stop, log: () => log };
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

async function untilAccepting(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`ended with exit code ${child.exitCode}`);
    if (await accepts(port)) return;
    await delay(50);
  }
  throw new Error(`port ${port} does not accept connections`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
