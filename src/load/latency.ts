/** Latencies in buckets that grow by a sixteenth of a power of two: quantiles are right within 5 %, memory is fixed. */
export interface LatencyRecorder {
  record(ms: number): void;
  readonly count: number;
  /** NaN before the first record. */
  quantileMs(q: number): number;
  maxMs(): number;
}

const STEPS_PER_DOUBLING = 16;
const SMALLEST_MS = 0.001;
const BUCKETS = STEPS_PER_DOUBLING * 32;

export function createLatencyRecorder(): LatencyRecorder {
  const buckets = new Float64Array(BUCKETS);
  let count = 0;
  let max = Number.NaN;
  return {
    record(ms) {
      const position = Math.ceil(Math.log2(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) * STEPS_PER_DOUBLING);
      buckets[Math.min(position, BUCKETS - 1)]! += 1;
      count++;
      if (!(ms <= max)) max = ms;
    },
    get count() {
      return count;
    },
    quantileMs(q) {
      const rank = Math.max(1, Math.ceil(q * count));
      let seen = 0;
      for (let i = 0; i < BUCKETS; i++) {
        seen += buckets[i]!;
        if (seen >= rank) return Math.min(max, SMALLEST_MS * 2 ** (i / STEPS_PER_DOUBLING));
      }
      return Number.NaN;
    },
    maxMs: () => max,
  };
}
