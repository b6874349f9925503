import { FieldReader, tagOf, WIRE_TYPE, type WireWriter } from '../../pdata/index.ts';
import type { MapValue, Value } from '../value.ts';
import type { FieldList } from './field-list.ts';
import { FIELD_STATE } from './field-table.ts';
import { adopt, type OnChange } from './tree.ts';
import { decodeText, encodeText, isText } from './wire-text.ts';
import { isPlainText, KEY, readKeyValue, readValue, VALUE, writeValue } from './wire-value.ts';

const KEY_TAG = tagOf(KEY, WIRE_TYPE.lengthDelimited);
const VALUE_TAG = tagOf(VALUE, WIRE_TYPE.lengthDelimited);
const IN_ARENA = FIELD_STATE.arena;
const MAX_KEYS_KEPT = 256;
const MAX_SEARCHED = 128;
const MAX_TEXT_KEPT = 128;
const ignore = () => {};
/** Stands for what an AnyValue cannot hold. */
const UNHOLDABLE = new Uint8Array(0);
const EMPTY_MAP: MapValue = new Map();

/** A key as text and as bytes, to look for without decoding any other. */
export interface AttributeKey {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** What was last set, and the KeyValue of it when it was set twice in a row: most statements set one value again and again. */
  lastSet: string | undefined;
  lastEntry: Uint8Array | undefined;
}

export function attributeKey(text: string): AttributeKey {
  return { text, bytes: encodeText(text), lastSet: undefined, lastEntry: undefined };
}

/**
 * The KeyValues that stand in one field of a message, as a map that reads and writes them where they are; the map of whatever
 * message its view is pointed at. Keys that stand twice: as in TreeMap.
 */
export class AttributeMap implements MapValue {
  readonly #view: FieldList;
  readonly #tag: number;
  readonly #keys = new Map<string, AttributeKey>();
  readonly #positions = new Map<string, number>();
  #generation = -1;
  #indexedTo = 0;

  constructor(view: FieldList, fieldNumber: number) {
    this.#view = view;
    this.#tag = tagOf(fieldNumber, WIRE_TYPE.lengthDelimited);
  }

  get size(): number {
    let size = 0;
    for (let at = this.#first(); at >= 0; at = this.#next(at)) size += 1;
    return size;
  }

  get(key: string): Value {
    return this.read(this.#keyOf(key));
  }

  has(key: string): boolean {
    return this.#find(this.#keyOf(key)) >= 0;
  }

  /** A value that an AnyValue cannot hold leaves what is there, which for a new key is nil. */
  set(key: string, value: Value): void {
    this.write(this.#keyOf(key), value);
  }

  delete(key: string): boolean {
    const index = this.#find(this.#keyOf(key));
    if (index >= 0) this.#view.dropBySwap(index);
    return index >= 0;
  }

  /** Keeps the order of what stays, and looks at every entry of a key that stands twice. */
  removeIf(matches: (key: string) => boolean): void {
    for (let at = this.#first(); at >= 0; at = this.#next(at)) if (matches(this.#keyAt(at))) this.#view.drop(at);
  }

  changeEach(change: (value: Value) => Value): boolean {
    let isChanged = false;
    for (let at = this.#first(); at >= 0; at = this.#next(at)) {
      const value = this.#valueAt(at, ignore);
      const changed = change(value);
      if (changed === value) continue;
      this.#put(at, attributeKey(this.#keyAt(at)), adopt(changed, value, ignore));
      isChanged = true;
    }
    return isChanged;
  }

  clear(): void {
    this.#view.dropAll(this.#tag);
  }

  *keys(): IterableIterator<string> {
    for (let at = this.#first(); at >= 0; at = this.#next(at)) yield this.#keyAt(at);
  }

  *entries(): IterableIterator<[string, Value]> {
    for (let at = this.#first(); at >= 0; at = this.#next(at)) {
      const { key, value } = this.#entry(at);
      yield [key, value];
    }
  }

  /** A map or list in the result writes through when a map in it changes. */
  read(key: AttributeKey): Value {
    const index = this.#find(key);
    if (index < 0) return undefined;
    const value = this.#valueAt(index, ignore);
    if (typeof value !== 'object' || value instanceof Uint8Array) return value;
    const root: Value = this.#valueAt(index, () => this.#view.defer(root, () => this.write(key, root)));
    return root;
  }

  /** Whether the value is this text, encoded. */
  equalsText(key: AttributeKey, utf8: Uint8Array): boolean {
    const index = this.#find(key);
    if (index < 0) return false;
    const view = this.#view;
    const bytes = view.bytesAt(index);
    const end = view.endAt(index);
    const start = plainValueStart(bytes, view.startAt(index), end);
    if (start >= 0 && isPlainText(bytes, start, end)) return isText(bytes, start + 2, end, utf8);
    const value = this.#valueAt(index, ignore);
    if (typeof value !== 'string') return false;
    const encoded = encodeText(value);
    return isText(encoded, 0, encoded.length, utf8);
  }

  /** The value as it is now: maps in it are nobody's. */
  copy(key: AttributeKey): Value {
    const index = this.#find(key);
    return index < 0 ? undefined : this.#valueAt(index, ignore);
  }

  write(key: AttributeKey, value: Value): void {
    // In the Collector a map that is put into itself has the new entry already, an empty map, when it is copied.
    if (value === this) this.#put(this.#find(key), key, EMPTY_MAP);
    const index = this.#find(key);
    const isScalar = typeof value !== 'object' && value !== undefined;
    const adopted = isScalar ? value : adopt(value, UNHOLDABLE, ignore);
    if (adopted !== UNHOLDABLE) this.#put(index, key, adopted);
    else if (index < 0) this.#put(index, key, undefined);
  }

  /** Makes this a copy of another map, keys that stand twice included. */
  assign(map: MapValue): void {
    if (map === this) return;
    const entries = [...map.entries()];
    this.clear();
    for (const [key, value] of entries) this.#put(-1, this.#keyOf(key), adopt(value, undefined, ignore));
  }

  #put(index: number, key: AttributeKey, value: Value): void {
    const { arena } = this.#view;
    const field = this.#view.beginField(this.#tag);
    if (typeof value === 'string') writeTextEntry(arena, key, value);
    else writeEntry(arena, key, value);
    if (index >= 0) this.#copyUnknown(index);
    this.#view.endField(index, this.#tag, field);
  }

  /** Fields of a KeyValue that are neither key nor value. */
  #copyUnknown(index: number): void {
    const bytes = this.#view.bytesAt(index);
    const start = this.#view.startAt(index);
    const end = this.#view.endAt(index);
    if (plainValueStart(bytes, start, end) >= 0) return;
    const reader = new FieldReader(bytes, start, end);
    while (reader.next()) {
      const tag = tagOf(reader.number, reader.wireType as 0);
      if (tag !== KEY_TAG && tag !== VALUE_TAG) this.#view.arena.rawRange(bytes, reader.fieldStart, reader.end);
    }
  }

  #valueAt(index: number, onChange: OnChange): Value {
    const view = this.#view;
    const bytes = view.bytesAt(index);
    const end = view.endAt(index);
    const valueStart = plainValueStart(bytes, view.startAt(index), end);
    return valueStart < 0 ? this.#entry(index, onChange).value : readValue(bytes, valueStart, end, onChange);
  }

  #keyAt(index: number): string {
    const view = this.#view;
    const bytes = view.bytesAt(index);
    const start = view.startAt(index);
    const isPlain = plainValueStart(bytes, start, view.endAt(index)) >= 0;
    return isPlain ? decodeText(bytes, start + 2, start + 2 + bytes[start + 1]!) : this.#entry(index).key;
  }

  #entry(index: number, onChange: OnChange = ignore): { readonly key: string; readonly value: Value } {
    const view = this.#view;
    return readKeyValue(new FieldReader(view.bytesAt(index), view.startAt(index), view.endAt(index)), onChange);
  }

