/**
 * Huffman coding of header strings, decoding only. Source: RFC 7541 section 5.2 and appendix B.
 * The code is canonical: ordered by length and then by symbol, each code is the one before it plus one. So lengths are all it takes.
 */
const CODE_LENGTHS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

/** The decoding tree: node n has its children at 2n and 2n + 1; negative entries are leaves, symbol s as -s - 1. */
const TREE = buildTree();
const LEAF_BASE = -1;

function buildTree(): Int16Array {
  const tree: number[] = [0, 0];
  const symbols = CODE_LENGTHS.map((_, symbol) => symbol).sort((a, b) => CODE_LENGTHS[a]! - CODE_LENGTHS[b]! || a - b);
  let code = 0;
  let length = 0;
  for (const symbol of symbols) {
    code *= 2 ** (CODE_LENGTHS[symbol]! - length);
    length = CODE_LENGTHS[symbol]!;
    insert(tree, { code, length, symbol });
    code++;
  }
  return Int16Array.from(tree);
}

function insert(tree: number[], { code, length, symbol }: { code: number; length: number; symbol: number }): void {
  let node = 0;
  for (let bit = length - 1; bit > 0; bit--) {
    const slot = 2 * node + ((code >>> bit) & 1);
    if (tree[slot] === 0) {
      tree[slot] = tree.length / 2;
      tree.push(0, 0);
    }
    node = tree[slot]!;
  }
  tree[2 * node + (code & 1)] = LEAF_BASE - symbol;
}

/**
 * Decodes bytes[start, end) to text of one character per byte; undefined when it is not Huffman code: a code that does not
 * exist, padding of 8 bits or more, or padding other than ones.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text: number[] = [];
  let node = 0;
  let bitsSinceSymbol = 0;
  let onlyOnes = true;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    for (let bit = 7; bit >= 0; bit--) {
      const value = (byte >>> bit) & 1;
      const next = TREE[2 * node + value]!;
      if (next < 0) {
        text.push(LEAF_BASE - next);
        node = 0;
        bitsSinceSymbol = 0;
        onlyOnes = true;
      } else {
        if (next === 0) return undefined; // the end-of-string code, which must not appear
        node = next;
        bitsSinceSymbol++;
        onlyOnes &&= value === 1;
      }
    }
  }
  if (bitsSinceSymbol > 7 || !onlyOnes) return undefined;
  return String.fromCharCode(...text);
}
