import { type Clock, CodedError, sleep } from '../../lib/index.ts';

export interface Waiting {
  readonly clock: Clock;
  /** Of the clock's monotonic time. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

const PAUSE_MS = 500;

/**
 * Asks until `missing` answers undefined. Rejects with a CodedError `timeout` that names what was missing last, or with the
 * reason of the signal.
 */
export async function waitUntil(
  missing: () => Promise<string | undefined>,
  { clock, deadlineMs, signal }: Waiting,
): Promise<void> {
  for (;;) {
    const left = await missing();
    if (left === undefined) return;
    if (clock.monotonicMs() >= deadlineMs) throw new CodedError('timeout', left);
    await sleep(clock, PAUSE_MS, signal);
  }
}
