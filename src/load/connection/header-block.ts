/**
 * The two ends of HPACK a load generator needs: request blocks that cost the server what an ordinary client's cost, and
 * response blocks read without a dynamic table (the client announces a table size of 0, RFC 7541 section 4.2).
 */

const ascii = new TextEncoder();
const latin = new TextDecoder('latin1');

/** Static table positions whose value is fixed (RFC 7541 appendix A), as far as responses use them. */
const STATIC_FIELD: Readonly<Record<number, readonly [string, string]>> = {
  8: [':status', '200'],
  9: [':status', '204'],
  10: [':status', '206'],
  11: [':status', '304'],
  12: [':status', '400'],
  13: [':status', '404'],
  14: [':status', '500'],
};

/** Blocks for a connection that always sends the same fields: `first` fills the server's dynamic table, `next` refers to it. */
export function requestBlocks(fields: readonly (readonly [string, string])[]): RequestBlocks {
  const literal = (prefix: number) => fields.flatMap(([name, value]) => [prefix, ...octets(name), ...octets(value)]);
  // The newest entry has index 62, so the first field inserted ends up highest.
  const indexed = fields.map((_, position) => 0x80 | (62 + fields.length - 1 - position));
  return {
    first: Uint8Array.from(literal(0x40)),
    next: Uint8Array.from(indexed),
    // A server that shrinks its table must be told so first: the leading octet sets the size to 0.
    unindexed: Uint8Array.from([0x20, ...literal(0x00)]),
  };
}

export interface RequestBlocks {
  readonly first: Uint8Array;
  readonly next: Uint8Array;
  /** For a server whose table is smaller than the default 4096 bytes. */
  readonly unindexed: Uint8Array;
}

function octets(value: string): number[] {
  const bytes = ascii.encode(value);
  if (bytes.length < 127) return [bytes.length, ...bytes];
  const prefix = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) prefix.push((rest & 127) | 128);
  return [...prefix, rest, ...bytes];
}

/** Calls `field` for every header of a response block. Names only known by an index of the static table come as `#<index>`. */
export function readResponseBlock(block: Uint8Array, field: (name: string, value: string) => void): void {
  let at = 0;
  const number = (prefixBits: number): number => {
    const mask = 2 ** prefixBits - 1;
    let value = block[at++]! & mask;
    if (value < mask) return value;
    for (let shift = 1; ; shift *= 128) {
      const byte = block[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128 || at >= block.length) return value;
    }
  };
  const string = (): string => {
    const huffman = (block[at]! & 0x80) !== 0;
    const length = number(7);
    const bytes = block.subarray(at, at + length);
    at += length;
    return huffman ? decodeHuffman(bytes) : latin.decode(bytes);
  };
  while (at < block.length) {
    const first = block[at]!;
    if (first >= 0x80) {
      const known = STATIC_FIELD[number(7)];
      if (known !== undefined) field(known[0], known[1]);
    } else if (first >= 0x20 && first < 0x40) {
      number(5);
    } else {
      const index = number(first >= 0x40 ? 6 : 4);
      const name = index === 0 ? string() : index >= 8 && index <= 14 ? ':status' : `#${index}`;
      field(name, string());
    }
  }
}

/** Code lengths and codes of printable ASCII from RFC 7541 appendix B; other octets do not occur in gRPC's fields. */
const HUFFMAN_CODES: readonly (readonly [bits: number, firstCode: number, symbols: string])[] = [
  [5, 0x0, '012aceiost'],
  [6, 0x14, ' %-./3456789=A_bdfghlmnpru'],
  [7, 0x5c, ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz'],
  [8, 0xf8, '&*,;XZ'],
  [10, 0x3f8, '!"()?'],
  [11, 0x7fa, "'+|"],
  [12, 0xffa, '#>'],
  [13, 0x1ff9, '$@[]~'],
  [14, 0x3ffc, '^}'],
  [15, 0x7ffc, '<`{'],
  [19, 0x7fff0, '\\'],
];

const HUFFMAN_SYMBOL: ReadonlyMap<string, string> = new Map(
  HUFFMAN_CODES.flatMap(([bits, firstCode, symbols]) =>
    [...symbols].map((symbol, i) => [(firstCode + i).toString(2).padStart(bits, '0'), symbol] as const),
  ),
);

function decodeHuffman(bytes: Uint8Array): string {
  let decoded = '';
  let code = '';
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code += (byte >> bit) & 1;
      const symbol = HUFFMAN_SYMBOL.get(code);
      if (symbol !== undefined) {
        decoded += symbol;
        code = '';
      }
    }
  }
  return decoded;
}
