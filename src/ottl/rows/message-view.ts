/**
 * A protobuf message as the list of its fields, over the bytes it came in and what was changed since.
 *
 * - The fields are found when first asked for, and decoded when they are read; a view is pointed at message after message.
 * - What is new stands in the arena, which all views of an editor share and which only grows while they are in use.
 * - A field that was not touched is written as it stands, together with its untouched neighbours.
 * - `changed` says whether the content differs from what the view was pointed at.
 */
import { varintSize, WIRE_TYPE, type WireWriter } from '../../pdata/index.ts';
import { AttributeMap } from './attribute-map.ts';
import { FIELD_STATE, type FieldHolder, type FieldMark, FieldTable } from './field-table.ts';

const EMPTY = new Uint8Array(0);
const OWN = FIELD_STATE.own;
const ARENA = FIELD_STATE.arena;
const NESTED = FIELD_STATE.nested;
const LENGTH_DELIMITED = WIRE_TYPE.lengthDelimited;

/** The view of a field that holds a message, opened on demand. */
interface Child {
  readonly tag: number;
  readonly view: MessageView;
  isOpen: boolean;
}

export class MessageView implements FieldHolder {
  readonly arena: WireWriter;
  bytes: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  changed = false;
  readonly #fields = new FieldTable();
  #scanned = false;
  readonly #children: Child[] = [];
  #openChildren = 0;
  readonly #attributes: (AttributeMap | undefined)[] = [];
  #nested: Map<number, MessageView> | undefined;

  constructor(arena: WireWriter) {
    this.arena = arena;
  }

