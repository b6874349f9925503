import { readFileSync } from 'node:fs';
import { errorCode } from '../lib/index.ts';

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
  return { pid, started: startMark(pid) };
}

/** Whether the process that left this identity behind still runs. After `kill -9` and a reuse of its id it does not. */
export function stillRuns({ pid, started }: ProcessIdentity): boolean {
  const now = identifyProcess(pid);
  return now !== undefined && (started === '' || now.started === '' || now.started === started);
}

const FIELDS_BEFORE_START_TIME = 19;

function startMark(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the fields after it don't.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[FIELDS_BEFORE_START_TIME];
    return ticks === undefined ? '' : `${boot}/${ticks}`;
  } catch {
    return ''; // no /proc on this system
  }
}
