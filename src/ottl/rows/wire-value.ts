import { FieldReader, WIRE_TYPE, type WireWriter } from '../../pdata/index.ts';
import { isList, isMap, type MapValue, type Value } from '../value.ts';
import { type OnChange, TreeMap } from './tree.ts';
import { doubleAt, isZeroVarint, varintAt } from './wire-number.ts';
import { decodeText, writeText } from './wire-text.ts';

/** Tags of AnyValue's members. */
const STRING = 0x0a;
const BOOL = 0x10;
const INT = 0x18;
const DOUBLE = 0x21;
const ARRAY = 0x2a;
const MAP = 0x32;
const BYTES = 0x3a;

/** Values of lists, maps and of a KeyValue stand in these fields. */
const ELEMENT = 1;
export const KEY = 1;
export const VALUE = 2;

/** Decodes the AnyValue in [start, end). Maps in it tell `onChange` when they change. */
export function readValue(bytes: Uint8Array, start: number, end: number, onChange: OnChange): Value {
  if (start === end) return undefined;
  if (isPlainText(bytes, start, end)) return decodeText(bytes, start + 2, end);
  if (isPlainSmallInt(bytes, start, end)) return varintAt(bytes, start + 1);
  const reader = new FieldReader(bytes, start, end);
  let member = 0;
  let from = 0;
  let to = 0;
  // Of several members the last one counts.
  while (reader.next()) {
    if (!isMember(reader)) continue;
    member = reader.number * 8 + reader.wireType;
    from = reader.start;
    to = reader.end;
  }
  switch (member) {
    case STRING:
      return decodeText(bytes, from, to);
    case BOOL:
      return !isZeroVarint(bytes, from, to);
    case INT:
      return BigInt.asIntN(64, varintAt(bytes, from));
    case DOUBLE:
      return doubleAt(bytes, from);
    case ARRAY:
      return readList(new FieldReader(bytes, from, to), onChange);
    case MAP:
      return readMap(new FieldReader(bytes, from, to), ELEMENT, onChange);
    case BYTES:
      return bytes.slice(from, to);
    default:
      return undefined;
  }
}

/** Whether the AnyValue in [start, end) is a short text as every encoder writes it: two bytes, and the text. */
export function isPlainText(bytes: Uint8Array, start: number, end: number): boolean {
  const size = bytes[start + 1]!;
  return end - start >= 2 && bytes[start] === STRING && size < 0x80 && start + 2 + size === end;
}

/** Whether the AnyValue in [start, end) is a number below 2^14 as every encoder writes it. */
function isPlainSmallInt(bytes: Uint8Array, start: number, end: number): boolean {
  const size = end - start;
  return (
    bytes[start] === INT &&
    (size === 2 || size === 3) &&
    bytes[start + 1]! < 0x80 === (size === 2) &&
    bytes[end - 1]! < 0x80
  );
}

/** A map of the KeyValues that are fields `number` of the message. */
export function readMap(reader: FieldReader, number: number, onChange: OnChange): TreeMap {
  const map = new TreeMap(onChange);
  while (reader.next()) {
    if (!isMessage(reader, number)) continue;
    const { key, value } = readKeyValue(reader.message(), onChange);
    map.append(key, value);
  }
  return map;
}

/** Of repeated keys the last counts; a value in pieces is read as their members in a row. */
export function readKeyValue(reader: FieldReader, onChange: OnChange): { readonly key: string; readonly value: Value } {
  let key = '';
  let value: Value;
  while (reader.next()) {
    if (isMessage(reader, KEY)) key = decodeText(reader.bytes, reader.start, reader.end);
    else if (isMessage(reader, VALUE) && reader.end > reader.start) {
      value = readValue(reader.bytes, reader.start, reader.end, onChange);
    }
  }
  return { key, value };
}

/** The content of an AnyValue; nothing for nil and what an AnyValue cannot hold. */
export function writeValue(writer: WireWriter, value: Value): void {
  switch (typeof value) {
    case 'string':
      writeTextField(writer, STRING >> 3, value);
      return;
    case 'bigint':
      writer.int64Field(INT >> 3, value);
      return;
    case 'number':
      writer.doubleField(DOUBLE >> 3, value);
      return;
    case 'boolean':
      writer.boolField(BOOL >> 3, value);
      return;
    default:
      writeCompound(writer, value);
  }
}

export function writeKeyValue(writer: WireWriter, number: number, key: string, value: Value): void {
  const mark = writer.beginMessage(number);
  writeTextField(writer, KEY, key);
  const inner = writer.beginMessage(VALUE);
  writeValue(writer, value);
  writer.endMessage(inner);
  writer.endMessage(mark);
}

export function writeTextField(writer: WireWriter, number: number, text: string): void {
  const mark = writer.beginMessage(number);
  writeText(writer, text);
  writer.endMessage(mark);
}

function writeCompound(writer: WireWriter, value: Value): void {
  if (value instanceof Uint8Array) writer.bytesField(BYTES >> 3, value);
  else if (isList(value)) writeList(writer, value);
  else if (value !== undefined && isMap(value)) writeMap(writer, value);
}

function writeList(writer: WireWriter, list: readonly Value[]): void {
  const mark = writer.beginMessage(ARRAY >> 3);
  for (const element of list) {
    const inner = writer.beginMessage(ELEMENT);
    writeValue(writer, element);
    writer.endMessage(inner);
  }
  writer.endMessage(mark);
}

function writeMap(writer: WireWriter, map: MapValue): void {
  const mark = writer.beginMessage(MAP >> 3);
  for (const [key, element] of map.entries()) writeKeyValue(writer, ELEMENT, key, element);
  writer.endMessage(mark);
}

function readList(reader: FieldReader, onChange: OnChange): Value[] {
  const list: Value[] = [];
  while (reader.next()) {
    if (isMessage(reader, ELEMENT)) list.push(readValue(reader.bytes, reader.start, reader.end, onChange));
  }
  return list;
}

const MEMBERS: ReadonlySet<number> = new Set([STRING, BOOL, INT, DOUBLE, ARRAY, MAP, BYTES]);

function isMember(reader: FieldReader): boolean {
  return MEMBERS.has(reader.number * 8 + reader.wireType);
}

function isMessage(reader: FieldReader, number: number): boolean {
  return reader.number === number && reader.wireType === WIRE_TYPE.lengthDelimited;
}
