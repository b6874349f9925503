import type { HeaderFields } from '../exchange.ts';

const STATUS_INDEX: Readonly<Record<number, number>> = { 200: 8, 204: 9, 400: 12, 404: 13, 500: 14 };
const STATUS_NAME_INDEX = 8;
const INDEXED = 0x80;

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

/** Header blocks by the header object they were made from: the answers of the hot path are constants. */
export class HeaderBlocks {
  readonly #blocks = new WeakMap<HeaderFields, Buffer>();

  of(status: number | undefined, headers: HeaderFields): Buffer {
    // A constant is used with one status only.
    let block = this.#blocks.get(headers);
    if (block === undefined) {
      block = encodeHeaderBlock(status, headers);
      this.#blocks.set(headers, block);
    }
    return block;
  }
}
