import { CodedError } from '../../lib/index.ts';
import { WIRE_TYPE, type WireWriter } from '../../pdata/index.ts';

/** Columns: the field's tag, where the tag begins, its content, and its state. */
export const TAG = 0;
export const FIELD_START = 1;
export const START = 2;
export const END = 3;
export const STATE = 4;
export const STRIDE = 5;

/** A field stands in the message's own bytes, in the arena, in a view of its own, or is gone. */
export const OWN = 0;
export const ARENA = 1;
export const NESTED = 2;
export const GONE = 3;

const FIELDS_AT_FIRST = 32;
/** A tag that no known field has. */
const UNKNOWN = -1;

/** A message whose fields are changed one by one; see MessageView. */
export interface FieldHolder {
  readonly arena: WireWriter;
  table(): FieldTable;
  /** What [startAt, endAt) means: the content of the field. */
  bytesAt(index: number): Uint8Array;
  startAt(index: number): number;
  endAt(index: number): number;
  /** The first field with this tag at or behind `from`; -1 if there is none. */
  first(tag: number, from?: number): number;
  /** Gives field `index`, or a new one for -1, the content that was written to the arena from `from` on. */
  replace(index: number, tag: number, from: number): void;
  drop(index: number): void;
  /** As pcommon.Map removes: the last field of that tag takes the place of this one. */
  dropBySwap(index: number): void;
  dropAll(tag: number): void;
}

/** Where the fields of one message stand, one row for each; used again for message after message. */
export class FieldTable {
  cells: Int32Array = new Int32Array(FIELDS_AT_FIRST * STRIDE);
  count = 0;

  /** Finds the fields in [start, end). Throws `malformed_protobuf` where that is no message. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    let cells = this.cells;
    let row = 0;
    let at = start;
    while (at < end) {
      if (row === cells.length) cells = this.#grow();
      const fieldStart = at;
      let tag = bytes[at++]!;
      if (tag >= 0x80) {
        at = varintEnd(bytes, fieldStart, end);
        tag = unsigned(bytes, fieldStart, at);
      }
      const wireType = tag % 8;
      let contentStart = at;
      if (wireType === WIRE_TYPE.lengthDelimited) {
        let size = bytes[at++]!;
        if (size >= 0x80) {
          at = varintEnd(bytes, contentStart, end);
          size = unsigned(bytes, contentStart, at);
        }
        contentStart = at;
        at += size;
      } else at = numberEnd(bytes, at, end, wireType);
      // Written so that NaN, from bytes beyond the buffer, fails as well.
      if (!(at <= end) || tag < 8) throw malformed(fieldStart);
      cells[row + TAG] = tag < 2 ** 31 ? tag : UNKNOWN;
      cells[row + FIELD_START] = fieldStart;
      cells[row + START] = contentStart;
      cells[row + END] = at;
      cells[row + STATE] = OWN;
      row += STRIDE;
    }
    this.count = row / STRIDE;
  }

  /** The index of a new last field. */
  append(tag: number): number {
    if (this.count * STRIDE === this.cells.length) this.#grow();
    this.cells[this.count * STRIDE + TAG] = tag;
    this.cells[this.count * STRIDE + FIELD_START] = -1;
    return this.count++;
  }

  #grow(): Int32Array {
    const grown = new Int32Array(this.cells.length * 2);
    grown.set(this.cells);
    this.cells = grown;
    return grown;
  }
}

/** Position after the varint at `start`. */
export function varintEnd(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + 10);
  for (let at = start; at < limit; at++) if (bytes[at]! < 0x80) return at + 1;
  throw malformed(start);
}

/** A length or tag in [start, end); values from 2^53 on come out rounded, which is still longer than any buffer. */
function unsigned(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = end - 1; at >= start; at--) value = value * 128 + (bytes[at]! & 0x7f);
  return value;
}

function numberEnd(bytes: Uint8Array, start: number, end: number, wireType: number): number {
  if (wireType === WIRE_TYPE.varint) return varintEnd(bytes, start, end);
  if (wireType === WIRE_TYPE.fixed64) return start + 8;
  if (wireType === WIRE_TYPE.fixed32) return start + 4;
  throw malformed(start);
}

export function malformed(offset: number): CodedError {
  return new CodedError('malformed_protobuf', `the field at byte ${offset} is none`);
}
