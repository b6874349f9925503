import type { Double } from './metrics.ts';

export type Label = readonly [name: string, value: string];

export interface Sample {
  readonly value: Double;
  readonly timestampMs: bigint;
  /** When counting began; 0n: not known. */
  readonly startMs: bigint;
}

export interface SeriesExemplar {
  readonly labels: readonly Label[];
  readonly value: Double;
  readonly timestampMs: bigint;
}

export interface BucketSpan {
  readonly offset: number;
  length: number;
}

export interface NativeBuckets {
  readonly spans: readonly BucketSpan[];
  readonly deltas: readonly bigint[];
}

export interface NativeHistogram {
  readonly count: bigint;
  readonly sum: Double;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: bigint;
  readonly positive: NativeBuckets;
  readonly negative: NativeBuckets;
  readonly timestampMs: bigint;
  readonly startMs: bigint;
}

/** Numbers of the types in both versions of the protocol. */
export const PROMETHEUS_TYPE = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  summary: 5,
  info: 6,
  stateset: 7,
} as const;

export interface Metadata {
  readonly type: number;
  readonly help: string;
  readonly unit: string;
}

export interface Series {
  /** Sorted by name. */
  readonly labels: readonly Label[];
  readonly metadata: Metadata;
  readonly samples: Sample[];
  readonly histograms: NativeHistogram[];
  readonly exemplars: SeriesExemplar[];
}

/** Series by their labels, in the order in which they came. */
export class SeriesSet {
  readonly #series = new Map<string, Series>();

  of(labels: ReadonlyMap<string, string>, metadata: Metadata): Series {
    const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
    const key = sorted.flat().join('\u00ff');
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const made: Series = { labels: sorted, metadata, samples: [], histograms: [], exemplars: [] };
    this.#series.set(key, made);
    return made;
  }

  /** Samples stand in the order of time, as receivers want them. */
  all(): readonly Series[] {
    const all = [...this.#series.values()];
    for (const { samples } of all)
      if (samples.length > 1) samples.sort((a, b) => Number(a.timestampMs - b.timestampMs));
    return all;
  }
}
