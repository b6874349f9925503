import { varintSize, WIRE_TYPE, type WireWriter } from '../../pdata/index.ts';
import { FIELD_STATE, FieldTable } from './field-table.ts';

const EMPTY = new Uint8Array(0);
const ARENA = FIELD_STATE.arena;
const LENGTH_DELIMITED = WIRE_TYPE.lengthDelimited;

/** Where a field begins that is being written to the arena. */
export type FieldMark = number;

/**
 * The fields of a message, over the bytes it came in and what was changed since.
 *
 * - The fields are found when first asked for, and decoded when they are read; a list is pointed at message after message.
 * - What is new stands in the arena, which several lists may share and which only grows while they are in use.
 */
export class FieldList {
  readonly arena: WireWriter;
  /** What those fields stand in that are not in the arena. */
  bytes: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  /** Whether the content differs from what the list was pointed at. */
  changed = false;
  protected readonly fields = new FieldTable();
  #scanned = false;
  #deferred: { readonly owner: unknown; readonly write: () => void } | undefined;

  constructor(arena: WireWriter) {
    this.arena = arena;
  }

  /** Makes this the list of another message. */
  point(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.changed = false;
    this.#scanned = false;
    this.#deferred = undefined;
  }

  /** Fields, those that are gone included. */
  get count(): number {
    return this.table().count;
  }

  /** 0 for a field that is gone. */
  tagAt(index: number): number {
    return this.fields.tags[index]!;
  }

  /** What [startAt, endAt) means: the content of the field. */
  bytesAt(index: number): Uint8Array {
    return this.fields.states[index] === ARENA ? this.arena.buffer : this.bytes;
  }

  startAt(index: number): number {
    return this.fields.starts[index]!;
  }

  endAt(index: number): number {
    return this.fields.ends[index]!;
  }

  /** The field with this tag that counts, which is the last; -1 if there is none. */
  last(tag: number): number {
    const { tags, count } = this.table();
    let index = count - 1;
    while (index >= 0 && tags[index] !== tag) index -= 1;
    return index;
  }

  /** The first field with this tag at or behind `from`; -1 if there is none. */
  first(tag: number, from = 0): number {
    const { tags, count } = this.table();
    for (let index = from; index < count; index++) if (tags[index] === tag) return index;
    return -1;
  }

  /** Begins a field in the arena; its content is to be written there next. */
  beginField(tag: number): FieldMark {
    // What was deferred is not to be written in the middle of this.
    this.table();
    const { arena } = this;
    const mark = arena.length;
    arena.varint(tag >>> 0);
    // Room for the length, as WireWriter.endMessage expects it.
    if ((tag & 7) === LENGTH_DELIMITED) arena.byte(0);
    return mark;
  }

  /** Puts what was begun in place of field `index`, or behind all others for -1. */
  endField(index: number, tag: number, mark: FieldMark): void {
    const { arena } = this;
    const isDelimited = (tag & 7) === LENGTH_DELIMITED;
    const start = mark + varintSize(tag >>> 0) + (isDelimited ? 1 : 0);
    const size = arena.length - start;
    if (isDelimited) arena.endMessage(start);
    this.place(index, tag, mark, arena.length - size);
  }

  drop(index: number): void {
    this.fields.drop(index);
    this.changed = true;
  }

  /** As pcommon.Map removes: the last field of that tag takes the place of this one. */
  dropBySwap(index: number): void {
    const last = this.last(this.tagAt(index));
    if (last !== index) this.fields.move(last, index);
    this.drop(last);
  }

  dropAll(tag: number): void {
    for (let index = this.first(tag); index >= 0; index = this.first(tag, index + 1)) this.drop(index);
  }

  /** Where the fields stand, for those that look at many of them. */
  table(): FieldTable {
    if (this.#deferred !== undefined) this.writeDeferred();
    if (!this.#scanned) {
      this.fields.scan(this.bytes, this.start, this.end);
      this.#scanned = true;
    }
    return this.fields;
  }

  /**
   * Has a decoded value written back before the fields are looked at again, so that many changes of it are one. `owner` is the
   * value.
   */
  defer(owner: unknown, write: () => void): void {
    if (this.#deferred !== undefined && this.#deferred.owner !== owner) this.writeDeferred();
    this.#deferred = { owner, write };
  }

  writeDeferred(): void {
    const deferred = this.#deferred;
    this.#deferred = undefined;
    deferred?.write();
  }

  /** Has field `index`, or a new one, stand in the arena from `mark` to its end, its content from `start` on. */
  protected place(index: number, tag: number, mark: FieldMark, start: number): void {
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

  /** Whether the content of field `index` is what stands in the arena from `from` on. */
  #holds(index: number, from: number): boolean {
    const bytes = this.bytesAt(index);
    const start = this.startAt(index);
    const { buffer, length } = this.arena;
    if (this.endAt(index) - start !== length - from) return false;
    for (let at = from; at < length; at++) if (buffer[at] !== bytes[start + at - from]) return false;
    return true;
  }
}
