import type { MetricsSample } from '../../flow/index.ts';

/** Senders that know the Pod learn that it is gone: names are resolved again after 30 s, connections end after 60 s. */
export const LEAVE_MS = 90_000;
/** Nothing came and nothing waited for so long. */
const QUIET_MS = 30_000;

/** Whether a Pod that is out of the Service since `sinceMs` holds nothing any more; false while that is not known. */
export function isEmpty(samples: readonly MetricsSample[], sinceMs: number, nowMs: number): boolean {
  const newest = samples.at(-1);
  if (newest === undefined || nowMs - newest.atMs > QUIET_MS || nowMs - sinceMs < LEAVE_MS) return false;
  const quiet = samples.filter(({ atMs }) => newest.atMs - atMs <= QUIET_MS);
  if (newest.atMs - quiet[0]!.atMs < QUIET_MS / 2) return false;
  return quiet.every((sample) => taken(sample) === taken(newest) && queued(sample) === 0);
}

function taken({ intake }: MetricsSample): number {
  return Object.values(intake).reduce((sum, { accepted }) => sum + accepted, 0);
}

function queued({ exporters }: MetricsSample): number {
  return Object.values(exporters).reduce((sum, { queueSize }) => sum + queueSize, 0);
}
