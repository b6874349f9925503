const NANOS_PER_SECOND = 1_000_000_000n;
/** The last second an RFC 3339 year of four digits can say; a fixed64 of nanoseconds ends before it. */
const MAX_NANOS = 2n ** 64n - 1n;

/** Nanoseconds since the epoch from a decimal string; 0 for what is missing or no number. */
export function parseNanos(text: string | number | undefined): bigint {
  if (text === undefined || !/^\d{1,20}$/.test(String(text))) return 0n;
  const nanos = BigInt(text);
  return earlier(nanos, MAX_NANOS);
}

/** RFC 3339 in UTC with all nine digits, so that it sorts as text. */
export function formatNanos(nanos: bigint): string {
  const fraction = String(nanos % NANOS_PER_SECOND).padStart(9, '0');
  const seconds = new Date(Number(nanos / NANOS_PER_SECOND) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${fraction}Z`;
}

/** Exact below 104 days, which is when a double of nanoseconds stops being so. */
export function secondsBetween(from: bigint, to: bigint): number {
  return Number(to - from) / 1e9;
}

export function compareNanos(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function earlier(a: bigint, b: bigint): bigint {
  return compareNanos(a, b) <= 0 ? a : b;
}

export function later(a: bigint, b: bigint): bigint {
  return compareNanos(a, b) >= 0 ? a : b;
}
