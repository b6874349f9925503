import { type FunctionEnvironment, type FunctionSpec, InvalidArgument } from '../../function.ts';
import { parameters } from '../argument.ts';
import { oneOfTexts } from './arguments.ts';
import { decodeFields, encodeFields } from './codec.ts';
import { readMetric, replaceMetric } from './metric.ts';
import type { Buckets, ExponentialPoint } from './points.ts';

const ALGORITHMS = ['upper', 'midpoint', 'random', 'uniform'] as const;

export const CONVERT_EXPONENTIAL_HISTOGRAM: FunctionSpec = {
  name: 'convert_exponential_histogram_to_histogram',
  parameters: parameters(['distribution_fn', 'string'], ['explicit_bounds', '[]float']),
  contexts: ['metric'],
  doc: 'Makes an exponential histogram one with these bounds; the algorithm says where a bucket goes that lies between them.',
  example: 'convert_exponential_histogram_to_histogram("uniform", [0.0, 10.0, 100.0, 1000.0])',
  create([algorithmText, boundsList], environment) {
    const algorithm = oneOfTexts(algorithmText === '' ? 'random' : algorithmText, ALGORITHMS, {
      index: 0,
      what: 'algorithm',
    });
    const bounds = boundsList as readonly number[];
    if (bounds.length === 0) throw new InvalidArgument(1, 'the list of bounds must not be empty');
    const distribute = DISTRIBUTE[algorithm];
    return (row) => {
      const { kind, name, description, unit, temporality, points } = readMetric(row);
      if (kind !== 'exponentialHistogram') return undefined;
      const converted = points.map((point) => convertPoint(point, bounds, { distribute, environment }));
      const head = { name, description, unit, metadata: [] };
      replaceMetric(row, { ...head, kind: 'histogram', temporality, monotonic: false, points: converted });
      return undefined;
    };
  },
};

interface Converter {
  readonly distribute: Distribute;
  readonly environment: FunctionEnvironment;
}

function convertPoint(bytes: Uint8Array, bounds: readonly number[], converter: Converter): Uint8Array {
  const point = decodeFields<ExponentialPoint>('ExponentialHistogramDataPoint', bytes);
  const { attributes, startTimeUnixNano, timeUnixNano, count, exemplars, sum = 0, min = 0, max = 0 } = point;
  return encodeFields('HistogramDataPoint', {
    ...{ attributes, startTimeUnixNano, timeUnixNano, count, exemplars, sum, min, max },
    explicitBounds: bounds,
    bucketCounts: bucketCountsOf(point, bounds, converter),
  });
}

/** As many buckets as bounds, as the Collector counts them: what lies above the last bound is in the last one. */
function bucketCountsOf(
  point: ExponentialPoint,
  bounds: readonly number[],
  { distribute, environment }: Converter,
): bigint[] {
  const counts = bounds.map(() => 0n);
  if (point.zeroCount > 0n && bounds[0] === 0) counts[0]! += point.zeroCount;
  if (point.positive === undefined) return counts;
  const { offset, bucketCounts } = decodeFields<Buckets>('Buckets', point.positive);
  const factor = Math.LN2 * 2 ** -point.scale;
  for (const [at, count] of bucketCounts.entries()) {
    const index = offset + at;
    const bucket = { count, lower: Math.exp(index * factor), upper: Math.exp((index + 1) * factor) };
    const within = bounds.findIndex((bound, i) => i > 0 && bucket.lower > bounds[i - 1]! && bucket.upper <= bound);
    if (bucket.lower > bounds.at(-1)!) counts[bounds.length - 1]! += count;
    else if (within > 0) counts[within - 1]! += count;
    else distribute(bucket, bounds, { counts, environment });
  }
  return counts.map((count) => BigInt.asUintN(64, count));
}

interface Bucket {
  readonly count: bigint;
  readonly lower: number;
  readonly upper: number;
}

interface Target {
  readonly counts: bigint[];
  readonly environment: FunctionEnvironment;
}

type Distribute = (bucket: Bucket, bounds: readonly number[], target: Target) => void;

const DISTRIBUTE: Readonly<Record<(typeof ALGORITHMS)[number], Distribute>> = {
  upper({ count, upper }, bounds, { counts }) {
    const at = bounds.findIndex((bound) => upper <= bound);
    counts[at < 0 ? bounds.length - 1 : at]! += count;
  },
  midpoint({ count, lower, upper }, bounds, { counts }) {
    const at = bounds.findIndex((bound) => (lower + upper) / 2 <= bound);
    counts[at < 0 ? bounds.length - 1 : Math.max(0, at - 1)]! += count;
  },
  uniform({ count, lower, upper }, bounds, { counts }) {
    const { start, end } = reach(bounds, lower, upper);
    const width = BigInt(end - start + 1);
    for (let at = start; at <= end; at++) counts[at]! += count / width + (BigInt(at - start) < count % width ? 1n : 0n);
  },
  random({ count, lower, upper }, bounds, { counts, environment }) {
    const { start, end } = reach(bounds, lower, upper);
    let left = count;
    for (let at = start; at < end; at++) {
      const from = Math.max(at === 0 ? lower : bounds[at - 1]!, lower);
      const share = (Math.min(bounds[at]!, upper) - from) / (upper - lower);
      const given = BigInt(Math.trunc(fraction(environment) * Math.trunc(Number(count) * share)));
      counts[at]! += given;
      left -= given;
    }
    spread(left, { start, end }, { counts, environment });
  },
};

interface Reach {
  readonly start: number;
  readonly end: number;
}

/** The buckets that [lower, upper] touches. */
function reach(bounds: readonly number[], lower: number, upper: number): Reach {
  const last = bounds.length - 1;
  const indexOf = (value: number) => {
    const at = bounds.findIndex((bound) => value <= bound);
    return at < 0 ? last : at;
  };
  const start = indexOf(lower);
  return { start, end: Math.max(start, indexOf(upper)) };
}

/** What is left over goes to buckets in reach in about equal parts: one by one, as the Collector does, could take for ever. */
function spread(left: bigint, { start, end }: Reach, { counts, environment }: Target): void {
  const width = end - start + 1;
  const each = left / BigInt(width);
  for (let at = start; at <= end; at++) counts[at]! += each;
  for (let rest = left - each * BigInt(width); rest > 0n; rest--) {
    counts[start + Math.trunc(fraction(environment) * width)]! += 1n;
  }
}

/** In [0, 1). */
function fraction({ randomBytes }: FunctionEnvironment): number {
  const bytes = randomBytes(4);
  return (((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0) / 2 ** 32;
}
