/**
 * What OTTL computes with.
 *
 * nil is `undefined`; int64 is `bigint` and double is `number`, so the two are never mixed up; bytes are `Uint8Array`. A string
 * that came with invalid UTF-8 holds a lone surrogate U+DC80 to U+DCFF for each byte that is none, so that it is written as it
 * came.
 */
export type Value =
  | undefined
  | string
  | bigint
  | number
  | boolean
  | Uint8Array
  | MapValue
  | ListValue
  | Time
  | Duration
  | IdValue;

/** Keys in the order they were written; a `Map`, or a view that decodes what is asked for and writes through. */
export interface MapValue {
  readonly size: number;
  get(key: string): Value;
  has(key: string): boolean;
  set(key: string, value: Value): unknown;
  /** Where telemetry is read and written, this moves the last entry into the gap, as pcommon.Map.Remove does. */
  delete(key: string): boolean;
  /** As pcommon.Map.RemoveIf: what stays keeps its order, and of keys that stand twice both are looked at. */
  removeIf?(matches: (key: string) => boolean): void;
  /** Puts what is made of each value in its place, of keys that stand twice as well; says whether any differs. */
  changeEach?(change: (value: Value) => Value): boolean;
  clear(): void;
  keys(): IterableIterator<string>;
  entries(): IterableIterator<[string, Value]>;
}

export type ListValue = Value[];

/** A point in time, as Go's `time.Time`: the offset only matters for its parts and its text. */
export class Time {
  readonly unixNanos: bigint;
  readonly zone: Zone;

  constructor(unixNanos: bigint, zone: Zone = UTC) {
    this.unixNanos = unixNanos;
    this.zone = zone;
  }
}

/** An IANA name, or a fixed offset. */
export type Zone = { readonly name: string } | { readonly name: string; readonly offsetSeconds: number };

export const UTC: Zone = { name: 'UTC', offsetSeconds: 0 };

/** As Go's `time.Duration`, in nanoseconds, within int64. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A trace id (16 bytes), span id (8) or profile id (16): what `trace_id` yields, which is no byte slice. */
export class IdValue {
  readonly kind: 'trace' | 'span' | 'profile';
  readonly bytes: Uint8Array;

  constructor(kind: 'trace' | 'span' | 'profile', bytes: Uint8Array) {
    this.kind = kind;
    this.bytes = bytes;
  }
}

export function isMap(value: Value): value is MapValue {
  return (
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    typeof (value as Partial<MapValue>).entries === 'function'
  );
}

export function isList(value: Value): value is ListValue {
  return Array.isArray(value);
}
