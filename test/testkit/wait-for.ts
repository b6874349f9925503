import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly pollMs?: number;
}

/** Polls until `probe` is true; false when the time is over. Errors of the probe pass through. */
export async function becomesTrue(
  probe: () => boolean | Promise<boolean>,
  { timeoutMs = 10_000, pollMs = 20 }: WaitOptions = {},
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await probe())) {
    if (performance.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}

/** Like becomesTrue, but throws `still not: <what>` when the time is over. */
export async function waitFor(
  what: string,
  probe: () => boolean | Promise<boolean>,
  options?: WaitOptions,
): Promise<void> {
  if (!(await becomesTrue(probe, options))) throw new Error(`still not: ${what}`);
}
