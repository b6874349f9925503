import { decodeFields, encodeFields } from './codec.ts';
import type { MetricKind } from './metric.ts';
import type { AnyPoint } from './point-groups.ts';
import { type Buckets, type ExponentialPoint, type HistogramPoint, type NumberPoint, toInt64 } from './points.ts';

export const AGGREGATIONS = ['sum', 'mean', 'min', 'max', 'median', 'count'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** The first of a group, with what the others add to it; histograms are added up whatever the aggregation. */
export function mergePoints(kind: MetricKind, group: readonly AnyPoint[], aggregation: Aggregation): object {
  const [first, ...others] = group as readonly [AnyPoint, ...AnyPoint[]];
  if (kind === 'histogram') return mergeHistograms(first, others.filter(isCounted));
  if (kind === 'exponentialHistogram') return mergeExponential(first, others.filter(isCounted));
  return { ...first, ...mergedNumber(group, aggregation), startTimeUnixNano: earliest(group) };
}

function isCounted({ count }: HistogramPoint): boolean {
  return count !== 0n;
}

function earliest(points: readonly AnyPoint[]): bigint {
  return points.reduce(
    (start, point) => (point.startTimeUnixNano < start ? point.startTimeUnixNano : start),
    points[0]!.startTimeUnixNano,
  );
}

/** Of the type of the first. */
function mergedNumber(
  group: readonly NumberPoint[],
  aggregation: Aggregation,
): Pick<NumberPoint, 'asInt' | 'asDouble'> {
  const first = group[0]!;
  if (first.asDouble !== undefined) return { asDouble: DOUBLES[aggregation](group.map(doubleOf)) };
  if (first.asInt === undefined) return {};
  // The Collector takes a double for 0 where it adds whole numbers up.
  const exact = aggregation === 'sum' || aggregation === 'mean';
  const values = group.map((point) => (exact ? (point.asInt ?? 0n) : intOf(point)));
  return { asInt: BigInt.asIntN(64, INTS[aggregation](values)) };
}

function doubleOf({ asDouble, asInt }: NumberPoint): number {
  return asDouble ?? Number(asInt ?? 0n);
}

function intOf({ asInt, asDouble }: NumberPoint): bigint {
  return asInt ?? (asDouble === undefined ? 0n : toInt64(asDouble));
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value);
const wrapped = (value: bigint) => BigInt.asIntN(64, value);
const totalOf = (values: readonly bigint[]) => wrapped(values.reduce((sum, value) => sum + value));

/** One value counts as itself: a group of one is left alone. */
const DOUBLES: Readonly<Record<Aggregation, (values: readonly number[]) => number>> = {
  sum: sumOf,
  mean: (values) => sumOf(values) / values.length,
  min: (values) => values.reduce((least, value) => Math.min(least, value)),
  max: (values) => values.reduce((most, value) => Math.max(most, value)),
  median: medianOf,
  count: (values) => (values.length === 1 ? values[0]! : values.length),
};

const INTS: Readonly<Record<Aggregation, (values: readonly bigint[]) => bigint>> = {
  sum: totalOf,
  mean: (values) => totalOf(values) / BigInt(values.length),
  min: (values) => values.reduce((least, value) => (value < least ? value : least)),
  max: (values) => values.reduce((most, value) => (value > most ? value : most)),
  median(values) {
    const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const middle = Math.trunc(sorted.length / 2);
    if (sorted.length % 2 === 1) return sorted[middle]!;
    return wrapped(sorted[middle - 1]! + sorted[middle]!) / 2n;
  },
  count: (values) => (values.length === 1 ? values[0]! : BigInt(values.length)),
};

/** NaN comes before all numbers, as Go sorts. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) =>
    Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : Number.isNaN(b) ? 1 : a - b,
  );
  const middle = Math.trunc(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const uint64 = (value: bigint) => BigInt.asUintN(64, value);

function mergeHistograms(first: HistogramPoint, others: readonly HistogramPoint[]): HistogramPoint {
  const merged = { ...first, bucketCounts: [...first.bucketCounts] };
  for (const other of others) {
    addDistribution(merged, other);
    for (const [at, count] of other.bucketCounts.entries()) {
      merged.bucketCounts[at] = uint64((merged.bucketCounts[at] ?? 0n) + count);
    }
  }
  return merged;
}

function addDistribution(merged: HistogramPoint | ExponentialPoint, other: HistogramPoint | ExponentialPoint): void {
  merged.count = uint64(merged.count + other.count);
  merged.sum = (merged.sum ?? 0) + (other.sum ?? 0);
  if (merged.min !== undefined && merged.min > (other.min ?? 0)) merged.min = other.min ?? 0;
  if (merged.max !== undefined && merged.max < (other.max ?? 0)) merged.max = other.max ?? 0;
  merged.exemplars = [...merged.exemplars, ...other.exemplars];
  if (other.startTimeUnixNano < merged.startTimeUnixNano) merged.startTimeUnixNano = other.startTimeUnixNano;
}

function mergeExponential(first: ExponentialPoint, others: readonly ExponentialPoint[]): ExponentialPoint {
  const merged = { ...first };
  for (const other of others) {
    addDistribution(merged, other);
    merged.zeroCount = uint64(merged.zeroCount + other.zeroCount);
    for (const side of ['positive', 'negative'] as const) {
      merged[side] = encodeFields('Buckets', mergeBuckets(bucketsOf(merged[side]), bucketsOf(other[side])));
    }
  }
  return merged;
}

function bucketsOf(bytes: Uint8Array = new Uint8Array(0)): Buckets {
  return decodeFields<Buckets>('Buckets', bytes);
}

/** Bucket by bucket, as the Collector does it: what lies below the first offset is put in front without its empty buckets. */
function mergeBuckets(into: Buckets, from: Buckets): Buckets {
  const counts = [...into.bucketCounts];
  const shift = from.offset - into.offset;
  if (shift < 0) counts.unshift(...from.bucketCounts.filter((count) => count > 0n));
  for (const [at, count] of from.bucketCounts.entries()) {
    if (shift < 0 || (shift > 0 && count === 0n)) continue;
    while (counts.length <= at + shift) counts.push(0n);
    counts[at + shift] = uint64(counts[at + shift]! + count);
  }
  if (shift === 0 || from.bucketCounts.length === 0) return { offset: into.offset, bucketCounts: counts };
  const firstFilled = counts.findIndex((count) => count !== 0n);
  return {
    offset: Math.min(into.offset, from.offset),
    bucketCounts: counts.slice(firstFilled < 0 ? counts.length : firstFilled),
  };
}
