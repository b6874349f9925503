import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cores, pinned } from './machine.ts';

/** A program that executes a Collector configuration. */
export interface GatewayProgram {
  readonly name: 'sluice' | 'otelcol';
  readonly version: string;
  command(configFile: string): readonly string[];
}

const READY_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

export interface RunningGateway {
  readonly pid: number;
  /** False once the process has ended, in whatever way. */
  readonly alive: boolean;
  /** SIGTERM, then SIGKILL when it does not end in time. Resolves when it has ended. */
  stop(): Promise<void>;
  /** SIGKILL. Resolves when it has ended. */
  kill(): Promise<void>;
  signal(name: 'SIGHUP'): void;
  /** The last lines it wrote. */
  log(): string;
}

export interface StartOptions {
  readonly config: string;
  /** Accepts connections once the gateway is ready. */
  readonly readyPort: number;
  readonly cpu: Cores;
  readonly env?: Readonly<Record<string, string>>;
  /** Where the configuration is written; absent: a folder of its own, which goes when the gateway is stopped. */
  readonly folder?: string;
}

export async function startGateway(program: GatewayProgram, options: StartOptions): Promise<RunningGateway> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sluice-gateway-'));
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
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    await endProcess(child, signal);
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilAccepting(options.readyPort, child);
  } catch (error) {
    await end('SIGTERM');
    throw new Error(`${program.name} did not start: ${String(error)}\n${log}`);
  }
  return {
    pid: child.pid!,
    get alive() {
      return !hasEnded(child);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    signal: (name) => void child.kill(name),
    log: () => log,
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

async function untilAccepting(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (hasEnded(child)) throw new Error(`ended with ${child.exitCode ?? child.signalCode}`);
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
