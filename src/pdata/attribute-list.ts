import { readKeyValue, type ValueBytes } from './attribute-value.ts';
import { equalBytes } from './recent-results.ts';
import { FieldReader } from './wire/field-reader.ts';
import { WIRE_TYPE } from './wire/format.ts';
import type { WireWriter } from './wire/wire-writer.ts';

interface Attribute {
  readonly key: string;
  value: ValueBytes;
  /** The KeyValue's content as it came; undefined for one that was added. */
  readonly source: Uint8Array | undefined;
  changed: boolean;
}

/**
 * The attributes of one message, with the rules of the Collector's pcommon.Map for keys that stand twice: reading and
 * setting mean the first, removing removes the first and moves the last into its place.
 */
export class AttributeList {
  readonly #attributes: Attribute[] = [];
  #changed = false;

  /** True once the list differs from what was added to it with `addSource`. */
  get changed(): boolean {
    return this.#changed;
  }

  get size(): number {
    return this.#attributes.length;
  }

  /** Takes one KeyValue as it stands on the wire. */
  addSource(content: Uint8Array): void {
    const { key, value } = readKeyValue(new FieldReader(content));
    this.#attributes.push({ key, value, source: content, changed: false });
  }

  get(key: string): ValueBytes | undefined {
    return this.#find(key)?.value;
  }

  set(key: string, value: ValueBytes): void {
    const attribute = this.#find(key);
    if (attribute !== undefined) {
      this.#change(attribute, value);
      return;
    }
    this.#attributes.push({ key, value, source: undefined, changed: true });
    this.#changed = true;
  }

  remove(key: string): void {
    const at = this.#attributes.findIndex((attribute) => attribute.key === key);
    if (at < 0) return;
    const last = this.#attributes.pop() as Attribute;
    if (at < this.#attributes.length) this.#attributes[at] = last;
    this.#changed = true;
  }

  removeIf(matches: (key: string) => boolean): void {
    const kept = this.#attributes.filter((attribute) => !matches(attribute.key));
    if (kept.length === this.#attributes.length) return;
    this.#attributes.splice(0, this.#attributes.length, ...kept);
    this.#changed = true;
  }

  /** Replaces the value of every attribute whose key matches, duplicates included. */
  mapIf(matches: (key: string) => boolean, map: (value: ValueBytes) => ValueBytes): void {
    for (const attribute of this.#attributes) {
      if (matches(attribute.key)) this.#change(attribute, map(attribute.value));
    }
  }

  /** Writes every attribute as a field of that number; untouched ones byte by byte as they came. */
  write(writer: WireWriter, fieldNumber: number): void {
    for (const attribute of this.#attributes) {
      if (attribute.changed || attribute.source === undefined) writeAttribute(writer, fieldNumber, attribute);
      else writer.bytesField(fieldNumber, attribute.source);
    }
  }

  #find(key: string): Attribute | undefined {
    return this.#attributes.find((attribute) => attribute.key === key);
  }

  #change(attribute: Attribute, value: ValueBytes): void {
    if (equalBytes(attribute.value, value)) return;
    attribute.value = value;
    attribute.changed = true;
    this.#changed = true;
  }
}

function writeAttribute(writer: WireWriter, fieldNumber: number, attribute: Attribute): void {
  const mark = writer.beginMessage(fieldNumber);
  writer.stringField(1, attribute.key);
  writer.bytesField(2, attribute.value);
  if (attribute.source !== undefined) writeRest(writer, new FieldReader(attribute.source));
  writer.endMessage(mark);
}

/** Fields of a KeyValue that are neither key nor value. */
function writeRest(writer: WireWriter, reader: FieldReader): void {
  while (reader.next()) {
    const isKnown = reader.wireType === WIRE_TYPE.lengthDelimited && (reader.number === 1 || reader.number === 2);
    if (!isKnown) writer.raw(reader.field());
  }
}
