import { CodedError } from '../../lib/index.ts';
import { WIRE_TYPE } from './format.ts';

const LOW_28_BITS = 0x0fffffff;
const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Walks the fields of one protobuf message: `next()` finds a field's extent, the getters decode its content.
 * Never reads outside [start, end); throws a CodedError `malformed_protobuf` where the bytes are no message.
 */
export class FieldReader {
  readonly bytes: Uint8Array;
  /** Number and wire type of the current field. */
  number = 0;
  wireType = 0;
  /** Where the current field's tag begins; its content is [start, end). */
  fieldStart = 0;
  start = 0;
  end = 0;
  #position: number;
  #limit: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#position = start;
    this.#limit = end;
    this.end = start;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#position >= this.#limit) return false;
    this.fieldStart = this.#position;
    const tag = this.#unsigned();
    this.number = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.number === 0) throw malformed(this.fieldStart, 'has field number 0');
    this.start = this.#position;
    this.end = this.#contentEnd();
    this.#position = this.end;
    return true;
  }

  /** The fields of a message inside this field. */
  message(): FieldReader {
    return new FieldReader(this.bytes, this.start, this.end);
  }

  /** Makes this the reader of the message inside `field`, which is of the same bytes. */
  enter({ start, end }: FieldReader): void {
    this.#position = start;
    this.#limit = end;
  }

  /** What has not been walked yet, as a view. */
  rest(): Uint8Array {
    return this.bytes.subarray(this.#position, this.#limit);
  }

  /** Numbers of a packed list, one after another, on a reader of their own. */
  *packed(wireType: typeof WIRE_TYPE.varint | typeof WIRE_TYPE.fixed64): Generator<FieldReader, void> {
    const element = new FieldReader(this.bytes, this.start, this.end);
    while (element.#nextPacked(wireType)) yield element;
  }

  /** Content as a view, not a copy. */
  content(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** The whole field with its tag, as a view. */
  field(): Uint8Array {
    return this.bytes.subarray(this.fieldStart, this.end);
  }

  /** Invalid UTF-8 becomes U+FFFD. */
  string(): string {
    return decodeText(this.bytes, this.start, this.end);
  }

  uint32(): number {
    return this.#low32(this.start) >>> 0;
  }

  int32(): number {
    return this.#low32(this.start) | 0;
  }

  sint32(): number {
    const value = this.#low32(this.start) >>> 0;
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    for (let at = this.start; at < this.end; at++) if ((this.bytes[at] & 0x7f) !== 0) return true;
    return false;
  }

  uint64(): bigint {
    return readUint64(this.bytes, this.start);
  }

  int64(): bigint {
    return BigInt.asIntN(64, readUint64(this.bytes, this.start));
  }

  fixed32(): number {
    return viewOf(this.bytes).getUint32(this.start, true);
  }

  fixed64(): bigint {
    return viewOf(this.bytes).getBigUint64(this.start, true);
  }

  sfixed64(): bigint {
    return viewOf(this.bytes).getBigInt64(this.start, true);
  }

  double(): number {
    return viewOf(this.bytes).getFloat64(this.start, true);
  }

  #nextPacked(wireType: number): boolean {
    if (this.#position >= this.#limit) return false;
    this.wireType = wireType;
    this.start = this.fieldStart = this.#position;
    this.end = this.#contentEnd();
    this.#position = this.end;
    return true;
  }

  #contentEnd(): number {
    switch (this.wireType) {
      case WIRE_TYPE.varint:
        return this.#varintEnd();
      case WIRE_TYPE.fixed64:
        return this.#within(this.start + 8);
      case WIRE_TYPE.fixed32:
        return this.#within(this.start + 4);
      case WIRE_TYPE.lengthDelimited: {
        const length = this.#unsigned();
        this.start = this.#position;
        return this.#within(this.start + length);
      }
      default:
        throw malformed(this.fieldStart, `has wire type ${this.wireType}`);
    }
  }

  #within(end: number): number {
    if (end > this.#limit) throw malformed(this.fieldStart, 'is cut off');
    return end;
  }

  #varintEnd(): number {
    const limit = Math.min(this.#limit, this.#position + 10);
    for (let at = this.#position; at < limit; at++) if (this.bytes[at] < 0x80) return at + 1;
    throw malformed(this.fieldStart, 'has a varint that does not end');
  }

  /** A length or tag; values from 2^53 on come out rounded, which is still longer than any buffer. */
  #unsigned(): number {
    const end = this.#varintEnd();
    let value = 0;
    for (let at = end - 1; at >= this.#position; at--) value = value * 128 + (this.bytes[at] & 0x7f);
    this.#position = end;
    return value;
  }

  #low32(start: number): number {
    let value = 0;
    let shift = 0;
    for (let at = start; at < this.end && shift < 32; at++, shift += 7) value |= (this.bytes[at] & 0x7f) << shift;
    return value;
  }
}

/** A varint of up to 64 bits at `start`; the caller knows that it ends within the bytes. */
function readUint64(bytes: Uint8Array, start: number): bigint {
  let low = 0;
  let shift = 0;
  let at = start;
  for (; shift < 28; shift += 7) {
    const byte = bytes[at++];
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt(low & LOW_28_BITS);
  }
  let value = BigInt(low & LOW_28_BITS);
  for (let wide = 28n; wide < 70n; wide += 7n) {
    const byte = bytes[at++];
    value |= BigInt(byte & 0x7f) << wide;
    if (byte < 0x80) break;
  }
  return BigInt.asUintN(64, value);
}

/** UTF-8 to a string; short ASCII, which most keys are, without the decoder's call overhead. */
function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > 24) return textDecoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte >= 0x80) return textDecoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function malformed(offset: number, what: string): CodedError {
  return new CodedError('malformed_protobuf', `the field at byte ${offset} ${what}`);
}
