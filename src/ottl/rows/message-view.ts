/**
 * A protobuf message with what was done to it and to the messages in it: to those in single fields, which are children, and to
 * those of repeated fields that views of their own keep until this one is written.
 *
 * A field that was not touched is written as it stands, together with its untouched neighbours.
 */
import { varintSize, type WireWriter } from '../../pdata/index.ts';
import { AttributeMap } from './attribute-map.ts';
import { FieldList } from './field-list.ts';
import { FIELD_STATE } from './field-table.ts';

const EMPTY = new Uint8Array(0);
const OWN = FIELD_STATE.own;
const ARENA = FIELD_STATE.arena;
const NESTED = FIELD_STATE.nested;
const MAX_NESTED_KEPT = 256;

/** The view of a field that holds a message, opened on demand. */
interface Child {
  readonly tag: number;
  readonly view: MessageView;
  isOpen: boolean;
}

export class MessageView extends FieldList {
  readonly #children: Child[] = [];
  #openChildren = 0;
  readonly #attributes: (AttributeMap | undefined)[] = [];
  /** By the index of their fields; emptied and used again. */
  readonly #nested: (MessageView | undefined)[] = [];
  #nestedCount = 0;

  /** Makes this the view of another message. */
  override point(bytes: Uint8Array, start: number, end: number): void {
    super.point(bytes, start, end);
    if (this.#nestedCount > 0) this.#forgetNested();
    if (this.#openChildren === 0) return;
    for (const child of this.#children) child.isOpen = false;
    this.#openChildren = 0;
  }

  /** Lets go of the bytes. */
  release(): void {
    this.point(EMPTY, 0, 0);
    for (const child of this.#children) child.view.release();
  }

  /** Puts what another view has become in place of field `index`. */
  putMessage(index: number, tag: number, view: MessageView): void {
    this.table();
    const { arena } = this;
    arena.takeInSource();
    const mark = arena.length;
    arena.varint(tag);
    arena.varint(view.contentSize());
    const start = arena.length;
    view.writeContent(arena);
    this.place(index, tag, mark, start);
  }

  /** The view that keeps what is done to the message in field `index` until this one is written; `open` makes it. */
  nest(index: number, open: () => MessageView): MessageView {
    let view = this.#nested[index];
    if (view === undefined) {
      view = open();
      view.point(this.bytesAt(index), this.startAt(index), this.endAt(index));
      this.#nested[index] = view;
      this.#nestedCount += 1;
    }
    return view;
  }

  #forgetNested(): void {
    if (this.#nested.length > MAX_NESTED_KEPT) this.#nested.length = 0;
    else this.#nested.fill(undefined);
    this.#nestedCount = 0;
  }

  nestedAt(index: number): MessageView | undefined {
    return this.#nested[index];
  }

  /** Has the view that `nest` gave written in place of field `index`. */
  keepNested(index: number): void {
    this.fields.setState(index, NESTED);
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
    this.writeDeferred();
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
        const nested = this.#nested[index]!.contentSize();
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
        const nested = this.#nested[index]!;
        writer.varint(tags[index]!);
        writer.varint(nested.contentSize());
        nested.writeContent(writer);
        runStart = runEnd;
      }
    }
    this.#writeRun(writer, runState, runStart, runEnd);
  }

  /** Where the fields end that stand as they came, in front of the first that does not. */
  #untouchedEnd(): number {
    const { ends, touchedFrom } = this.fields;
    return touchedFrom === 0 ? this.start : ends[touchedFrom - 1]!;
  }

  #writeRun(writer: WireWriter, state: number, start: number, end: number): void {
    if (end > start) writer.rawRange(state === ARENA ? this.arena.buffer : this.bytes, start, end);
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