  #first(): number {
    return this.#view.first(this.#tag);
  }

  #next(index: number): number {
    return this.#view.first(this.#tag, index + 1);
  }

  #find({ bytes: key, text }: AttributeKey): number {
    const view = this.#view;
    const { tags, starts, ends, states, count } = view.table();
    if (count > MAX_SEARCHED) return this.#indexed().get(text) ?? -1;
    const own = view.bytes;
    const arena = view.arena.buffer;
    const tag = this.#tag;
    for (let index = 0; index < count; index++) {
      if (tags[index] !== tag) continue;
      const bytes = states[index] === IN_ARENA ? arena : own;
      const start = starts[index]!;
      if (plainValueStart(bytes, start, ends[index]!) < 0) {
        if (this.#entry(index).key === text) return index;
      } else if (isText(bytes, start + 2, start + 2 + bytes[start + 1]!, key)) return index;
    }
    return -1;
  }

  /** Where keys stand that are too many to look at one by one, so that setting n of them does not take n² steps. */
  #indexed(): Map<string, number> {
    const { generation, count } = this.#view.table();
    if (this.#generation !== generation) {
      this.#positions.clear();
      this.#indexedTo = 0;
      this.#generation = generation;
    }
    for (let at = this.#view.first(this.#tag, this.#indexedTo); at >= 0; at = this.#next(at)) {
      const key = this.#keyAt(at);
      if (!this.#positions.has(key)) this.#positions.set(key, at);
    }
    this.#indexedTo = count;
    return this.#positions;
  }

  #keyOf(text: string): AttributeKey {
    let key = this.#keys.get(text);
    if (key === undefined) {
      key = attributeKey(text);
      if (this.#keys.size === MAX_KEYS_KEPT) this.#keys.clear();
      this.#keys.set(text, key);
    }
    return key;
  }
}

function writeTextEntry(arena: WireWriter, key: AttributeKey, text: string): void {
  if (key.lastSet === text && key.lastEntry !== undefined) {
    arena.rawRange(key.lastEntry, 0, key.lastEntry.length);
    return;
  }
  const start = arena.length;
  writeEntry(arena, key, text);
  key.lastEntry =
    key.lastSet === text && text.length <= MAX_TEXT_KEPT ? arena.buffer.slice(start, arena.length) : undefined;
  key.lastSet = text.length <= MAX_TEXT_KEPT ? text : undefined;
}

function writeEntry(arena: WireWriter, key: AttributeKey, value: Value): void {
  arena.lengthPrefix(KEY, key.bytes.length);
  arena.rawRange(key.bytes, 0, key.bytes.length);
  const mark = arena.beginMessage(VALUE);
  writeValue(arena, value);
  arena.endMessage(mark);
}

/**
 * Where the AnyValue begins if [start, end) is a short key and a value as every encoder writes them, the value's end being that
 * of the KeyValue; `end` where there is no value, and -1 for anything else.
 */
function plainValueStart(bytes: Uint8Array, start: number, end: number): number {
  const size = bytes[start + 1]!;
  if (end - start < 2 || bytes[start] !== KEY_TAG || size >= 0x80) return -1;
  const at = start + 2 + size;
  if (at >= end) return at === end ? end : -1;
  if (bytes[at] !== VALUE_TAG) return -1;
  const first = bytes[at + 1]!;
  if (first < 0x80) return at + 2 + first === end ? at + 2 : -1;
  const second = bytes[at + 2]!;
  return second < 0x80 && at + 3 + (first & 0x7f) + second * 0x80 === end ? at + 3 : -1;
}
