import { FieldReader } from './wire/field-reader.ts';
import { WIRE_TYPE } from './wire/format.ts';
import { WireWriter } from './wire/wire-writer.ts';

/** A value as configuration gives it. A whole `number` is an integer, as YAML's `1` is; every other `number` is a double. */
export type AttributeValue =
  | string
  | bigint
  | number
  | boolean
  | null
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

/** Field numbers of AnyValue's members; 0 stands for the empty value. */
export const VALUE = { empty: 0, string: 1, bool: 2, int: 3, double: 4, array: 5, map: 6, bytes: 7 } as const;

/** The content of an AnyValue message, without tag and length. */
export type ValueBytes = Uint8Array;

export function encodeValue(value: AttributeValue): ValueBytes {
  const writer = new WireWriter(32);
  writeValue(writer, value);
  return writer.finish();
}

export function textValue(text: string): ValueBytes {
  return encodeValue(text);
}

export function intValue(value: bigint): ValueBytes {
  const writer = new WireWriter(12);
  writer.int64Field(VALUE.int, value);
  return writer.finish();
}

export function doubleValue(value: number): ValueBytes {
  const writer = new WireWriter(12);
  writer.doubleField(VALUE.double, value);
  return writer.finish();
}

/** The member that counts, which is the last; undefined for the empty value. */
export function memberOf(value: ValueBytes): FieldReader | undefined {
  const reader = new FieldReader(value);
  let member: FieldReader | undefined;
  let fieldStart = -1;
  while (reader.next()) if (isMember(reader)) fieldStart = reader.fieldStart;
  if (fieldStart >= 0) {
    member = new FieldReader(value, fieldStart);
    member.next();
  }
  return member;
}

/** Text as the Collector's `AsString` makes it: maps and lists as JSON, bytes as base64. */
export function valueAsText(value: ValueBytes): string {
  const member = memberOf(value);
  if (member === undefined) return '';
  switch (member.number) {
    case VALUE.string:
      return member.string();
    case VALUE.double:
      return doubleAsText(member.double());
    case VALUE.array:
    case VALUE.map:
      return jsonOf(value) ?? '';
    default:
      return scalarText(member);
  }
}

/** Go's spelling: `json: unsupported value` is what the Collector really puts into the attribute. */
function doubleAsText(value: number): string {
  if (Number.isNaN(value)) return 'json: unsupported value: NaN';
  if (!Number.isFinite(value)) return `json: unsupported value: ${value > 0 ? '+' : '-'}Inf`;
  return finiteText(value);
}

function finiteText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function scalarText(member: FieldReader): string {
  if (member.number === VALUE.bool) return String(member.bool());
  return member.number === VALUE.int ? String(member.int64()) : base64(member.content());
}

/** JSON as Go writes it: keys sorted, the last of equal keys kept; undefined where a double has no JSON. */
function jsonOf(value: ValueBytes): string | undefined {
  const member = memberOf(value);
  if (member === undefined) return 'null';
  switch (member.number) {
    case VALUE.string:
      return quote(member.string());
    case VALUE.bytes:
      return quote(base64(member.content()));
    case VALUE.double:
      return Number.isFinite(member.double()) ? finiteText(member.double()) : undefined;
    case VALUE.array:
      return arrayJson(member.message());
    case VALUE.map:
      return mapJson(member.message());
    default:
      return scalarText(member);
  }
}

function arrayJson(values: FieldReader): string | undefined {
  const elements: string[] = [];
  while (values.next()) {
    if (values.number !== 1) continue;
    const json = jsonOf(values.content());
    if (json === undefined) return undefined;
    elements.push(json);
  }
  return `[${elements.join(',')}]`;
}

function mapJson(values: FieldReader): string | undefined {
  const members = new Map<string, string>();
  while (values.next()) {
    if (values.number !== 1) continue;
    const { key, value } = readKeyValue(values.message());
    const json = jsonOf(value);
    if (json === undefined) return undefined;
    members.set(key, json);
  }
  const keys = [...members.keys()].sort(byCodePoint);
  return `{${keys.map((key) => `${quote(key)}:${members.get(key)}`).join(',')}}`;
}

/** Go sorts by UTF-8 bytes, which is the order of code points. */
function byCodePoint(left: string, right: string): number {
  const a = [...left];
  const b = [...right];
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at].codePointAt(0) as number) - (b[at].codePointAt(0) as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Go escapes these five for HTML and JavaScript. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const EMPTY = new Uint8Array(0);

/** Key and value of a KeyValue; of repeated fields the last, a value in pieces put together. */
export function readKeyValue(reader: FieldReader): { readonly key: string; readonly value: ValueBytes } {
  let key = '';
  let value: ValueBytes = EMPTY;
  while (reader.next()) {
    if (reader.wireType !== WIRE_TYPE.lengthDelimited) continue;
    if (reader.number === 1) key = reader.string();
    else if (reader.number === 2) value = value.length === 0 ? reader.content() : joined(value, reader.content());
  }
  return { key, value };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function isMember(field: FieldReader): boolean {
  return field.number >= VALUE.string && field.number <= VALUE.bytes;
}

function writeValue(writer: WireWriter, value: AttributeValue): void {
  if (value === null) return;
  switch (typeof value) {
    case 'string':
      writer.stringField(VALUE.string, value);
      break;
    case 'boolean':
      writer.boolField(VALUE.bool, value);
      break;
    case 'bigint':
      writer.int64Field(VALUE.int, value);
      break;
    case 'number':
      if (Number.isSafeInteger(value)) writer.int64Field(VALUE.int, BigInt(value));
      else writer.doubleField(VALUE.double, value);
      break;
    default:
      writeCompound(writer, value);
  }
}

function writeCompound(
  writer: WireWriter,
  value: readonly AttributeValue[] | { readonly [key: string]: AttributeValue },
): void {
  const isList = Array.isArray(value);
  const compound = writer.beginMessage(isList ? VALUE.array : VALUE.map);
  for (const [key, member] of Object.entries(value)) {
    const element = writer.beginMessage(1);
    if (isList) writeValue(writer, member);
    else {
      writer.stringField(1, key);
      const inner = writer.beginMessage(2);
      writeValue(writer, member);
      writer.endMessage(inner);
    }
    writer.endMessage(element);
  }
  writer.endMessage(compound);
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
