import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, errorMessage } from '../../lib/index.ts';
import { RUN_SKIPPED } from './run-skipped.ts';

/** A control group of Linux that limits the memory of processes. */
export interface MemoryGroup {
  add(pid: number): void;
  limit(bytes: number): void;
  /** Once its processes have ended. */
  remove(): void;
}

const V1 = '/sys/fs/cgroup/memory';
const V2 = '/sys/fs/cgroup';

/** Throws a CodedError RUN_SKIPPED where this user may not make one. */
export function createMemoryGroup(name: string, bytes: number): MemoryGroup {
  const isV1 = existsSync(join(V1, 'memory.limit_in_bytes'));
  const folder = join(isV1 ? V1 : V2, name);
  const limitFile = join(folder, isV1 ? 'memory.limit_in_bytes' : 'memory.max');
  const group: MemoryGroup = {
    add: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    limit: (limitBytes) => writeFileSync(limitFile, String(limitBytes)),
    remove: () => rmdirSync(folder),
  };
  try {
    mkdirSync(folder);
    group.limit(bytes);
  } catch (error) {
    throw new CodedError(
      RUN_SKIPPED,
      `memory cannot be limited here, which needs the rights to make a control group: ${errorMessage(error)}`,
    );
  }
  return group;
}
