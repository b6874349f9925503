import { CodedError } from '../../lib/index.ts';
import { WIRE_TYPE } from '../../pdata/index.ts';

/** A field stands in the message's own bytes, in the arena, or in a view of its own. */
export const FIELD_STATE = { own: 0, arena: 1, nested: 2 } as const;

const FIELDS_AT_FIRST = 32;
const LENGTH_DELIMITED = WIRE_TYPE.lengthDelimited;

/** Where the fields of one message stand, column by column; used again for message after message. */
export class FieldTable {
  count = 0;
  /** 0 for a field that is gone. */
  tags = new Int32Array(FIELDS_AT_FIRST);
  /** Where the field begins with its tag; its content is [starts, ends). */
  fieldStarts = new Int32Array(FIELDS_AT_FIRST);
  starts = new Int32Array(FIELDS_AT_FIRST);
  ends = new Int32Array(FIELDS_AT_FIRST);
  /** One of FIELD_STATE; to be changed with `setState`. */
  states = new Uint8Array(FIELDS_AT_FIRST);
  /** The first field that does not stand as it came; `count` where all do. */
  touchedFrom = 0;
  /** Another one whenever fields that were there are elsewhere, or gone; not for new ones behind them. */
  generation = 0;

  /** Finds the fields in [start, end). Throws `malformed_protobuf` where that is no message. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    // Bytes beyond the buffer would read as undefined.
    if (end > bytes.length) throw malformed(start);
    let { tags, fieldStarts, starts, ends } = this;
    let count = 0;
    let at = start;
    while (at < end) {
      if (count === tags.length) {
        this.#grow();
        ({ tags, fieldStarts, starts, ends } = this);
      }
      const fieldStart = at;
      let tag = bytes[at]!;
      at += 1;
      if (tag >= 0x80) {
        at = varintEnd(bytes, fieldStart, end);
        tag = tagIn(bytes, fieldStart, at);
      }
      let contentStart = at;
      if ((tag & 7) === LENGTH_DELIMITED) {
        let size = at < end ? bytes[at]! : end;
        at += 1;
        if (size >= 0x80) {
          at = varintEnd(bytes, contentStart, end);
          size = lengthIn(bytes, contentStart, at);
        }
        contentStart = at;
        if (size > end - at) throw malformed(fieldStart);
        at += size;
      } else at = numberEnd(bytes, at, end, tag & 7);
      if (at > end || tag >>> 3 === 0) throw malformed(fieldStart);
      tags[count] = tag;
      fieldStarts[count] = fieldStart;
      starts[count] = contentStart;
      ends[count] = at;
      count += 1;
    }
    if (this.touchedFrom < this.count) this.states.fill(FIELD_STATE.own);
    this.count = count;
    this.touchedFrom = count;
    this.generation += 1;
  }

  /** The index of a new last field. */
  append(tag: number): number {
    if (this.count === this.tags.length) this.#grow();
    this.tags[this.count] = tag;
    return this.count++;
  }

  setState(index: number, state: number): void {
    this.states[index] = state;
    this.touchedFrom = Math.min(this.touchedFrom, index);
  }

  drop(index: number): void {
    this.tags[index] = 0;
    this.generation += 1;
    this.touchedFrom = Math.min(this.touchedFrom, index);
  }

  /** Has field `from` take the place of field `to`. */
  move(from: number, to: number): void {
    for (const column of [this.tags, this.fieldStarts, this.starts, this.ends]) column[to] = column[from]!;
    this.setState(to, this.states[from]!);
  }

  #grow(): void {
    this.tags = doubled(this.tags);
    this.fieldStarts = doubled(this.fieldStarts);
    this.starts = doubled(this.starts);
    this.ends = doubled(this.ends);
    const states = new Uint8Array(this.states.length * 2);
    states.set(this.states);
    this.states = states;
  }
}

function doubled(column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(column.length * 2);
  larger.set(column);
  return larger;
}

/** Position after the varint at `start`. */
export function varintEnd(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + 10);
  for (let at = start; at < limit; at++) if (bytes[at]! < 0x80) return at + 1;
  throw malformed(start);
}

/** A tag, which is a number of 32 bits as the cells hold it; larger ones belong to no field and have its number cut off. */
function tagIn(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 5) throw malformed(start);
  let tag = 0;
  for (let at = start, shift = 0; at < end; at++, shift += 7) tag |= (bytes[at]! & 0x7f) << shift;
  return tag;
}

/** Lengths from 2^31 on come out as that, which is longer than any message. */
function lengthIn(bytes: Uint8Array, start: number, end: number): number {
  if (end - start === 2) return (bytes[start]! & 0x7f) | (bytes[start + 1]! << 7);
  let length = 0;
  for (let at = end - 1; at >= start; at--) length = Math.min(length * 128 + (bytes[at]! & 0x7f), 2 ** 31 - 1);
  return length;
}

function numberEnd(bytes: Uint8Array, start: number, end: number, wireType: number): number {
  if (wireType === WIRE_TYPE.varint)
    return start < end && bytes[start]! < 0x80 ? start + 1 : varintEnd(bytes, start, end);
  if (wireType === WIRE_TYPE.fixed64) return start + 8;
  if (wireType === WIRE_TYPE.fixed32) return start + 4;
  throw malformed(start);
}

export function malformed(offset: number): CodedError {
  return new CodedError('malformed_protobuf', `the field at byte ${offset} is none`);
}
