import { parseDuration } from '../../../lib/index.ts';

/** A Go duration as Prometheus writes one: whole numbers, and nothing shorter than a millisecond. */
export function prometheusDuration(duration: string): string {
  const ms = Math.max(1, Math.round(parseDuration(duration) ?? 30_000));
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
