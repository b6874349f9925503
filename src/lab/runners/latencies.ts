import type { SettledRequests } from './load-process.ts';

/**
 * Milliseconds from the moment at which a request was due to its first arrival at a backend, for every request that arrived:
 * a sender that a gateway keeps waiting sends late, and that counts. The wall clock of one machine, read to the millisecond,
 * stands at both ends.
 */
export function latenciesMs(sent: SettledRequests, arrivals: Float64Array): number[] {
  const latencies: number[] = [];
  for (const [index, request] of sent.request.entries()) {
    const arrivedAtMs = arrivals[request] ?? Number.NaN;
    if (!Number.isNaN(arrivedAtMs)) latencies.push(Math.max(0, arrivedAtMs - sent.dueAtMs[index]!));
  }
  return latencies.sort((a, b) => a - b);
}

/** Of values in ascending order; NaN when there are none. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** The longest time without an acknowledged request between two moments of the wall clock, ms. */
export function longestGapMs(probes: SettledRequests, fromMs: number, untilMs: number): number {
  const successes = [
    ...probes.settledAtMs.filter((at, index) => probes.ok[index] === 1 && at >= fromMs && at <= untilMs),
  ];
  const moments = [fromMs, ...successes.sort((a, b) => a - b), untilMs];
  return moments.slice(1).reduce((longest, moment, index) => Math.max(longest, moment - moments[index]!), 0);
}
