/**
 * HPACK, the header compression of HTTP/2: a decoder for what senders write, and the little that answers need to be written.
 * Source: RFC 7541.
 */
import { decodeHuffman } from './huffman.ts';
import { STATIC_TABLE } from './static-table.ts';

/** Names and values in turn, in the order of the block. Names are as sent; HTTP/2 wants them in lower case. */
export type HeaderList = readonly string[];

/** Size of the dynamic table that we offer to senders; the default, so that SETTINGS need not name it. */
const TABLE_BYTES = 4096;
const ENTRY_OVERHEAD = 32;
const MAX_INTEGER = 2 ** 28;

/** The block breaks HPACK: the shared table is lost, and so is the connection (COMPRESSION_ERROR). */
export class HpackError extends Error {}

/** Decodes the header blocks of one connection, in order. */
export class HpackDecoder {
  readonly #maxListBytes: number;
  /** Newest entry first. */
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  #tableBytes = 0;
  #tableLimit = TABLE_BYTES;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes;
  }

  /** The fields of one block; undefined when the list is larger than the limit: the table is in step, the request is not to be served. */
  decode(block: Uint8Array): HeaderList | undefined {
    this.#bytes = block;
    this.#at = 0;
    const list: string[] = [];
    let listBytes = 0;
    let mayResize = true;
    while (this.#at < block.length) {
      const first = block[this.#at]!;
      if ((first & 0xe0) === 0x20) {
        if (!mayResize) throw new HpackError('table size update after a field');
        this.#resize(this.#readInteger(5));
        continue;
      }
      mayResize = false;
      const mark = list.length;
      this.#readField(first, list);
      listBytes += list[mark]!.length + list[mark + 1]!.length + ENTRY_OVERHEAD;
      if (listBytes > this.#maxListBytes) list.length = 0;
    }
    return listBytes > this.#maxListBytes ? undefined : list;
  }

  #readField(first: number, list: string[]): void {
    if (first >= 0x80) {
      const index = this.#readInteger(7);
      list.push(this.#nameAt(index), this.#valueAt(index));
      return;
    }
    const indexed = first >= 0x40;
    const index = this.#readInteger(indexed ? 6 : 4);
    const name = index === 0 ? this.#readString() : this.#nameAt(index);
    const value = this.#readString();
    list.push(name, value);
    if (indexed) this.#insert(name, value);
  }

  #nameAt(index: number): string {
    if (index >= 1 && index <= STATIC_TABLE.length) return STATIC_TABLE[index - 1]![0];
    const name = this.#names[index - STATIC_TABLE.length - 1];
    if (name === undefined) throw new HpackError(`no field at index ${index}`);
    return name;
  }

  #valueAt(index: number): string {
    return index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1]![1] : this.#values[index - STATIC_TABLE.length - 1]!;
  }

  #insert(name: string, value: string): void {
    this.#names.unshift(name);
    this.#values.unshift(value);
    this.#tableBytes += name.length + value.length + ENTRY_OVERHEAD;
    this.#evict();
  }

  #resize(limit: number): void {
    if (limit > TABLE_BYTES) throw new HpackError(`table of ${limit} bytes, ${TABLE_BYTES} are allowed`);
    this.#tableLimit = limit;
    this.#evict();
  }

  #evict(): void {
    while (this.#tableBytes > this.#tableLimit) {
      this.#tableBytes -= this.#names.pop()!.length + this.#values.pop()!.length + ENTRY_OVERHEAD;
    }
  }

  #readInteger(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = this.#readByte() & mask;
    if (value < mask) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#readByte();
      value += (byte & 0x7f) * factor;
      if (value > MAX_INTEGER) throw new HpackError('integer too large');
      if (byte < 0x80) return value;
      if (factor > MAX_INTEGER) throw new HpackError('integer too long');
    }
  }

  #readByte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new HpackError('the block ends within a field');
    return byte;
  }

  #readString(): string {
    const isHuffman = this.#at < this.#bytes.length && this.#bytes[this.#at]! >= 0x80;
    const length = this.#readInteger(7);
    const start = this.#at;
    const end = start + length;
    if (end > this.#bytes.length) throw new HpackError('the block ends within a string');
    this.#at = end;
    if (!isHuffman) return latin1(this.#bytes, start, end);
    const text = decodeHuffman(this.#bytes, start, end);
    if (text === undefined) throw new HpackError('not Huffman code');
    return text;
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).latin1Slice();
}

const STATUS_NAME_INDEX = 8;
const INDEXED_STATUS: Readonly<Record<number, number>> = { 200: 8, 204: 9, 206: 10, 304: 11, 400: 12, 404: 13, 500: 14 };

/** The first field of an answer: `:status`. */
export function encodeStatusField(status: number): Uint8Array {
  const index = INDEXED_STATUS[status];
  if (index !== undefined) return Uint8Array.of(0x80 | index);
  return Buffer.concat([Uint8Array.of(STATUS_NAME_INDEX), encodeString(String(status))]);
}

/** A field that the peer need not remember: no table on our side can get out of step. */
export function encodeField(name: string, value: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(0), encodeString(name), encodeString(value)]);
}

function encodeString(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([encodeLength(bytes.length), bytes]);
}

function encodeLength(length: number): Uint8Array {
  if (length < 127) return Uint8Array.of(length);
  const bytes = [127];
  let rest = length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
