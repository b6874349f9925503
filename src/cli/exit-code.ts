/** Exit codes of every verb. Documented by `sluice help exit-codes`; never renumbered. */
export const EXIT = {
  ok: 0,
  /** It worked, and the answer is no: invalid files, unhealthy, differences. */
  no: 1,
  usage: 2,
  unreachable: 3,
  cannotStart: 4,
  timedOut: 5,
  dataLost: 6,
  warningsOnly: 7,
  internal: 70,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANING: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, 'done; for checks: nothing is wrong'],
  [EXIT.no, 'it worked, and the answer is no: invalid files, unhealthy pipelines'],
  [EXIT.usage, 'usage: unknown verb or flag, ambiguous target'],
  [EXIT.unreachable, 'target unreachable: no engine runs here, or it does not answer'],
  [EXIT.cannotStart, 'could not start: port in use, cannot bind, data directory locked'],
  [EXIT.timedOut, 'timed out while waiting'],
  [EXIT.dataLost, 'data was lost and the caller asked to know'],
  [EXIT.warningsOnly, 'warnings only, with --strict'],
  [EXIT.internal, 'internal error: a bug of Sluice'],
  [EXIT.interrupted, 'interrupted by Ctrl-C, after a clean stop'],
  [EXIT.terminated, 'terminated by SIGTERM, after a clean stop'],
];
