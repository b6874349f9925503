import {
  FieldReader,
  type FieldSpec,
  type MessageName,
  mergeRequests,
  REQUEST_MESSAGE,
  SCHEMA,
  type Signal,
  WIRE_TYPE,
} from '../../pdata/index.ts';
import { toBase64, toHex } from './binary-text.ts';
import type { DataOf } from './otlp-json.ts';

/** A validated request as plain objects in OTLP/JSON shape: for viewers and exporters that print, not for the hot path. */
export function decodeToObject<S extends Signal>(signal: S, bytes: Uint8Array): DataOf[S] {
  return decodeTree(signal, bytes, jsonDouble) as DataOf[S];
}

/** How a finite double stands in the tree: itself, or an object in place of negative zero. The others are strings. */
export type FiniteDouble = (value: number) => unknown;

const jsonDouble: FiniteDouble = (value) => value;

export function decodeTree(signal: Signal, bytes: Uint8Array, finiteDouble: FiniteDouble): unknown {
  return decodeMessage(REQUEST_MESSAGE[signal], new FieldReader(bytes), finiteDouble);
}

function decodeMessage(name: MessageName, reader: FieldReader, finiteDouble: FiniteDouble): Record<string, unknown> {
  const fields = SCHEMA[name];
  const found = new Map<FieldSpec, unknown>();
  while (reader.next()) {
    const field = fields.find((candidate) => candidate.number === reader.number);
    if (field !== undefined) addField(fields, found, field, reader, finiteDouble);
  }
  const result: Record<string, unknown> = {};
  for (const field of fields) {
    const value = finishField(field, found.get(field), finiteDouble);
    if (value !== undefined) result[field.name] = value;
  }
  return result;
}

function addField(
  fields: readonly FieldSpec[],
  found: Map<FieldSpec, unknown>,
  field: FieldSpec,
  reader: FieldReader,
  finiteDouble: FiniteDouble,
): void {
  if (field.label === 'repeated' || field.label === 'packed') {
    const list = (found.get(field) ?? []) as unknown[];
    found.set(field, list);
    if (field.label === 'packed' && reader.wireType === WIRE_TYPE.lengthDelimited)
      addPacked(list, field, reader, finiteDouble);
    else list.push(decodeValue(field, reader, finiteDouble));
    return;
  }
  if (field.label === 'oneof') for (const other of fields) if (other.label === 'oneof') found.delete(other);
  if (field.type === 'message' && field.label === 'single') {
    // A message that comes in several pieces is their concatenation.
    found.set(field, [...((found.get(field) ?? []) as Uint8Array[]), reader.content()]);
  } else {
    found.set(field, decodeValue(field, reader, finiteDouble));
  }
}

function addPacked(list: unknown[], field: FieldSpec, reader: FieldReader, finiteDouble: FiniteDouble): void {
  for (const element of reader.packed(field.type === 'uint64' ? WIRE_TYPE.varint : WIRE_TYPE.fixed64)) {
    list.push(decodeValue(field, element, finiteDouble));
  }
}

/** What the Collector writes for the field, or undefined where it writes nothing. */
function finishField(field: FieldSpec, value: unknown, finiteDouble: FiniteDouble): unknown {
  if (field.label === 'single' && field.message !== undefined) {
    const pieces = value as Uint8Array[] | undefined;
    if (pieces === undefined && !field.always) return undefined;
    return decodeMessage(field.message, new FieldReader(mergeRequests(pieces ?? [])), finiteDouble);
  }
  return field.label === 'single' && isDefault(field, value) ? undefined : value;
}

function isDefault(field: FieldSpec, value: unknown): boolean {
  if (value === undefined) return true;
  if (field.type === 'traceId' || field.type === 'spanId') return /^0*$/.test(value as string);
  // A finite double may stand as an object of the caller's; only a negative zero does, and that's a default too.
  if (field.type === 'double') return value === 0 || typeof value === 'object';
  return value === 0 || value === '0' || value === '' || value === false;
}

function decodeValue(field: FieldSpec, reader: FieldReader, finiteDouble: FiniteDouble): unknown {
  switch (field.type) {
    case 'message':
      return decodeMessage(field.message as MessageName, reader.message(), finiteDouble);
    case 'string':
      return reader.string();
    case 'bytes':
      return toBase64(reader.content());
    case 'traceId':
    case 'spanId':
      return toHex(reader.content());
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
      return String(reader.int64());
    case 'uint64':
      return String(reader.uint64());
    case 'fixed32':
      return reader.fixed32();
    case 'fixed64':
      return String(reader.fixed64());
    case 'sfixed64':
      return String(reader.sfixed64());
    case 'double':
      return decodeDouble(reader.double(), finiteDouble);
  }
}

function decodeDouble(value: number, finiteDouble: FiniteDouble): unknown {
  return Number.isFinite(value) ? finiteDouble(value) : String(value);
}
