import {
  FieldReader,
  type FieldSpec,
  type MessageName,
  SCHEMA,
  WIRE_TYPE,
  WireWriter,
  wireTypeOf,
} from '../../../pdata/index.ts';
import { decodeText, writeText } from '../../rows/wire-text.ts';

/** A message by the names of its fields; messages in it stay bytes. Fields that are absent and must be told apart are missing. */
export type Fields = Record<string, unknown>;

/** What belongs to no field is left out. */
export function decodeFields<T extends object>(name: MessageName, bytes: Uint8Array): T {
  const fields: Fields = {};
  for (const spec of SCHEMA[name]) {
    if (spec.label === 'repeated' || spec.label === 'packed') fields[spec.name] = [];
    else if (spec.label === 'single') fields[spec.name] = ZERO[spec.type];
  }
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    const spec = SCHEMA[name].find((one) => one.number === reader.number);
    if (spec !== undefined) take(fields, spec, reader, SCHEMA[name]);
  }
  return fields as T;
}

/** The opposite: zeros where they mean nothing, and lists without elements, are not written. */
export function encodeFields(name: MessageName, message: object): Uint8Array {
  const fields = message as Fields;
  const writer = new WireWriter();
  for (const spec of SCHEMA[name]) {
    const value = fields[spec.name];
    if (value === undefined) continue;
    if (spec.label === 'packed') writePacked(writer, spec, value as readonly unknown[]);
    else if (spec.label === 'repeated') for (const one of value as readonly unknown[]) writeOne(writer, spec, one);
    else if (spec.label !== 'single' || !isZero(value)) writeOne(writer, spec, value);
  }
  return writer.finish();
}

const EMPTY = new Uint8Array(0);

const ZERO: Readonly<Record<FieldSpec['type'], unknown>> = {
  string: '',
  bytes: EMPTY,
  traceId: EMPTY,
  spanId: EMPTY,
  bool: false,
  uint32: 0,
  int32: 0,
  sint32: 0,
  enum: 0,
  int64: 0n,
  uint64: 0n,
  fixed32: 0,
  fixed64: 0n,
  sfixed64: 0n,
  double: 0,
  message: EMPTY,
};

function isZero(value: unknown): boolean {
  return value instanceof Uint8Array
    ? value.length === 0
    : value === '' || value === false || value === 0n || Object.is(value, 0);
}

function take(fields: Fields, spec: FieldSpec, reader: FieldReader, siblings: readonly FieldSpec[]): void {
  const wireType = wireTypeOf(spec.type);
  if (spec.label === 'packed') {
    const list = fields[spec.name] as unknown[];
    if (reader.wireType === wireType) list.push(readOne(spec, reader));
    else if (reader.wireType === WIRE_TYPE.lengthDelimited) {
      for (const element of reader.packed(wireType as typeof WIRE_TYPE.fixed64)) list.push(readOne(spec, element));
    }
    return;
  }
  if (reader.wireType !== wireType) return;
  const value = readOne(spec, reader);
  if (spec.label === 'repeated') (fields[spec.name] as unknown[]).push(value);
  else
    fields[spec.name] =
      spec.type === 'message' ? joined(fields[spec.name] as Uint8Array | undefined, value as Uint8Array) : value;
  if (spec.label !== 'oneof') return;
  for (const other of siblings) if (other.label === 'oneof' && other !== spec) delete fields[other.name];
}

/** A message in pieces is all of them. */
function joined(before: Uint8Array = EMPTY, after: Uint8Array): Uint8Array {
  if (before.length === 0) return after;
  const whole = new Uint8Array(before.length + after.length);
  whole.set(before);
  whole.set(after, before.length);
  return whole;
}

function readOne({ type }: FieldSpec, reader: FieldReader): unknown {
  switch (type) {
    case 'string':
      return decodeText(reader.bytes, reader.start, reader.end);
    case 'bool':
      return reader.bool();
    case 'uint32':
      return reader.uint32();
    case 'int32':
    case 'enum':
      return reader.int32();
    case 'sint32':
      return reader.sint32();
    case 'int64':
      return reader.int64();
    case 'uint64':
      return reader.uint64();
    case 'fixed32':
      return reader.fixed32();
    case 'fixed64':
      return reader.fixed64();
    case 'sfixed64':
      return reader.sfixed64();
    case 'double':
      return reader.double();
    default:
      return reader.content();
  }
}

function writePacked(writer: WireWriter, spec: FieldSpec, values: readonly unknown[]): void {
  if (values.length === 0) return;
  const mark = writer.beginMessage(spec.number);
  for (const value of values) writeValue(writer, spec, value);
  writer.endMessage(mark);
}

function writeOne(writer: WireWriter, spec: FieldSpec, value: unknown): void {
  const wireType = wireTypeOf(spec.type);
  if (wireType !== WIRE_TYPE.lengthDelimited) {
    writer.tag(spec.number, wireType);
    writeValue(writer, spec, value);
    return;
  }
  const mark = writer.beginMessage(spec.number);
  if (typeof value === 'string') writeText(writer, value);
  else writer.raw(value as Uint8Array);
  writer.endMessage(mark);
}

function writeValue(writer: WireWriter, { type }: FieldSpec, value: unknown): void {
  switch (type) {
    case 'double':
      writer.double(value as number);
      return;
    case 'fixed32':
      writer.fixed32(value as number);
      return;
    case 'fixed64':
    case 'sfixed64':
      writer.fixed64(value as bigint);
      return;
    case 'sint32': {
      const number = value as number;
      writer.varint64(BigInt(number < 0 ? -2 * number - 1 : 2 * number));
      return;
    }
    default:
      writer.varint64(BigInt(value as number | bigint | boolean));
  }
}
