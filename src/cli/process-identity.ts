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
  const stat = readStat(pid);
  return stat?.isDead ? undefined : { pid, started: startMark(stat) };
}

/** Whether the process that left this identity behind still runs. After `kill -9` and a reuse of its id it does not. */
export function stillRuns({ pid, started }: ProcessIdentity): boolean {
  const now = identifyProcess(pid);
  return now !== undefined && (started === '' || now.started === '' || now.started === started);
}

interface ProcessStat {
  /** It has ended, and whoever started it has not asked how: it keeps its id, and nothing else. */
  readonly isDead: boolean;
  /** Ticks since the boot. */
  readonly startTime: string | undefined;
}

const STATES_OF_THE_DEAD = ['Z', 'X'];
const FIELDS_BEFORE_START_TIME = 19;

/** Undefined without /proc. Source: proc_pid_stat(5). */
function readStat(pid: number): ProcessStat | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold spaces; the fields after it don't.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { isDead: STATES_OF_THE_DEAD.includes(fields[0]!), startTime: fields[FIELDS_BEFORE_START_TIME] };
}

function startMark(stat: ProcessStat | undefined): string {
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim();
  return boot === undefined || stat?.startTime === undefined ? '' : `${boot}/${stat.startTime}`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
