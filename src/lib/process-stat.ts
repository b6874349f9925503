/** What Linux tells of a process in `/proc/<pid>/stat`. */
export interface ProcessStat {
  /** It has ended and whoever started it has not asked how: it keeps its id, and nothing else. */
  readonly hasEnded: boolean;
  /** Of its group. */
  readonly group: number;
  /** Used so far, user and system, over all its threads. */
  readonly cpuTicks: number;
  /** Ticks from the boot to its start, which tell it from a later one with the same id; undefined in a text that was cut off. */
  readonly start: string | undefined;
}

/** Source: proc_pid_stat(5), whose fields count from 1. */
export function parseProcessStat(text: string): ProcessStat {
  // The command in parentheses may hold anything, blanks and brackets too; what stands behind it begins with field 3.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => fields[number - 3];
  return {
    hasEnded: field(3) === 'Z' || field(3) === 'X',
    group: Number(field(5)),
    cpuTicks: Number(field(14)) + Number(field(15)),
    start: field(22),
  };
}
