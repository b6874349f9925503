import type { Interval } from './estimate.ts';

/** `unclear`: the runs do not tell. */
export type Verdict = 'better' | 'worse' | 'same' | 'unclear';

export interface VerdictOptions {
  readonly better: 'more' | 'less';
  /** Differences below this are of no importance. */
  readonly tolerance: number;
}

/** What a difference to the baseline means. Without an interval nothing can be said. */
export function verdictOf(
  { value, interval }: { readonly value: number; readonly interval?: Interval },
  { better, tolerance }: VerdictOptions,
): Verdict {
  if (interval === undefined) return 'unclear';
  if (interval.low >= -tolerance && interval.high <= tolerance) return 'same';
  const isReal = interval.low > 0 || interval.high < 0;
  if (!isReal || Math.abs(value) < tolerance) return 'unclear';
  return value > 0 === (better === 'more') ? 'better' : 'worse';
}
