/** MurmurHash3 with seed 0, by Austin Appleby (public domain): 32 bits, and 128 bits for x64. */
export function murmur32(bytes: Uint8Array): number {
  let hash = 0;
  const blocks = bytes.length >> 2;
  for (let i = 0; i <= blocks; i++) {
    const at = 4 * i;
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash ^= Math.imul(rotate32(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
    if (i < blocks) hash = Math.imul(rotate32(hash, 13), 5) + 0xe6546b64;
  }
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const rotate32 = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

export function murmur128(bytes: Uint8Array): readonly [bigint, bigint] {
  let first = 0n;
  let second = 0n;
  const blocks = bytes.length >> 4;
  for (let i = 0; i < blocks; i++) {
    first ^= scramble(word64(bytes, 16 * i), C1, 31n, C2);
    first = wrap((rotate64(first, 27n) + second) * 5n + 0x52dce729n);
    second ^= scramble(word64(bytes, 16 * i + 8), C2, 33n, C1);
    second = wrap((rotate64(second, 31n) + first) * 5n + 0x38495ab5n);
  }
  second ^= scramble(word64(bytes, 16 * blocks + 8), C2, 33n, C1);
  first ^= scramble(word64(bytes, 16 * blocks), C1, 31n, C2);
  first ^= BigInt(bytes.length);
  second ^= BigInt(bytes.length);
  first = wrap(first + second);
  second = wrap(second + first);
  first = finish(first);
  second = finish(second);
  first = wrap(first + second);
  return [first, wrap(second + first)];
}

/** What lies behind the end counts as 0. */
function word64(bytes: Uint8Array, at: number): bigint {
  let word = 0n;
  for (let i = 7; i >= 0; i--) word = (word << 8n) | BigInt(bytes[at + i] ?? 0);
  return word;
}

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);

function rotate64(value: bigint, by: bigint): bigint {
  return wrap((value << by) | (value >> (64n - by)));
}

function scramble(word: bigint, by: bigint, turn: bigint, then: bigint): bigint {
  return wrap(rotate64(wrap(word * by), turn) * then);
}

function finish(value: bigint): bigint {
  let hash = wrap((value ^ (value >> 33n)) * 0xff51afd7ed558ccdn);
  hash = wrap((hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return hash ^ (hash >> 33n);
}
