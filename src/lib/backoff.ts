/** Settings of an exponential backoff with jitter, as the Collector's `retry_on_failure` means them. */
export interface BackoffOptions {
  readonly initialIntervalMs: number;
  readonly maxIntervalMs: number;
  readonly multiplier: number;
  /** 0 to 1: the delay is drawn from interval × (1 ± factor). */
  readonly randomizationFactor: number;
}

export interface Backoff {
  /** The next delay; grows with every call until the maximum. */
  nextDelayMs(): number;
  reset(): void;
}

/** A multiplier below 1 or full jitter would let the waits shrink to a loop; the Collector's do. */
const LEAST_DELAY_MS = 10;

/** `random` returns numbers in [0, 1); it is an argument so that tests are repeatable. */
export function createBackoff(options: BackoffOptions, random: () => number): Backoff {
  let interval = options.initialIntervalMs;
  return {
    nextDelayMs() {
      const spread = options.randomizationFactor * interval;
      const delay = interval - spread + random() * 2 * spread;
      interval = Math.min(interval * options.multiplier, options.maxIntervalMs);
      return Math.max(delay, LEAST_DELAY_MS);
    },
    reset() {
      interval = options.initialIntervalMs;
    },
  };
}
