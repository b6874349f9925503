import { readFileSync } from 'node:fs';
import { errorCode, parseProcessStat } from '../lib/index.ts';

/** A process, told from a later one that was given the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and start time; empty where the system does not tell, then the id alone decides. */
  readonly started: string;
}

/** Undefined when no such process runs. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  // 0 and negative numbers would ask after process groups.
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') return undefined; // EPERM: it runs, as somebody else
  }
  const text = readText(`/proc/${pid}/stat`);
  const stat = text === undefined ? undefined : parseProcessStat(text);
  return stat?.hasEnded ? undefined : { pid, started: startMark(stat?.start) };
}

/** Whether the process that left this identity behind still runs. After `kill -9` and a reuse of its id it does not. */
export function stillRuns({ pid, started }: ProcessIdentity): boolean {
  const now = identifyProcess(pid);
  return now !== undefined && (started === '' || now.started === '' || now.started === started);
}

function startMark(start: string | undefined): string {
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim();
  return boot === undefined || start === undefined ? '' : `${boot}/${start}`;
}

/** Undefined without /proc. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
