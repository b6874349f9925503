import type { Buckets, ExponentialState, HistogramState, NumberState, PointState } from './points.ts';

/** What a point adds to the one before it; undefined where the series began again or changed its form. Source: tracker.go at 0.149. */
export function difference(now: PointState, before: PointState): PointState | undefined {
  switch (now.kind) {
    case 'histogram':
      return histogramDifference(now, before as HistogramState);
    case 'exponential':
      return exponentialDifference(now, before as ExponentialState);
    default:
      return numberDifference(now, before as NumberState);
  }
}

function numberDifference(now: NumberState, before: NumberState): NumberState | undefined {
  const isReset = now.kind === 'double' ? now.double < before.double : now.int < before.int;
  if (isReset) return undefined;
  return { kind: now.kind, int: now.int - before.int, double: now.double - before.double };
}

/** A histogram whose count went down began again: what it has now is what was added. */
function histogramDifference(now: HistogramState, before: HistogramState): HistogramState | undefined {
  const sameForm =
    now.buckets.length === before.buckets.length &&
    now.bounds.length === before.bounds.length &&
    now.bounds.every((bound, i) => bound === before.bounds[i]);
  if (!sameForm) return undefined;
  if (now.count < before.count) return now;
  return {
    ...now,
    count: now.count - before.count,
    sum: now.sum - before.sum,
    buckets: now.buckets.map((count, i) => BigInt.asUintN(64, count - before.buckets[i]!)),
  };
}

function exponentialDifference(now: ExponentialState, before: ExponentialState): ExponentialState | undefined {
  if (now.count < before.count || now.zeroThreshold < before.zeroThreshold || now.scale > before.scale) {
    return undefined;
  }
  const old = coarsened(widenedZero(before, now.zeroThreshold), now.scale);
  return {
    ...now,
    count: now.count - before.count,
    sum: now.sum - before.sum,
    zeroCount: BigInt.asUintN(64, now.zeroCount - old.zeroCount),
    positive: bucketDifference(now.positive, old.positive),
    negative: bucketDifference(now.negative, old.negative),
  };
}

/** As it would be had its zero bucket always been as wide. */
function widenedZero(state: ExponentialState, threshold: number): ExponentialState {
  if (threshold === state.zeroThreshold) return state;
  const last = Math.ceil(Math.log(threshold) * Math.LOG2E * 2 ** state.scale) - 1;
  const [positive, negative] = [withoutZeros(state.positive, last), withoutZeros(state.negative, last)];
  return {
    ...state,
    zeroCount: state.zeroCount + positive.zeroCount + negative.zeroCount,
    positive: positive.buckets,
    negative: negative.buckets,
  };
}

function withoutZeros(
  { offset, counts }: Buckets,
  last: number,
): { readonly buckets: Buckets; readonly zeroCount: bigint } {
  const index = last - offset;
  if (index < 0) return { buckets: { offset, counts }, zeroCount: 0n };
  const trimmed = Math.min(index + 1, counts.length);
  return {
    buckets: { offset: offset + trimmed, counts: counts.slice(trimmed) },
    zeroCount: counts.slice(0, trimmed).reduce((sum, count) => sum + count, 0n),
  };
}

function coarsened(state: ExponentialState, scale: number): ExponentialState {
  const bits = state.scale - scale;
  if (bits === 0) return state;
  return { ...state, scale, positive: coarse(state.positive, bits), negative: coarse(state.negative, bits) };
}

function coarse({ offset, counts }: Buckets, bits: number): Buckets {
  const first = offset >> bits;
  const merged: bigint[] = [];
  counts.forEach((count, i) => {
    const index = ((offset + i) >> bits) - first;
    merged[index] = (merged[index] ?? 0n) + count;
  });
  return { offset: first, counts: merged };
}

/** Buckets that grew, from the first such to the last. One that shrank did not, for all that is known. */
function bucketDifference(now: Buckets, old: Buckets): Buckets {
  let offset = 0;
  const counts: bigint[] = [];
  now.counts.forEach((count, i) => {
    const bucket = now.offset + i;
    const before = old.counts[bucket - old.offset] ?? 0n;
    if (count <= before) return;
    if (counts.length === 0) offset = bucket;
    while (offset + counts.length < bucket) counts.push(0n);
    counts.push(count - before);
  });
  return { offset, counts };
}
