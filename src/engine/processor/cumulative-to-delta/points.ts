import { type FieldReader, WIRE_TYPE } from '../../../pdata/index.ts';

/** What of a point is compared with the one before it. */
export interface NumberState {
  readonly kind: 'int' | 'double';
  readonly int: bigint;
  readonly double: number;
}

export interface HistogramState {
  readonly kind: 'histogram';
  readonly count: bigint;
  readonly sum: number;
  readonly bounds: readonly number[];
  readonly buckets: readonly bigint[];
}

export interface Buckets {
  readonly offset: number;
  readonly counts: readonly bigint[];
}

export interface ExponentialState {
  readonly kind: 'exponential';
  readonly count: bigint;
  readonly sum: number;
  readonly scale: number;
  readonly zeroCount: bigint;
  readonly zeroThreshold: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
}

export type PointState = NumberState | HistogramState | ExponentialState;

/** A cumulative point as far as it matters here; its other fields stay as they are. */
export interface Point {
  readonly start: bigint;
  readonly time: bigint;
  readonly isStale: boolean;
  /** Of a histogram: whether it says its sum, and in a number. */
  readonly hasSum: boolean;
  /** Contents of its attributes. */
  readonly attributes: readonly Uint8Array[];
  readonly state: PointState;
}

const NO_BUCKETS: Buckets = { offset: 0, counts: [] };

/** Fields of the three kinds of points, by the field of the metric that holds them. */
export const POINT_FIELDS = {
  7: { attributes: 7, flags: 8 },
  9: { attributes: 9, flags: 10 },
  10: { attributes: 1, flags: 10 },
} as const;
export type ConvertedField = keyof typeof POINT_FIELDS;

export function readPoint(reader: FieldReader, field: ConvertedField): Point {
  const { attributes: attributesField, flags } = POINT_FIELDS[field];
  const attributes: Uint8Array[] = [];
  let [start, time, isStale] = [0n, 0n, false];
  const rest = field === 7 ? new NumberReader() : field === 9 ? new HistogramReader() : new ExponentialReader();
  while (reader.next()) {
    if (reader.number === attributesField) attributes.push(reader.content());
    else if (reader.number === 2) start = reader.fixed64();
    else if (reader.number === 3) time = reader.fixed64();
    else if (reader.number === flags) isStale = (reader.uint32() & 1) === 1;
    else rest.take(reader);
  }
  return { start, time, isStale, hasSum: rest.hasSum, attributes, state: rest.state() };
}

class NumberReader {
  readonly hasSum = false;
  #kind: 'int' | 'double' = 'int';
  #int = 0n;
  #double = 0;

  take(reader: FieldReader): void {
    if (reader.number === 4) {
      this.#kind = 'double';
      this.#double = reader.double();
    } else if (reader.number === 6) {
      this.#kind = 'int';
      this.#int = reader.sfixed64();
    }
  }

  state(): NumberState {
    return { kind: this.#kind, int: this.#int, double: this.#double };
  }
}

class HistogramReader {
  #count = 0n;
  #sum: number | undefined;
  readonly #bounds: number[] = [];
  readonly #buckets: bigint[] = [];

  get hasSum(): boolean {
    return this.#sum !== undefined && !Number.isNaN(this.#sum);
  }

  take(reader: FieldReader): void {
    if (reader.number === 4) this.#count = reader.fixed64();
    else if (reader.number === 5) this.#sum = reader.double();
    else if (reader.number === 6) eachNumber(reader, WIRE_TYPE.fixed64, (one) => this.#buckets.push(one.fixed64()));
    else if (reader.number === 7) eachNumber(reader, WIRE_TYPE.fixed64, (one) => this.#bounds.push(one.double()));
  }

  state(): HistogramState {
    return { kind: 'histogram', count: this.#count, sum: this.#sum ?? 0, bounds: this.#bounds, buckets: this.#buckets };
  }
}

class ExponentialReader {
  #count = 0n;
  #sum: number | undefined;
  #scale = 0;
  #zeroCount = 0n;
  #zeroThreshold = 0;
  #positive = NO_BUCKETS;
  #negative = NO_BUCKETS;

  get hasSum(): boolean {
    return this.#sum !== undefined && !Number.isNaN(this.#sum);
  }

  take(reader: FieldReader): void {
    if (reader.number === 4) this.#count = reader.fixed64();
    else if (reader.number === 5) this.#sum = reader.double();
    else if (reader.number === 6) this.#scale = reader.sint32();
    else if (reader.number === 7) this.#zeroCount = reader.fixed64();
    else if (reader.number === 8) this.#positive = readBuckets(reader.message());
    else if (reader.number === 9) this.#negative = readBuckets(reader.message());
    else if (reader.number === 14) this.#zeroThreshold = reader.double();
  }

  state(): ExponentialState {
    return {
      kind: 'exponential',
      count: this.#count,
      sum: this.#sum ?? 0,
      scale: this.#scale,
      zeroCount: this.#zeroCount,
      zeroThreshold: this.#zeroThreshold,
      positive: this.#positive,
      negative: this.#negative,
    };
  }
}

function readBuckets(reader: FieldReader): Buckets {
  let offset = 0;
  const counts: bigint[] = [];
  while (reader.next()) {
    if (reader.number === 1) offset = reader.sint32();
    else if (reader.number === 2) eachNumber(reader, WIRE_TYPE.varint, (one) => counts.push(one.uint64()));
  }
  return { offset, counts };
}

/** A list of numbers, packed or one by one. */
function eachNumber(
  reader: FieldReader,
  wireType: typeof WIRE_TYPE.varint | typeof WIRE_TYPE.fixed64,
  take: (one: FieldReader) => void,
): void {
  if (reader.wireType !== WIRE_TYPE.lengthDelimited) take(reader);
  else for (const one of reader.packed(wireType)) take(one);
}
