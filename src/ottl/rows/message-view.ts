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
import {
  ARENA,
  END,
  FIELD_START,
  type FieldHolder,
  FieldTable,
  GONE,
  NESTED,
  OWN,
  START,
  STATE,
  STRIDE,
  TAG,
} from './field-table.ts';

const EMPTY = new Uint8Array(0);

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
    const { cells } = this.#fields;
    return cells[index * STRIDE + STATE] === GONE ? 0 : cells[index * STRIDE + TAG]!;
  }

  bytesAt(index: number): Uint8Array {
    return this.#fields.cells[index * STRIDE + STATE] === ARENA ? this.arena.buffer : this.bytes;
  }

  startAt(index: number): number {
    return this.#fields.cells[index * STRIDE + START]!;
  }

  endAt(index: number): number {
    return this.#fields.cells[index * STRIDE + END]!;
  }

  /** The field with this tag that counts, which is the last; -1 if there is none. */
  last(tag: number): number {
    const { cells, count } = this.table();
    for (let row = (count - 1) * STRIDE; row >= 0; row -= STRIDE) {
      if (cells[row + TAG] === tag && cells[row + STATE] !== GONE) return row / STRIDE;
    }
    return -1;
  }

  first(tag: number, from = 0): number {
    const { cells, count } = this.table();
    for (let row = from * STRIDE; row < count * STRIDE; row += STRIDE) {
      if (cells[row + TAG] === tag && cells[row + STATE] !== GONE) return row / STRIDE;
    }
    return -1;
  }

  replace(index: number, tag: number, from: number): void {
    const { arena } = this;
    const fields = this.table();
    if (index >= 0 && this.#holds(index, from)) {
      arena.truncate(from);
      return;
    }
    const row = (index < 0 ? fields.append(tag) : index) * STRIDE;
    fields.cells[row + START] = from;
    fields.cells[row + END] = arena.length;
    fields.cells[row + STATE] = ARENA;
    this.changed = true;
  }

  drop(index: number): void {
    this.#fields.cells[index * STRIDE + STATE] = GONE;
    this.changed = true;
  }

  dropBySwap(index: number): void {
    const last = this.last(this.tagAt(index));
    if (last !== index) this.#fields.cells.copyWithin(index * STRIDE, last * STRIDE, last * STRIDE + STRIDE);
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
    this.#fields.cells[index * STRIDE + STATE] = NESTED;
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
    const { cells, count } = this.table();
    let size = 0;
    for (let index = 0, row = 0; index < count; index++, row += STRIDE) {
      const state = cells[row + STATE];
      if (state === OWN) size += cells[row + END]! - cells[row + FIELD_START]!;
      else if (state !== GONE) size += this.#writtenSize(index);
    }
    return size;
  }

  writeContent(writer: WireWriter): void {
    const { cells, count } = this.table();
    let runStart = this.start;
    let runEnd = this.start;
    for (let index = 0, row = 0; index < count; index++, row += STRIDE) {
      const state = cells[row + STATE];
      if (state === OWN && cells[row + FIELD_START] === runEnd) {
        runEnd = cells[row + END]!;
        continue;
      }
      if (runEnd > runStart) writer.rawRange(this.bytes, runStart, runEnd);
      runStart = state === OWN ? cells[row + FIELD_START]! : -1;
      runEnd = state === OWN ? cells[row + END]! : -1;
      if (state === ARENA || state === NESTED) this.#writeField(writer, index);
    }
    if (runEnd > runStart) writer.rawRange(this.bytes, runStart, runEnd);
  }

  /** Where the fields stand, for those that look at many of them. */
  table(): FieldTable {
    if (!this.#scanned) {
      this.#fields.scan(this.bytes, this.start, this.end);
      this.#scanned = true;
    }
    return this.#fields;
  }

  #holds(index: number, from: number): boolean {
    const bytes = this.bytesAt(index);
    const start = this.startAt(index);
    const { buffer, length } = this.arena;
    if (this.endAt(index) - start !== length - from) return false;
    for (let at = from; at < length; at++) if (buffer[at] !== bytes[start + at - from]) return false;
    return true;
  }

  #writtenSize(index: number): number {
    const tag = this.tagAt(index);
    const nested = this.#nestedIn(index);
    const size = nested === undefined ? this.endAt(index) - this.startAt(index) : nested.contentSize();
    return varintSize(tag) + (tag % 8 === WIRE_TYPE.lengthDelimited ? varintSize(size) : 0) + size;
  }

  #writeField(writer: WireWriter, index: number): void {
    const tag = this.tagAt(index);
    const nested = this.#nestedIn(index);
    const size = nested === undefined ? this.endAt(index) - this.startAt(index) : nested.contentSize();
    writer.varint(tag);
    if (tag % 8 === WIRE_TYPE.lengthDelimited) writer.varint(size);
    if (nested === undefined) writer.rawRange(this.arena.buffer, this.startAt(index), this.endAt(index));
    else nested.writeContent(writer);
  }

  #nestedIn(index: number): MessageView | undefined {
    return this.#fields.cells[index * STRIDE + STATE] === NESTED ? this.#nested?.get(index) : undefined;
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
    const from = this.arena.length;
    view.writeContent(this.arena);
    const first = this.first(tag);
    for (let piece = first; piece >= 0; piece = this.first(tag, piece + 1)) if (piece !== first) this.drop(piece);
    const end = this.arena.length;
    this.replace(first, tag, from);
    if (this.arena.length === end) view.point(this.arena.buffer, from, end);
  }
}
