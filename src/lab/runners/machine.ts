import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, cpus } from 'node:os';
import { parseProcessStat } from '../../lib/index.ts';

/** Linux' USER_HZ: /proc counts CPU time in hundredths of a second on every architecture we measure. */
const TICKS_PER_SECOND = 100;

export interface CpuPlan {
  /** Undefined where processes cannot be pinned. */
  readonly gateway: Cores;
  readonly generator: Cores;
  readonly sink: Cores;
  readonly description: string;
}

/** Who runs on which core: with three or more, everyone on their own; with two, generator and sink share. */
export function cpuPlan(): CpuPlan {
  const count = availableParallelism();
  if (count < 2 || spawnSync('taskset', ['--version']).status !== 0)
    return { gateway: undefined, generator: undefined, sink: undefined, description: 'not pinned to cores' };
  if (count < 3)
    return {
      gateway: '1',
      generator: '0',
      sink: '0',
      description: 'gateway on core 1, generator and sink share core 0',
    };
  return {
    gateway: '1',
    generator: '2',
    sink: count > 3 ? '3' : '0',
    description: 'gateway, generator and sink on a core each',
  };
}

/** Cores as `taskset -c` names them, `1` or `0,1`; undefined: any. */
export type Cores = string | undefined;

/** The command line that runs `command` on these cores. */
export function pinned(cores: Cores, command: readonly string[]): readonly string[] {
  return cores === undefined ? command : ['taskset', '-c', cores, ...command];
}

/** For several gateways, generators and sinks at once: half of the cores for each side. */
export function splitCores(): { readonly gateways: Cores; readonly load: Cores } {
  const count = availableParallelism();
  if (count < 4 || spawnSync('taskset', ['--version']).status !== 0) return { gateways: undefined, load: undefined };
  const half = Math.floor(count / 2);
  return { gateways: `0-${half - 1}`, load: `${half}-${count - 1}` };
}

export function machineName(): string {
  const memoryGiB = Math.round(Number(/MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) / 2 ** 20);
  return `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${availableParallelism()} cores, ${memoryGiB} GiB`;
}

/** CPU seconds a process has used so far, user and system, over all its threads. */
export function cpuSecondsOf(pid: number): number {
  return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).cpuTicks / TICKS_PER_SECOND;
}

/** CPU seconds of the whole machine that were not idle. */
export function busySecondsOfMachine(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}

export interface MemoryMiB {
  readonly now: number;
  readonly peak: number;
}

export function memoryOf(pid: number): MemoryMiB {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** Lets the peak of a process begin anew at what it holds now; false where the kernel does not let us. Source: proc_pid_clear_refs(5). */
export function resetPeakMemory(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return true;
  } catch {
    return false;
  }
}

/** Below the ports that kernels give to connections, so that none takes a port between this look and its use. */
const FIRST_PORT = 12_000;
const PORT_COUNT = 18_000;

/** `count` ports of loopback in a row that were free a moment ago, the first of them at random. */
export async function freePorts(count: number): Promise<number[]> {
  for (let tried = 0; tried < 1000; tried++) {
    const first = FIRST_PORT + Math.floor(Math.random() * (PORT_COUNT - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every((free) => free)) return ports;
  }
  throw new Error(`no ${count} ports in a row from ${FIRST_PORT} to ${FIRST_PORT + PORT_COUNT - 1} are free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
