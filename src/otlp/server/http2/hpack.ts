import type { HeaderFields } from '../exchange.ts';
import { ConnectionError, ERROR_CODE } from './frame.ts';
import { decodeHuffman } from './huffman.ts';

/** https://www.rfc-editor.org/rfc/rfc7541#appendix-A */
const STATIC_TABLE: readonly (readonly [string, string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', ''],
  ['accept-ranges', ''],
  ['accept', ''],
  ['access-control-allow-origin', ''],
  ['age', ''],
  ['allow', ''],
  ['authorization', ''],
  ['cache-control', ''],
  ['content-disposition', ''],
  ['content-encoding', ''],
  ['content-language', ''],
  ['content-length', ''],
  ['content-location', ''],
  ['content-range', ''],
  ['content-type', ''],
  ['cookie', ''],
  ['date', ''],
  ['etag', ''],
  ['expect', ''],
  ['expires', ''],
  ['from', ''],
  ['host', ''],
  ['if-match', ''],
  ['if-modified-since', ''],
  ['if-none-match', ''],
  ['if-range', ''],
  ['if-unmodified-since', ''],
  ['last-modified', ''],
  ['link', ''],
  ['location', ''],
  ['max-forwards', ''],
  ['proxy-authenticate', ''],
  ['proxy-authorization', ''],
  ['range', ''],
  ['referer', ''],
  ['refresh', ''],
  ['retry-after', ''],
  ['server', ''],
  ['set-cookie', ''],
  ['strict-transport-security', ''],
  ['transfer-encoding', ''],
  ['user-agent', ''],
  ['vary', ''],
  ['via', ''],
  ['www-authenticate', ''],
];

const TABLE_BYTES = 4096;
const ENTRY_OVERHEAD_BYTES = 32;
const STATUS_INDEX: Readonly<Record<number, number>> = { 200: 8, 204: 9, 400: 12, 404: 13, 500: 14 };
const STATUS_NAME_INDEX = 8;
const INDEXED = 0x80;
const INCREMENTAL = 0x40;
const SIZE_UPDATE = 0x20;

/** A decoded header list; names in lower case, repeated fields joined by a comma. */
export type HeaderList = Readonly<Record<string, string>>;

/**
 * Decodes the header blocks of one connection, in order; every block must pass through, also those of refused streams.
 * Senders of telemetry repeat themselves: a block equal to the last one, with the table unchanged, is answered from memory.
 */
export class HpackDecoder {
  readonly #maxListBytes: number;
  /** Newest last. */
  #entries: (readonly [string, string])[] = [];
  #tableBytes = 0;
  #maxTableBytes = TABLE_BYTES;
  #changes = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #lastBlock: Buffer = Buffer.alloc(0);
  #lastList: HeaderList | undefined;
  #lastChanges = -1;

  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes;
  }

  /** Undefined when the list is larger than allowed; the table is up to date all the same. Throws ConnectionError. */
  decode(block: Buffer): HeaderList | undefined {
    if (this.#lastChanges === this.#changes && block.equals(this.#lastBlock)) return this.#lastList;
    const changes = this.#changes;
    this.#bytes = block;
    this.#at = 0;
    const list: Record<string, string> = Object.create(null);
    let listBytes = 0;
    while (this.#at < block.length) {
      const field = this.#field();
      if (field === undefined) continue;
      const [name, value] = field;
      listBytes += name.length + value.length + ENTRY_OVERHEAD_BYTES;
      if (listBytes > this.#maxListBytes) continue;
      list[name] = list[name] === undefined ? value : `${list[name]}, ${value}`;
    }
    if (listBytes > this.#maxListBytes) return undefined;
    if (changes === this.#changes) {
      this.#lastBlock = Buffer.from(block);
      this.#lastList = list;
      this.#lastChanges = changes;
    }
    return list;
  }

  /** The next field; undefined for a table size update. */
  #field(): readonly [string, string] | undefined {
    const first = this.#bytes[this.#at];
    if (first >= INDEXED) return this.#entry(this.#integer(7));
    if (first >= INCREMENTAL) {
      const field = this.#literal(6);
      this.#insert(field);
      return field;
    }
    if (first >= SIZE_UPDATE) {
      const size = this.#integer(5);
      if (size > TABLE_BYTES) throw corrupt('table size above the setting');
      this.#maxTableBytes = size;
      this.#changes++;
      this.#evict();
      return undefined;
    }
    return this.#literal(4);
  }

  #literal(prefixBits: number): readonly [string, string] {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    return [name, this.#string()];
  }

  #entry(index: number): readonly [string, string] {
    if (index === 0) throw corrupt('index 0');
    const known = STATIC_TABLE.length;
    const entry = index <= known ? STATIC_TABLE[index - 1] : this.#entries[this.#entries.length - (index - known)];
    if (entry === undefined) throw corrupt('index out of range');
    return entry;
  }

  #integer(prefixBits: number): number {
    const mask = 2 ** prefixBits - 1;
    let value = this.#bytes[this.#at++] & mask;
    if (value < mask) return value;
    for (let shift = 1; shift <= 2 ** 28; shift *= 128) {
      if (this.#at >= this.#bytes.length) throw corrupt('integer cut off');
      const byte = this.#bytes[this.#at++];
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
    throw corrupt('integer too large');
  }

  #string(): string {
    if (this.#at >= this.#bytes.length) throw corrupt('string cut off');
    const huffman = this.#bytes[this.#at] >= 0x80;
    const length = this.#integer(7);
    const start = this.#at;
    const end = start + length;
    if (end > this.#bytes.length) throw corrupt('string cut off');
    this.#at = end;
    if (!huffman) return this.#bytes.toString('latin1', start, end);
    const text = decodeHuffman(this.#bytes, start, end);
    if (text === undefined) throw corrupt('Huffman code');
    return text;
  }

  #insert(field: readonly [string, string]): void {
    this.#entries.push(field);
    this.#tableBytes += field[0].length + field[1].length + ENTRY_OVERHEAD_BYTES;
    this.#changes++;
    this.#evict();
  }

  #evict(): void {
    while (this.#tableBytes > this.#maxTableBytes) {
      const [name, value] = this.#entries.shift() as readonly [string, string];
      this.#tableBytes -= name.length + value.length + ENTRY_OVERHEAD_BYTES;
    }
  }
}

function corrupt(what: string): ConnectionError {
  return new ConnectionError(ERROR_CODE.compressionError, `header block: ${what}`);
}

function pushInteger(out: number[], firstByte: number, prefixBits: number, value: number): void {
  const mask = 2 ** prefixBits - 1;
  if (value < mask) {
    out.push(firstByte | value);
    return;
  }
  out.push(firstByte | mask);
  let rest = value - mask;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
}

function pushString(out: number[], text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  pushInteger(out, 0, 7, bytes.length);
  for (const byte of bytes) out.push(byte);
}

/** A header block of its own: never touches the peer's table, so the same answer is the same bytes on every connection. */
export function encodeHeaderBlock(status: number | undefined, headers: HeaderFields): Buffer {
  const out: number[] = [];
  if (status !== undefined) {
    const index = STATUS_INDEX[status];
    if (index !== undefined) pushInteger(out, INDEXED, 7, index);
    else {
      pushInteger(out, 0, 4, STATUS_NAME_INDEX);
      pushString(out, String(status));
    }
  }
  for (const [name, value] of Object.entries(headers)) {
    out.push(0);
    pushString(out, name);
    pushString(out, value);
  }
  return Buffer.from(out);
}
