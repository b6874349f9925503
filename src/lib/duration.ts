const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

/**
 * Parses a Go duration such as `1.5s`, `200ms` or `1h30m` into milliseconds; undefined when it is not one.
 * Source: time.ParseDuration of Go, without the sign. A bare `0` is allowed there and here.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/gy;
  let total = 0;
  let end = 0;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    total += Number(match[1]) * UNIT_MS[match[2] as string]!;
    end = part.lastIndex;
  }
  // Nanoseconds are the finest Go knows; rounding to them takes away what 8.168 × 1000 leaves behind.
  return end === text.length && end > 0 ? Math.round(total * 1e6) / 1e6 : undefined;
}

/** Writes milliseconds in the shortest Go form: 1500 → `1.5s`, 200 → `200ms`, 90000 → `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3.6e6);
  const minutes = Math.floor((ms % 3.6e6) / 6e4);
  const seconds = (ms % 6e4) / 1000;
  return `${hours ? `${hours}h` : ''}${minutes ? `${minutes}m` : ''}${seconds ? `${seconds}s` : ''}`;
}