  /** Makes this the view of another message. */
  point(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.changed = false;
    this.#scanned = false;
    this.#nested = undefined;
    if (this.#openChildren === 0) return;
    for (const child of this.#children) child.isOpen = false;
    this.#openChildren = 0;
  }

  /** Lets go of the bytes. */
  release(): void {
    this.point(EMPTY, 0, 0);
    for (const child of this.#children) child.view.release();
  }

  /** Fields, those that are gone included. */
  get count(): number {
    return this.table().count;
  }

  /** 0 for a field that is gone. */
  tagAt(index: number): number {
    return this.#fields.tags[index]!;
  }

  bytesAt(index: number): Uint8Array {
    return this.#fields.states[index] === ARENA ? this.arena.buffer : this.bytes;
  }

  startAt(index: number): number {
    return this.#fields.starts[index]!;
  }

  endAt(index: number): number {
    return this.#fields.ends[index]!;
  }

  /** The field with this tag that counts, which is the last; -1 if there is none. */
  last(tag: number): number {
    const { tags, count } = this.table();
    let index = count - 1;
    while (index >= 0 && tags[index] !== tag) index -= 1;
    return index;
  }

  first(tag: number, from = 0): number {
    const { tags, count } = this.table();
    for (let index = from; index < count; index++) if (tags[index] === tag) return index;
    return -1;
  }

  beginField(tag: number): FieldMark {
    const { arena } = this;
    const mark = arena.length;
    arena.varint(tag >>> 0);
    // Room for the length, as WireWriter.endMessage expects it.
    if ((tag & 7) === LENGTH_DELIMITED) arena.byte(0);
    return mark;
  }

  endField(index: number, tag: number, mark: FieldMark): void {
    const { arena } = this;
    const isDelimited = (tag & 7) === LENGTH_DELIMITED;
    const start = mark + varintSize(tag >>> 0) + (isDelimited ? 1 : 0);
    const size = arena.length - start;
    if (isDelimited) arena.endMessage(start);
    this.#place(index, tag, { mark, start: arena.length - size });
  }

  /** Puts what another view has become in place of field `index`. */
  putMessage(index: number, tag: number, view: MessageView): void {
    const { arena } = this;
    const mark = arena.length;
    arena.varint(tag);
    arena.varint(view.contentSize());
    const start = arena.length;
    view.writeContent(arena);
    this.#place(index, tag, { mark, start });
  }

  drop(index: number): void {
    this.#fields.drop(index);
    this.changed = true;
  }

  dropBySwap(index: number): void {
    const last = this.last(this.tagAt(index));
    if (last !== index) this.#fields.move(last, index);
    this.drop(last);
  }

  dropAll(tag: number): void {
    for (let index = this.first(tag); index >= 0; index = this.first(tag, index + 1)) this.drop(index);
  }

  /** The view that keeps what is done to the message in field `index` until this one is written; `open` makes it. */
  nest(index: number, open: () => MessageView): MessageView {
    this.#nested ??= new Map();
    let view = this.#nested.get(index);
    if (view === undefined) {
      view = open();
      view.point(this.bytesAt(index), this.startAt(index), this.endAt(index));
      this.#nested.set(index, view);
    }
    return view;
  }

  nestedAt(index: number): MessageView | undefined {
    return this.#nested?.get(index);
  }

  /** Has the view that `nest` gave written in place of field `index`. */
  keepNested(index: number): void {
    this.#fields.setState(index, NESTED);
    this.changed = true;
  }

  /** The message in the field of that tag; pieces are put together, and where there is none it is empty. */
  child(tag: number): MessageView {
    let child = this.#children.find((one) => one.tag === tag);
    if (child === undefined) {
      child = { tag, view: new MessageView(this.arena), isOpen: false };
      this.#children.push(child);
    }
    if (!child.isOpen) {
      this.#open(child);
      child.isOpen = true;
      this.#openChildren += 1;
    }
    return child.view;
  }

  /** The KeyValues in the fields of that number. */
  attributes(fieldNumber: number): AttributeMap {
    let map = this.#attributes[fieldNumber];
    if (map === undefined) {
      map = new AttributeMap(this, fieldNumber);
      this.#attributes[fieldNumber] = map;
    }
    return map;
  }

  /** Takes over what was done to children. Before that, the content is not up to date. */
  settle(): void {
    if (this.#openChildren === 0) return;
    for (const child of this.#children) {
      if (!child.isOpen) continue;
      child.view.settle();
      if (child.view.changed) this.#close(child);
    }
  }

  /** Makes what was written to the arena from `from` on the content of the message. */
  rewrite(from: number): void {
    this.point(this.arena.buffer, from, this.arena.length);
    this.changed = true;
  }

  contentSize(): number {
    const { tags, fieldStarts, ends, states, count, touchedFrom } = this.table();
    let size = this.#untouchedEnd() - this.start;
    for (let index = touchedFrom; index < count; index++) {
      if (tags[index] === 0) continue;
      if (states[index] !== NESTED) size += ends[index]! - fieldStarts[index]!;
      else {
        const nested = this.#nested!.get(index)!.contentSize();
        size += varintSize(tags[index]!) + varintSize(nested) + nested;
      }
    }
    return size;
  }

  /** Neighbours in the bytes or in the arena are copied together. */
  writeContent(writer: WireWriter): void {
    const { tags, fieldStarts, ends, states, count, touchedFrom } = this.table();
    let runStart = this.start;
    let runEnd = this.#untouchedEnd();
    let runState: number = OWN;
    for (let index = touchedFrom; index < count; index++) {
      if (tags[index] === 0) continue;
      const state = states[index]!;
      if (fieldStarts[index] !== runEnd || state !== runState || state === NESTED) {
        this.#writeRun(writer, runState, runStart, runEnd);
        runState = state;
        runStart = fieldStarts[index]!;
      }
      runEnd = ends[index]!;
      if (state === NESTED) {
        const nested = this.#nested!.get(index)!;
        writer.varint(tags[index]!);
        writer.varint(nested.contentSize());
        nested.writeContent(writer);
        runStart = runEnd;
      }
    }
    this.#writeRun(writer, runState, runStart, runEnd);
  }

  /** Where the fields stand, for those that look at many of them. */
  table(): FieldTable {
    if (!this.#scanned) {
      this.#fields.scan(this.bytes, this.start, this.end);
      this.#scanned = true;
    }
    return this.#fields;
  }

  /** Where the fields end that stand as they came, in front of the first that does not. */
  #untouchedEnd(): number {
    const { ends, touchedFrom } = this.#fields;
    return touchedFrom === 0 ? this.start : ends[touchedFrom - 1]!;
  }

  #place(index: number, tag: number, { mark, start }: { readonly mark: FieldMark; readonly start: number }): void {
    const { arena } = this;
    const fields = this.table();
    if (index >= 0 && this.#holds(index, start)) {
      arena.truncate(mark);
      return;
    }
    const at = index < 0 ? fields.append(tag) : index;
    fields.fieldStarts[at] = mark;
    fields.starts[at] = start;
    fields.ends[at] = arena.length;
    fields.setState(at, ARENA);
    this.changed = true;
  }

  #writeRun(writer: WireWriter, state: number, start: number, end: number): void {
    if (end > start) writer.rawRange(state === ARENA ? this.arena.buffer : this.bytes, start, end);
  }

  /** Whether the content of field `index` is what stands in the arena from `from` on. */
  #holds(index: number, from: number): boolean {
    const bytes = this.bytesAt(index);
    const start = this.startAt(index);
    const { buffer, length } = this.arena;
    if (this.endAt(index) - start !== length - from) return false;
    for (let at = from; at < length; at++) if (buffer[at] !== bytes[start + at - from]) return false;
    return true;
  }

  #open({ tag, view }: Child): void {
    const index = this.first(tag);
    if (index < 0) view.point(EMPTY, 0, 0);
    else if (index === this.last(tag)) view.point(this.bytesAt(index), this.startAt(index), this.endAt(index));
    else {
      const from = this.arena.length;
      for (let piece = index; piece >= 0; piece = this.first(tag, piece + 1)) {
        this.arena.rawRange(this.bytesAt(piece), this.startAt(piece), this.endAt(piece));
      }
      view.point(this.arena.buffer, from, this.arena.length);
    }
  }

  /** The child goes on as the view of what was taken over. */
  #close({ tag, view }: Child): void {
    const first = this.first(tag);
    for (let piece = first; piece >= 0; piece = this.first(tag, piece + 1)) if (piece !== first) this.drop(piece);
    this.putMessage(first, tag, view);
    const index = this.first(tag);
    view.point(this.bytesAt(index), this.startAt(index), this.endAt(index));
  }
}
