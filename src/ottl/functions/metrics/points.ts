/** Fields that data points of every kind have. */
interface PointFields {
  /** KeyValues. */
  attributes: readonly Uint8Array[];
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
  flags: number;
}

export interface NumberPoint extends PointFields {
  asDouble?: number;
  asInt?: bigint;
  exemplars: readonly Uint8Array[];
}

interface DistributionPoint extends PointFields {
  count: bigint;
  sum?: number;
  min?: number;
  max?: number;
  exemplars: readonly Uint8Array[];
}

export interface HistogramPoint extends DistributionPoint {
  bucketCounts: bigint[];
  explicitBounds: number[];
}

export interface ExponentialPoint extends DistributionPoint {
  scale: number;
  zeroCount: bigint;
  positive?: Uint8Array;
  negative?: Uint8Array;
}

export interface SummaryPoint extends PointFields {
  count: bigint;
  sum: number;
  quantileValues: readonly Uint8Array[];
}

export interface Buckets {
  offset: number;
  bucketCounts: bigint[];
}

export interface Exemplar {
  asDouble?: number;
  asInt?: bigint;
}

export interface Quantile {
  quantile: number;
  value: number;
}

/** As Go converts a float64 to int64 on amd64: what does not fit becomes the smallest number. */
export function toInt64(value: number): bigint {
  const fits = value >= -(2 ** 63) && value < 2 ** 63;
  return fits ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}
