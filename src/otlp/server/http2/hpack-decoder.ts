import { ConnectionError, ERROR_CODE } from './frame.ts';
import { type HeaderField, type HeaderList, headerField } from './header-field.ts';
import { decodeHuffman } from './huffman.ts';
import { STATIC_TABLE } from './static-table.ts';

const TABLE_BYTES = 4096;
const INDEXED = 0x80;
const INCREMENTAL = 0x40;
const SIZE_UPDATE = 0x20;

/**
 * Decodes the header blocks of one connection, in order; every block must pass through, also those of refused streams.
 * Senders of telemetry repeat themselves: a block equal to the last one, with the table unchanged, is answered from memory.
 */
export class HpackDecoder {
  readonly #maxListBytes: number;
  /** Newest last. */
  #entries: HeaderField[] = [];
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
    this.#resizes(block);
    const list: HeaderField[] = [];
    let listBytes = 0;
    while (this.#at < block.length) {
      const field = this.#field();
      listBytes += field.sizeBytes;
      if (listBytes <= this.#maxListBytes) list.push(field);
    }
    if (listBytes > this.#maxListBytes) return undefined;
    if (changes === this.#changes) {
      this.#lastBlock = Buffer.from(block);
      this.#lastList = list;
      this.#lastChanges = changes;
    }
    return list;
  }

  /** Table size updates stand at the beginning of a block and nowhere else. */
  #resizes(block: Buffer): void {
    while (this.#at < block.length && isSizeUpdate(block[this.#at])) {
      const size = this.#integer(5);
      if (size > TABLE_BYTES) throw corrupt('table size above the setting');
      this.#maxTableBytes = size;
      this.#changes++;
      this.#evict();
    }
  }

  #field(): HeaderField {
    const first = this.#bytes[this.#at];
    if (first >= INDEXED) return this.#entry(this.#integer(7));
    if (first >= INCREMENTAL) {
      const field = this.#literal(6);
      this.#insert(field);
      return field;
    }
    if (isSizeUpdate(first)) throw corrupt('table size update behind a field');
    return this.#literal(4);
  }

  #literal(prefixBits: number): HeaderField {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#entry(index).name;
    return headerField(name, this.#string());
  }

  #entry(index: number): HeaderField {
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

  #insert(field: HeaderField): void {
    this.#entries.push(field);
    this.#tableBytes += field.sizeBytes;
    this.#changes++;
    this.#evict();
  }

  #evict(): void {
    while (this.#tableBytes > this.#maxTableBytes) {
      this.#tableBytes -= (this.#entries.shift() as HeaderField).sizeBytes;
    }
  }
}

function isSizeUpdate(first: number): boolean {
  return first >= SIZE_UPDATE && first < INCREMENTAL;
}

function corrupt(what: string): ConnectionError {
  return new ConnectionError(ERROR_CODE.compressionError, `header block: ${what}`);
}
