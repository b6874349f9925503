import { type MessageName, SCHEMA, tagOf, WIRE_TYPE, wireTypeOf } from '../../pdata/index.ts';
import { IdValue, Time, type Value } from '../value.ts';
import type { MessageView } from './message-view.ts';
import { bigIntOf, doubleAt, fixed32At, fixed64At, isZeroVarint, varint32At, varintAt } from './wire-number.ts';
import { decodeText, isText, writeText } from './wire-text.ts';

/** One field of a message as a value. */
export interface Field<T extends Value = Value> {
  /** What `set` takes; anything else is refused, or passed over, by the place. */
  readonly goType: string;
  accepts(value: Value): value is T;
  get(view: MessageView): Value;
  set(view: MessageView, value: T): void;
  /** Whether the value is this text, encoded. */
  equalsText?(view: MessageView, utf8: Uint8Array): boolean;
}

/** Tag and whether an absent field differs from its zero value, from OTLP's schema. */
export interface FieldAddress {
  readonly tag: number;
  readonly number: number;
  readonly keepsZero: boolean;
  readonly type: string;
  /** For members of a oneof: the tags of the others. */
  readonly rivals: readonly number[];
}

export function addressOf(message: MessageName, name: string): FieldAddress {
  const field = SCHEMA[message].find((one) => one.name === name);
  if (field === undefined) throw new Error(`${message} has no ${name}`);
  const isMember = field.label === 'oneof';
  return {
    tag:
      field.label === 'packed'
        ? tagOf(field.number, WIRE_TYPE.lengthDelimited)
        : tagOf(field.number, wireTypeOf(field.type)),
    number: field.number,
    keepsZero: isMember || field.label === 'optional',
    type: field.type,
    rivals: SCHEMA[message]
      .filter((one) => isMember && one.label === 'oneof' && one !== field)
      .map((one) => tagOf(one.number, wireTypeOf(one.type))),
  };
}

export function textField(message: MessageName, name: string): Field<string> {
  const address = addressOf(message, name);
  return {
    goType: 'string',
    accepts: isString,
    get(view) {
      const at = view.last(address.tag);
      return at < 0 ? '' : decodeText(view.bytesAt(at), view.startAt(at), view.endAt(at));
    },
    equalsText(view, utf8) {
      const at = view.last(address.tag);
      return at < 0 ? utf8.length === 0 : isText(view.bytesAt(at), view.startAt(at), view.endAt(at), utf8);
    },
    set(view, text) {
      put(view, address, text === '', () => writeText(view.arena, text));
    },
  };
}

/** Whole numbers of every width, cut to it as Go's conversions do. */
export function intField(message: MessageName, name: string): Field<bigint> {
  const address = addressOf(message, name);
  const codec = INT_CODECS[address.type];
  if (codec === undefined) throw new Error(`${message}.${name} is no whole number`);
  return {
    goType: 'int64',
    accepts: isInt,
    get(view) {
      const at = view.last(address.tag);
      return at < 0 || isOutvoted(view, address, at) ? 0n : codec.read(view.bytesAt(at), view.startAt(at));
    },
    set(view, value) {
      const cut = codec.cut(value);
      put(view, address, cut === 0n, () => codec.write(view, cut));
    },
  };
}

/** A timestamp as a point in time. The Collector takes its 64 bits for a signed number, so what is beyond 2262 is before 1970. */
export function timeField(message: MessageName, name: string): Field<Time> {
  const nanos = intField(message, name);
  return {
    goType: 'time.Time',
    accepts: (value): value is Time => value instanceof Time,
    get: (view) => new Time(nanos.get(view) as bigint),
    set: (view, time) => nanos.set(view, time.unixNanos),
  };
}

export function doubleField(message: MessageName, name: string): Field<number> {
  const address = addressOf(message, name);
  return {
    goType: 'float64',
    accepts: (value) => typeof value === 'number',
    get(view) {
      const at = view.last(address.tag);
      return at < 0 || isOutvoted(view, address, at) ? 0 : doubleAt(view.bytesAt(at), view.startAt(at));
    },
    set(view, value) {
      put(view, address, Object.is(value, 0), () => view.arena.double(value));
    },
  };
}

