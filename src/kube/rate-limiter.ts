import { type Clock, sleep } from '../lib/index.ts';

/** A bucket of tokens: `burst` at once, `qps` a second over time. */
export interface RateLimiter {
  /** Resolves when it is this caller's turn, in the order of calls. */
  take(signal?: AbortSignal): Promise<void>;
}

export function createRateLimiter(
  clock: Clock,
  { qps, burst }: { readonly qps: number; readonly burst: number },
): RateLimiter {
  let tokens = burst;
  let filledAtMs = clock.monotonicMs();
  return {
    async take(signal) {
      const nowMs = clock.monotonicMs();
      tokens = Math.min(burst, tokens + ((nowMs - filledAtMs) / 1000) * qps);
      filledAtMs = nowMs;
      // Below zero it is owed: whoever comes later waits longer, which keeps the order.
      tokens -= 1;
      if (tokens < 0) await sleep(clock, (-tokens / qps) * 1000, signal);
    },
  };
}
