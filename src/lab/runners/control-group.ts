import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, errorMessage } from '../../lib/index.ts';
import { RUN_SKIPPED } from './run-skipped.ts';

/** A control group of Linux, of version 1 or 2: processes that share a limit. */
export interface ControlGroup {
  add(pid: number): void;
  /** In bytes or cores. */
  limit(amount: number): void;
  /** Once its processes have ended. */
  remove(): void;
}

const ROOT = '/sys/fs/cgroup';
/** Short, so that a process that used up its share does not stand still for long. */
const CPU_PERIOD_US = 10_000;

/** Throws a CodedError RUN_SKIPPED where this user may not make one. */
export function createMemoryGroup(name: string, bytes: number): ControlGroup {
  const isV1 = existsSync(join(ROOT, 'memory/memory.limit_in_bytes'));
  const folder = join(ROOT, isV1 ? 'memory' : '', name);
  const file = join(folder, isV1 ? 'memory.limit_in_bytes' : 'memory.max');
  return createGroup(folder, { what: 'memory', amount: bytes, write: (limit) => writeFileSync(file, String(limit)) });
}

/** Throws a CodedError RUN_SKIPPED where this user may not make one. */
export function createCpuGroup(name: string, cores: number): ControlGroup {
  const isV1 = existsSync(join(ROOT, 'cpu/cpu.cfs_quota_us'));
  const folder = join(ROOT, isV1 ? 'cpu' : '', name);
  const write = (limit: number) => {
    const quota = String(Math.round(limit * CPU_PERIOD_US));
    if (!isV1) return writeFileSync(join(folder, 'cpu.max'), `${quota} ${CPU_PERIOD_US}`);
    writeFileSync(join(folder, 'cpu.cfs_period_us'), String(CPU_PERIOD_US));
    writeFileSync(join(folder, 'cpu.cfs_quota_us'), quota);
  };
  return createGroup(folder, { what: 'CPU', amount: cores, write });
}

interface Limit {
  readonly what: string;
  readonly amount: number;
  write(amount: number): void;
}

function createGroup(folder: string, { what, amount, write }: Limit): ControlGroup {
  try {
    mkdirSync(folder);
    write(amount);
  } catch (error) {
    const why = errorMessage(error);
    throw new CodedError(
      RUN_SKIPPED,
      `${what} cannot be limited here, which needs the rights to make a control group: ${why}`,
    );
  }
  return {
    add: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    limit: write,
    remove: () => rmdirSync(folder),
  };
}
