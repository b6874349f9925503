import type { Buckets, DataPoint, Double } from './metrics.ts';
import type { BucketSpan, NativeBuckets, NativeHistogram } from './series.ts';

/** What Prometheus takes for "ended", as the bits of a double. */
export const STALE_BITS = 0x7ff0000000000002n;
export const STALE: Double = { number: Number.NaN, bits: STALE_BITS };

const MAX_SCHEMA = 8;
const MIN_SCHEMA = -4;
const DEFAULT_ZERO_THRESHOLD = 1e-128;
/** Gaps up to this are filled with empty buckets. */
const SMALL_GAP = 2;

/** Undefined where the scale is coarser than Prometheus has. Source: exponentialToNativeHistogram of the translator at 0.149. */
export function nativeHistogram(
  point: DataPoint,
  { timestampMs, startMs }: { readonly timestampMs: bigint; readonly startMs: bigint },
): NativeHistogram | undefined {
  if (point.scale < MIN_SCHEMA) return undefined;
  const scaleDown = Math.max(0, point.scale - MAX_SCHEMA);
  return {
    count: point.stale ? STALE_BITS : point.count,
    sum: point.stale ? STALE : (point.sum ?? { number: 0 }),
    schema: Math.min(point.scale, MAX_SCHEMA),
    zeroThreshold: point.zeroThreshold === 0 ? DEFAULT_ZERO_THRESHOLD : point.zeroThreshold,
    zeroCount: point.zeroCount,
    positive: nativeBuckets(point.positive, scaleDown),
    negative: nativeBuckets(point.negative, scaleDown),
    timestampMs,
    startMs,
  };
}

/** Dense buckets as spans of buckets that hold something; Prometheus counts them by their upper bound, one further. */
export function nativeBuckets({ offset, counts }: Buckets, scaleDown: number): NativeBuckets {
  if (counts.length === 0) return { spans: [], deltas: [] };
  const merged = mergedBuckets({ offset, counts }, scaleDown);
  const spans: BucketSpan[] = [{ offset: merged.first, length: 0 }];
  const deltas: bigint[] = [];
  let [before, next] = [0n, merged.first];
  const append = (count: bigint) => {
    spans.at(-1)!.length++;
    deltas.push(count - before);
    before = count;
  };
  for (const [index, count] of merged.buckets) {
    const gap = index - next;
    if (gap > SMALL_GAP) spans.push({ offset: gap, length: 0 });
    else for (let empty = 0; empty < gap; empty++) append(0n);
    append(count);
    next = index + 1;
  }
  return { spans, deltas };
}

/** Buckets that hold something, and the last in any case, by index; neighbours of a finer scale are added up. */
function mergedBuckets(
  { offset, counts }: Buckets,
  scaleDown: number,
): { readonly first: number; readonly buckets: [number, bigint][] } {
  const indexOf = (i: number) => ((offset + i) >> scaleDown) + 1;
  const buckets: [number, bigint][] = [];
  counts.forEach((count, i) => {
    const last = buckets.at(-1);
    if (last !== undefined && last[0] === indexOf(i)) last[1] += count;
    else buckets.push([indexOf(i), count]);
  });
  const first = buckets[0]![0];
  return { first, buckets: buckets.filter(([, count], i) => count !== 0n || i === buckets.length - 1) };
}
