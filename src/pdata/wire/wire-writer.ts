import { tagOf, varintSize, WIRE_TYPE } from './format.ts';

const textEncoder = new TextEncoder();
const MAX_LOOPED = 32;

/** Where a message begun with `beginMessage` stands; give it back to `endMessage`. */
export type MessageMark = number;

/**
 * Writes protobuf fields into one growing buffer. A message's length is filled in when it ends, so nothing is measured
 * ahead. Fields are written as given: leaving out defaults is the caller's business.
 */
export class WireWriter {
  #buffer: Uint8Array;
  #view: DataView;
  #length = 0;
  #source: Uint8Array | undefined;
  /** Where the source stands in the buffer; -1 while it does not. */
  #sourceStart = -1;

  constructor(capacityBytes = 256) {
    this.#buffer = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#buffer.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** What is written to; only the first `length` bytes of it mean anything. Further writing may move on to another one. */
  get buffer(): Uint8Array {
    return this.#buffer;
  }

  /** The bytes written so far, as a view that further writing may detach from. */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Forgets everything after `length`, which was read from this writer before. */
  truncate(length: number): void {
    this.#length = length;
    if (length <= this.#sourceStart) this.#sourceStart = -1;
  }

  /** Names bytes of which many ranges may be written, instead of those named before. */
  expect(source: Uint8Array | undefined): void {
    this.#source = source;
    this.#sourceStart = -1;
  }

  /**
   * To be called before something is written that ranges of the expected source are part of: takes in all of it, once. A copy within one
   * buffer takes half the time of one between two, and leaves no view to the garbage collector.
   */
  takeInSource(): void {
    if (this.#source === undefined || this.#sourceStart >= 0) return;
    const start = this.#length;
    this.raw(this.#source);
    this.#sourceStart = start;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Copies [start, end) of `bytes`; short ones, and those of the source, without the cost of a view. */
  rawRange(bytes: Uint8Array, start: number, end: number): void {
    const inSource = bytes === this.#source ? this.#sourceStart : -1;
    if (end - start > 48 && inSource < 0) {
      this.raw(bytes.subarray(start, end));
      return;
    }
    this.#reserve(end - start);
    if (inSource >= 0) {
      this.#buffer.copyWithin(this.#length, inSource + start, inSource + end);
      this.#length += end - start;
      return;
    }
    const buffer = this.#buffer;
    let at = this.#length;
    for (let from = start; from < end; from++) buffer[at++] = bytes[from];
    this.#length = at;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  tag(fieldNumber: number, wireType: number): void {
    this.varint(tagOf(fieldNumber, wireType as 0));
  }

  /** An unsigned integer below 2^53. */
  varint(value: number): void {
    this.#reserve(8);
    this.#length = this.#putVarint(this.#length, value);
  }

  /** Any 64-bit integer; negative ones as two's complement. */
  varint64(value: bigint): void {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest >= 128n) {
      this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  fixed64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigUint64(this.#length, BigInt.asUintN(64, value), true);
    this.#length += 8;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** uint32, int32 (negative ones take ten bytes, as protobuf has it) and enums. */
  int32Field(fieldNumber: number, value: number): void {
    this.tag(fieldNumber, WIRE_TYPE.varint);
    if (value < 0) this.varint64(BigInt(value));
    else this.varint(value);
  }

  int64Field(fieldNumber: number, value: bigint): void {
    this.tag(fieldNumber, WIRE_TYPE.varint);
    this.varint64(value);
  }

  boolField(fieldNumber: number, value: boolean): void {
    this.tag(fieldNumber, WIRE_TYPE.varint);
    this.varint(value ? 1 : 0);
  }

  fixed64Field(fieldNumber: number, value: bigint): void {
    this.tag(fieldNumber, WIRE_TYPE.fixed64);
    this.fixed64(value);
  }

  doubleField(fieldNumber: number, value: number): void {
    this.tag(fieldNumber, WIRE_TYPE.fixed64);
    this.double(value);
  }

  fixed32Field(fieldNumber: number, value: number): void {
    this.tag(fieldNumber, WIRE_TYPE.fixed32);
    this.fixed32(value);
  }

  bytesField(fieldNumber: number, value: Uint8Array): void {
    this.lengthPrefix(fieldNumber, value.length);
    this.raw(value);
  }

  stringField(fieldNumber: number, value: string): void {
    const mark = this.beginMessage(fieldNumber);
    this.text(value);
    this.endMessage(mark);
  }

  /** Tag and length of a field whose content the caller writes next. */
  lengthPrefix(fieldNumber: number, byteLength: number): void {
    this.tag(fieldNumber, WIRE_TYPE.lengthDelimited);
    this.varint(byteLength);
  }

  /** UTF-8 without any prefix; lone surrogates become U+FFFD. */
  text(value: string): void {
    this.#reserve(value.length * 3);
    if (value.length <= MAX_LOOPED && this.#putAscii(value)) return;
    this.#length += textEncoder.encodeInto(value, this.#buffer.subarray(this.#length)).written;
  }

  beginMessage(fieldNumber: number): MessageMark {
    this.tag(fieldNumber, WIRE_TYPE.lengthDelimited);
    this.#reserve(1);
    this.#length += 1;
    return this.#length;
  }

  /** One byte was left for the length; longer messages are moved up to make room. */
  endMessage(mark: MessageMark): void {
    const byteLength = this.#length - mark;
    const prefixSize = varintSize(byteLength);
    if (prefixSize > 1) {
      this.#reserve(prefixSize - 1);
      this.#buffer.copyWithin(mark + prefixSize - 1, mark, this.#length);
    }
    // Room for the prefix is there, so nothing may grow the buffer here: it would keep only what lies below #length.
    this.#putVarint(mark - 1, byteLength);
    this.#length = mark - 1 + prefixSize + byteLength;
  }

  /** Faster than the encoder for the short texts that most are; false, with nothing written, if it is no ASCII. */
  #putAscii(value: string): boolean {
    let at = this.#length;
    for (let from = 0; from < value.length; from++) {
      const code = value.charCodeAt(from);
      if (code >= 0x80) return false;
      this.#buffer[at++] = code;
    }
    this.#length = at;
    return true;
  }

  /** Position after the varint written at `position`. */
  #putVarint(position: number, value: number): number {
    let at = position;
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[at++] = (rest % 128) | 0x80;
    this.#buffer[at++] = rest;
    return at;
  }

  #reserve(byteCount: number): void {
    const needed = this.#length + byteCount;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}
