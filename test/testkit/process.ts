import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { errorCode } from '../../src/lib/index.ts';
import { becomesTrue } from './wait-for.ts';

/** What tells that a started process is ready for use; all that are given must hold. */
export interface Readiness {
  /** A line of its standard output or standard error. */
  readonly line?: RegExp;
  /** Loopback ports that accept connections. */
  readonly ports?: readonly number[];
  /** An address that answers 2xx. */
  readonly url?: string;
  readonly file?: string;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  readonly ready?: Readiness;
  readonly timeoutMs?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  /** SIGTERM, and SIGKILL to the whole group when it has not ended within `graceMs`. */
  stop(options?: { readonly graceMs?: number }): Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
}

const OUTPUT_LIMIT = 1_000_000;
const OUTPUT_SHOWN = 4_000;

/** Starts a program in a process group of its own and waits until it is ready. Fails with its output when it is not. */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: StartOptions = {},
): Promise<RunningProcess> {
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const running = watch(child);
  try {
    await waitUntilReady(running, options);
  } catch (error) {
    await running.stop({ graceMs: 0 });
    const output = `${running.stdout()}${running.stderr()}`.slice(-OUTPUT_SHOWN);
    throw new Error(`${command} ${args.join(' ')}: ${(error as Error).message}; its output ends with:\n${output}`);
  }
  return running;
}

function watch(child: ChildProcess): RunningProcess {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (chunk: string) => {
      output[name] = (output[name] + chunk).slice(-OUTPUT_LIMIT);
    });
  }
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      output.stderr += error.message;
      resolve({ code: null, signal: null });
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const signalGroup = (signal: NodeJS.Signals) => killGroup(child, signal);
  return {
    pid: child.pid ?? 0,
    exited,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    kill: signalGroup,
    async stop({ graceMs = 10_000 } = {}) {
      signalGroup('SIGTERM');
      const timer = setTimeout(() => signalGroup('SIGKILL'), graceMs);
      const exit = await exited;
      clearTimeout(timer);
      signalGroup('SIGKILL');
      return exit;
    },
  };
}

/** Signals what is left of the group: children outlive a leader that was killed. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

async function waitUntilReady(running: RunningProcess, options: StartOptions): Promise<void> {
  let exit: Exit | undefined;
  void running.exited.then((value) => {
    exit = value;
  });
  const { ready = {}, timeoutMs = 20_000 } = options;
  const isReady = await becomesTrue(async () => exit !== undefined || holds(running, ready), { timeoutMs });
  if (exit !== undefined && options.ready !== undefined) {
    throw new Error(`ended with code ${exit.code ?? exit.signal} before it was ready`);
  }
  if (!isReady) throw new Error(`not ready after ${timeoutMs} ms`);
}

async function holds(running: RunningProcess, { line, ports = [], url, file }: Readiness): Promise<boolean> {
  if (line !== undefined && !line.test(`${running.stdout()}\n${running.stderr()}`)) return false;
  if (file !== undefined && !existsSync(file)) return false;
  for (const port of ports) if (!(await accepts(port))) return false;
  return url === undefined || answers(url);
}

/** Whether something on loopback accepts connections at `port`. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
