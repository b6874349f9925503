/**
 * Code lengths of HPACK's Huffman code by byte, then end-of-string. The code is canonical, so the lengths say all.
 * https://www.rfc-editor.org/rfc/rfc7541#appendix-B
 */
// biome-ignore format: a table reads better in rows of sixteen
const CODE_LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
] as const;
const END_OF_STRING = 256;
const MAX_PADDING_BITS = 7;

/** Two slots a node: the next node, or -1 - symbol for a leaf. */
function buildTree(): Int16Array {
  const order = CODE_LENGTHS.map((length, symbol) => ({ length, symbol })).sort(
    (a, b) => a.length - b.length || a.symbol - b.symbol,
  );
  const tree: number[] = [0, 0];
  let code = 0;
  let codeLength = 0;
  for (const { length, symbol } of order) {
    code *= 2 ** (length - codeLength);
    codeLength = length;
    let node = 0;
    for (let bit = length - 1; bit >= 0; bit--) {
      const slot = node + (Math.floor(code / 2 ** bit) % 2);
      if (bit === 0) tree[slot] = -1 - symbol;
      else {
        if (tree[slot] === 0) {
          tree[slot] = tree.length;
          tree.push(0, 0);
        }
        node = tree[slot];
      }
    }
    code++;
  }
  return Int16Array.from(tree);
}

const TREE = buildTree();

/** Decodes [start, end) into latin1 text; undefined when it isn't Huffman-coded as HPACK wants it. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string | undefined {
  const codes: number[] = [];
  let node = 0;
  let pendingBits = 0;
  let pendingOnes = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    for (let bit = 7; bit >= 0; bit--) {
      const one = (byte >> bit) & 1;
      const next = TREE[node + one];
      pendingBits++;
      if (one === 0) pendingOnes = false;
      if (next >= 0) {
        node = next;
        continue;
      }
      const symbol = -1 - next;
      if (symbol === END_OF_STRING) return undefined;
      codes.push(symbol);
      node = 0;
      pendingBits = 0;
      pendingOnes = true;
    }
  }
  // What is left over must be the beginning of end-of-string: ones, and less than a byte of them.
  if (pendingBits > MAX_PADDING_BITS || !pendingOnes) return undefined;
  return String.fromCharCode(...codes);
}
