import { readKeyValue, type ValueBytes } from './attribute-value.ts';
import { equalBytes } from './recent-results.ts';
import { FieldReader } from './wire/field-reader.ts';
import { WIRE_TYPE } from './wire/format.ts';
import type { WireWriter } from './wire/wire-writer.ts';

/** A KeyValue: as it came, at [start, end) of `bytes`, or made here. Most are never looked into. */
interface Attribute {
  readonly bytes: Uint8Array | undefined;
  readonly start: number;
  readonly end: number;
  key: string | undefined;
  value: ValueBytes | undefined;
  changed: boolean;
}

const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;

/**
 * The attributes of one message, with the rules of the Collector's pcommon.Map for keys that stand twice: reading and
 * setting mean the first, removing removes the first and moves the last into its place.
 */
export class AttributeList {
  readonly #attributes: Attribute[] = [];
  #changed = false;
  #sourcesChanged = false;

  /** True once the list differs from what was added to it with `addSource`. */
  get changed(): boolean {
    return this.#changed;
  }

  /** True while what was added with `addSource` is all there, as it came and in its order: only `writeNew` is to be written. */
  get sourcesAreUntouched(): boolean {
    return !this.#sourcesChanged;
  }

  get size(): number {
    return this.#attributes.length;
  }

  /** Takes the KeyValue that is the content of this field. */
  addSource({ bytes, start, end }: FieldReader): void {
    this.#attributes.push({ bytes, start, end, key: undefined, value: undefined, changed: false });
  }

  get(key: string): ValueBytes | undefined {
    const attribute = this.#find(key);
    return attribute === undefined ? undefined : decodedValue(attribute);
  }

  set(key: string, value: ValueBytes): void {
    const attribute = this.#find(key);
    if (attribute !== undefined) {
      this.#change(attribute, value);
      return;
    }
    this.#attributes.push({ bytes: undefined, start: 0, end: 0, key, value, changed: true });
    this.#changed = true;
  }

  remove(key: string): void {
    const attribute = this.#find(key);
    if (attribute === undefined) return;
    const at = this.#attributes.indexOf(attribute);
    const last = this.#attributes.pop() as Attribute;
    if (at < this.#attributes.length) this.#attributes[at] = last;
    this.#changed = true;
    this.#sourcesChanged = true;
  }

  removeIf(matches: (key: string) => boolean): void {
    const kept = this.#attributes.filter((attribute) => !matches(keyOf(attribute)));
    if (kept.length === this.#attributes.length) return;
    this.#attributes.splice(0, this.#attributes.length, ...kept);
    this.#changed = true;
    this.#sourcesChanged = true;
  }

  /** Replaces the value of every attribute whose key matches, duplicates included. */
  mapIf(matches: (key: string) => boolean, map: (value: ValueBytes) => ValueBytes): void {
    for (const attribute of this.#attributes) {
      if (matches(keyOf(attribute))) this.#change(attribute, map(decodedValue(attribute)));
    }
  }

  /** Writes every attribute as a field of that number; untouched ones byte by byte as they came. */
  write(writer: WireWriter, fieldNumber: number): void {
    for (const attribute of this.#attributes) {
      const { bytes, start, end, changed } = attribute;
      if (changed || bytes === undefined) writeAttribute(writer, fieldNumber, attribute);
      else {
        writer.lengthPrefix(fieldNumber, end - start);
        writer.rawRange(bytes, start, end);
      }
    }
  }

  /** Writes those that did not come with the message. */
  writeNew(writer: WireWriter, fieldNumber: number): void {
    for (const attribute of this.#attributes) {
      if (attribute.bytes === undefined) writeAttribute(writer, fieldNumber, attribute);
    }
  }

  #find(key: string): Attribute | undefined {
    for (const attribute of this.#attributes) if (hasKey(attribute, key)) return attribute;
    return undefined;
  }

  #change(attribute: Attribute, value: ValueBytes): void {
    if (equalBytes(decodedValue(attribute), value)) return;
    attribute.value = value;
    attribute.changed = true;
    this.#changed = true;
    if (attribute.bytes !== undefined) this.#sourcesChanged = true;
  }
}

function keyOf(attribute: Attribute): string {
  decode(attribute);
  return attribute.key!;
}

function decodedValue(attribute: Attribute): ValueBytes {
  decode(attribute);
  return attribute.value!;
}

function decode(attribute: Attribute): void {
  if (attribute.value !== undefined) return;
  const { key, value } = readKeyValue(new FieldReader(attribute.bytes!, attribute.start, attribute.end));
  attribute.key = key;
  attribute.value = value;
}

/** ASCII keys are compared where they stand, if key and value stand there as every encoder writes them and nothing else does. */
function hasKey(attribute: Attribute, key: string): boolean {
  const { bytes, start, end } = attribute;
  if (attribute.key !== undefined || bytes === undefined) return attribute.key === key;
  const keyEnd = start + 2 + bytes[start + 1]!;
  const isPlain =
    end - start > 1 && bytes[start] === KEY_TAG && bytes[start + 1]! < 0x80 && endsWithValue(bytes, keyEnd, end);
  if (!isPlain) return keyOf(attribute) === key;
  if (keyEnd - start - 2 !== key.length) return mayBeLonger(bytes, start + 2, keyEnd) && keyOf(attribute) === key;
  for (let i = 0; i < key.length; i++) {
    const byte = bytes[start + 2 + i]!;
    if (byte >= 0x80) return keyOf(attribute) === key;
    if (byte !== key.charCodeAt(i)) return false;
  }
  return true;
}

/** A key of more bytes than characters. */
function mayBeLonger(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return true;
  return false;
}

/** Whether [at, end) is one value field, or nothing. */
function endsWithValue(bytes: Uint8Array, at: number, end: number): boolean {
  if (at === end) return true;
  if (at > end || bytes[at] !== VALUE_TAG) return false;
  const first = bytes[at + 1]!;
  if (first < 0x80) return at + 2 + first === end;
  const second = bytes[at + 2]!;
  return second < 0x80 && at + 3 + (first & 0x7f) + second * 0x80 === end;
}

function writeAttribute(writer: WireWriter, fieldNumber: number, attribute: Attribute): void {
  const { bytes, start, end } = attribute;
  const mark = writer.beginMessage(fieldNumber);
  writer.stringField(1, keyOf(attribute));
  writer.bytesField(2, decodedValue(attribute));
  if (bytes !== undefined) writeRest(writer, new FieldReader(bytes, start, end));
  writer.endMessage(mark);
}

/** Fields of a KeyValue that are neither key nor value. */
function writeRest(writer: WireWriter, reader: FieldReader): void {
  while (reader.next()) {
    const isKnown = reader.wireType === WIRE_TYPE.lengthDelimited && (reader.number === 1 || reader.number === 2);
    if (!isKnown) writer.raw(reader.field());
  }
}