export function boolField(message: MessageName, name: string): Field<boolean> {
  const address = addressOf(message, name);
  return {
    goType: 'bool',
    accepts: (value) => typeof value === 'boolean',
    get(view) {
      const at = view.last(address.tag);
      return at >= 0 && !isZeroVarint(view.bytesAt(at), view.startAt(at), view.endAt(at));
    },
    set(view, value) {
      put(view, address, !value, () => view.arena.byte(1));
    },
  };
}

const ID_SIZES = { trace: 16, span: 8 } as const;
const ID_TYPES = { trace: 'pcommon.TraceID', span: 'pcommon.SpanID' } as const;

/** An id that is not there is all zeros, and the other way round. */
export function idField(message: MessageName, name: string, kind: 'trace' | 'span'): Field<IdValue> {
  const address = addressOf(message, name);
  return {
    goType: ID_TYPES[kind],
    accepts: (value): value is IdValue => value instanceof IdValue && value.kind === kind,
    get(view) {
      const at = view.last(address.tag);
      const bytes = new Uint8Array(ID_SIZES[kind]);
      if (at >= 0) bytes.set(view.bytesAt(at).subarray(view.startAt(at), view.endAt(at)).subarray(0, bytes.length));
      return new IdValue(kind, bytes);
    },
    set(view, { bytes }) {
      const isZero = bytes.every((byte) => byte === 0);
      put(view, address, isZero, () => view.arena.rawRange(bytes, 0, bytes.length));
    },
  };
}

/** Puts what `write` writes into the field, or takes the field away if it is zero and an absent one means the same. */
export function put(view: MessageView, address: FieldAddress, isZero: boolean, write: () => void): void {
  for (const rival of address.rivals) view.dropAll(rival);
  if (isZero && !address.keepsZero) {
    view.dropAll(address.tag);
    return;
  }
  const field = view.beginField(address.tag);
  write();
  view.endField(view.last(address.tag), address.tag, field);
}

/** Whether another member of the oneof comes later. */
export function isOutvoted(view: MessageView, { rivals }: FieldAddress, at: number): boolean {
  for (const rival of rivals) if (view.last(rival) > at) return true;
  return false;
}

export function isString(value: Value): value is string {
  return typeof value === 'string';
}

export function isInt(value: Value): value is bigint {
  return typeof value === 'bigint';
}

interface IntCodec {
  read(bytes: Uint8Array, start: number): bigint;
  cut(value: bigint): bigint;
  write(view: MessageView, value: bigint): void;
}

const varint = {
  write: (view: MessageView, value: bigint) => view.arena.varint64(value),
};
const signed32 = (value: bigint) => BigInt.asIntN(32, value);
const unsigned32 = (value: bigint) => BigInt.asUintN(32, value);
const signed64 = (value: bigint) => BigInt.asIntN(64, value);
const int32: IntCodec = { ...varint, read: (bytes, start) => bigIntOf(varint32At(bytes, start)), cut: signed32 };
const fixed64: IntCodec = {
  read: (bytes, start) => signed64(fixed64At(bytes, start)),
  cut: signed64,
  write: (view, value) => view.arena.fixed64(value),
};

const INT_CODECS: Readonly<Record<string, IntCodec>> = {
  enum: int32,
  int32,
  uint32: { ...varint, read: (bytes, start) => bigIntOf(varint32At(bytes, start) >>> 0), cut: unsigned32 },
  sint32: {
    read(bytes, start) {
      const value = varint32At(bytes, start) >>> 0;
      return bigIntOf((value >>> 1) ^ -(value & 1));
    },
    cut: signed32,
    write: (view, value) => view.arena.varint64(value < 0n ? -2n * value - 1n : 2n * value),
  },
  int64: { ...varint, read: (bytes, start) => signed64(varintAt(bytes, start)), cut: signed64 },
  fixed32: {
    read: (bytes, start) => bigIntOf(fixed32At(bytes, start)),
    cut: unsigned32,
    write: (view, value) => view.arena.fixed32(Number(value)),
  },
  fixed64,
  sfixed64: fixed64,
};
