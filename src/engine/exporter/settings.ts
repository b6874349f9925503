/** A parsed `retry_on_failure` that is enabled. */
export interface RetrySettings {
  readonly initialIntervalMs: number;
  readonly randomizationFactor: number;
  readonly multiplier: number;
  readonly maxIntervalMs: number;
  /** 0: no limit. */
  readonly maxElapsedMs: number;
}
