import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import { Duration, durationMs, settingsObject } from './schema.ts';

/** A parsed `retry_on_failure` that is enabled. */
export interface RetrySettings {
  readonly initialIntervalMs: number;
  readonly randomizationFactor: number;
  readonly multiplier: number;
  readonly maxIntervalMs: number;
  /** 0: no limit. */
  readonly maxElapsedMs: number;
}

export const RetryConfig = settingsObject({
  enabled: Type.Boolean(),
  initial_interval: Duration,
  randomization_factor: Type.Number({ minimum: 0, maximum: 1 }),
  multiplier: Type.Number({ minimum: 0 }),
  max_interval: Duration,
  max_elapsed_time: Duration,
});
type RetryConfig = Static<typeof RetryConfig>;

/** Source: configretry.NewDefaultBackOffConfig at 1.55. */
export const defaultRetry: RetrySettings = {
  initialIntervalMs: 5000,
  randomizationFactor: 0.5,
  multiplier: 1.5,
  maxIntervalMs: 30_000,
  maxElapsedMs: 300_000,
};

/**
 * Undefined when retrying is switched off. What a storage keeps is tried for ever unless `max_elapsed_time` says otherwise:
 * its limit is the age that the storage allows.
 */
export function parseRetry(
  config: RetryConfig = {},
  queue?: { readonly storage?: unknown } | undefined,
): RetrySettings | undefined {
  if (config.enabled === false) return undefined;
  return {
    initialIntervalMs: durationMs(config.initial_interval, defaultRetry.initialIntervalMs),
    randomizationFactor: config.randomization_factor ?? defaultRetry.randomizationFactor,
    multiplier: config.multiplier ?? defaultRetry.multiplier,
    maxIntervalMs: durationMs(config.max_interval, defaultRetry.maxIntervalMs),
    maxElapsedMs: durationMs(config.max_elapsed_time, queue?.storage === undefined ? defaultRetry.maxElapsedMs : 0),
  };
}

/** The Collector refuses a limit that the first wait would pass. */
export function checkRetry(config: RetryConfig | undefined): Issue[] {
  const retry = parseRetry(config);
  if (retry === undefined || retry.maxElapsedMs === 0) return [];
  const checks = [
    ['initial_interval', retry.initialIntervalMs],
    ['max_interval', retry.maxIntervalMs],
  ] as const;
  return checks
    .filter(([, ms]) => ms > retry.maxElapsedMs)
    .map(([key]) => ({
      code: 'SL0105',
      severity: 'error',
      message: `\`max_elapsed_time\` must not be less than \`${key}\``,
      path: ['retry_on_failure', config?.max_elapsed_time === undefined ? key : 'max_elapsed_time'],
    }));
}
