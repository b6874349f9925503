/**
 * XXH3 with 64 and 128 bits, without a seed. The specification: github.com/Cyan4973/xxHash, doc/xxhash_spec.md. All arithmetic is
 * modulo 2^64.
 */
const SECRET = Uint8Array.from(
  (
    'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e'
  ).match(/../g)!,
  (pair) => Number.parseInt(pair, 16),
);
const P32 = [0n, 2654435761n, 2246822519n, 3266489917n] as const;
const P64 = [
  0n,
  11400714785074694791n,
  14029467366897019727n,
  1609587929392839161n,
  9650029242287828579n,
  2870177450012600261n,
] as const;
const MASK = (1n << 64n) - 1n;
const MASK32 = 0xffffffffn;

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const SECRET_VIEW = view(SECRET);
const key = (at: number): bigint => SECRET_VIEW.getBigUint64(at, true);

export function xxh3(bytes: Uint8Array): bigint {
  const data = new Input(bytes);
  const { length } = bytes;
  if (length <= 16) return short64(data);
  let sum = BigInt(length) * P64[1];
  if (length > 240) return avalanche(sum + merge(accumulate(data), 11));
  if (length <= 128) {
    for (let i = Math.ceil(length / 32) - 1; i >= 0; i--)
      sum += data.mix(16 * i, 32 * i) + data.mix(length - 16 * (i + 1), 32 * i + 16);
    return avalanche(sum);
  }
  for (let i = 0; i < 8; i++) sum += data.mix(16 * i, 16 * i);
  sum = avalanche(sum);
  for (let at = 128; at < (length & ~15); at += 16) sum += data.mix(at, at - 125);
  return avalanche(sum + data.mix(length - 16, 119));
}

/** The high and the low half. */
export function xxh128(bytes: Uint8Array): readonly [high: bigint, low: bigint] {
  const data = new Input(bytes);
  const { length } = bytes;
  if (length <= 16) return short128(data);
  const size = BigInt(length);
  if (length > 240) {
    const sums = accumulate(data);
    return [avalanche((~(size * P64[2]) & MASK) + merge(sums, 117)), avalanche(size * P64[1] + merge(sums, 11))];
  }
  let low = size * P64[1];
  let high = 0n;
  const mix = (first: number, second: number, secret: number): void => {
    low = ((low + data.mix(first, secret)) & MASK) ^ data.sum(second);
    high = ((high + data.mix(second, secret + 16)) & MASK) ^ data.sum(first);
  };
  if (length <= 128) {
    for (let i = Math.ceil(length / 32) - 1; i >= 0; i--) mix(16 * i, length - 16 * (i + 1), 32 * i);
  } else {
    for (let i = 0; i < 4; i++) mix(32 * i, 32 * i + 16, 32 * i);
    low = avalanche(low);
    high = avalanche(high);
    for (let at = 128; at < (length & ~31); at += 32) mix(at, at + 16, at - 125);
    mix(length - 16, length - 32, 103);
  }
  return [-avalanche(low * P64[1] + high * P64[4] + size * P64[2]) & MASK, avalanche(low + high)];
}

class Input {
  readonly length: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#view = view(bytes);
  }

  u64(at: number): bigint {
    return this.#view.getBigUint64(at, true);
  }

  u32(at: number): bigint {
    return BigInt(this.#view.getUint32(at, true));
  }

  byte(at: number): bigint {
    return BigInt(this.#view.getUint8(at));
  }

  /** 16 bytes folded with 16 of the secret. */
  mix(at: number, secret: number): bigint {
    return fold(this.u64(at) ^ key(secret), this.u64(at + 8) ^ key(secret + 8));
  }

  sum(at: number): bigint {
    return (this.u64(at) + this.u64(at + 8)) & MASK;
  }
}

function fold(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK) ^ (product >> 64n);
}

function avalanche(sum: bigint): bigint {
  let hash = sum & MASK;
  hash = ((hash ^ (hash >> 37n)) * 0x165667919e3779f9n) & MASK;
  return hash ^ (hash >> 32n);
}

function avalanche64(sum: bigint): bigint {
  let hash = sum & MASK;
  hash = ((hash ^ (hash >> 33n)) * P64[2]) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P64[3]) & MASK;
  return hash ^ (hash >> 32n);
}

/** Up to three bytes as one word: the second or only, the last, the first, and the length. */
function combined(data: Input): bigint {
  const { length } = data;
  return (data.byte(0) << 16n) | (data.byte(length >> 1) << 24n) | data.byte(length - 1) | (BigInt(length) << 8n);
}

function short64(data: Input): bigint {
  const { length } = data;
  const size = BigInt(length);
  if (length > 8) {
    const low = data.u64(0) ^ key(24) ^ key(32);
    const high = data.u64(length - 8) ^ key(40) ^ key(48);
    return avalanche(size + swap(low, 8) + high + fold(low, high));
  }
  if (length > 3) {
    let hash = (data.u32(length - 4) + (data.u32(0) << 32n)) ^ key(8) ^ key(16);
    hash ^= rotate(hash, 49n) ^ rotate(hash, 24n);
    hash = (hash * 0x9fb21c651e98df25n) & MASK;
    hash ^= (hash >> 35n) + size;
    hash = (hash * 0x9fb21c651e98df25n) & MASK;
    return hash ^ (hash >> 28n);
  }
  if (length === 0) return avalanche64(key(56) ^ key(64));
  return avalanche64(combined(data) ^ (key(0) & MASK32) ^ (key(0) >> 32n));
}

function short128(data: Input): readonly [high: bigint, low: bigint] {
  const { length } = data;
  if (length === 0) return [avalanche64(key(80) ^ key(88)), avalanche64(key(64) ^ key(72))];
  if (length > 8) return middle128(data);
  if (length > 3) {
    const keyed = (data.u32(0) + (data.u32(length - 4) << 32n)) ^ key(16) ^ key(24);
    const product = keyed * ((P64[1] + (BigInt(length) << 2n)) & MASK);
    let low = product & MASK;
    const high = ((product >> 64n) + (low << 1n)) & MASK;
    low ^= high >> 3n;
    low = ((low ^ (low >> 35n)) * 0x9fb21c651e98df25n) & MASK;
    return [avalanche(high), low ^ (low >> 28n)];
  }
  const low = combined(data);
  const swapped = swap(low, 4);
  const high = ((swapped << 13n) | (swapped >> 19n)) & MASK32;
  return [
    avalanche64(high ^ (key(8) & MASK32) ^ (key(8) >> 32n)),
    avalanche64(low ^ (key(0) & MASK32) ^ (key(0) >> 32n)),
  ];
}

function middle128(data: Input): readonly [high: bigint, low: bigint] {
  const first = data.u64(0);
  const last = data.u64(data.length - 8);
  const product = (first ^ last ^ key(32) ^ key(40)) * P64[1];
  const keyed = last ^ key(48) ^ key(56);
  const high = ((product >> 64n) + keyed + (keyed & MASK32) * (P32[2] - 1n)) & MASK;
  const low = (((product & MASK) + (BigInt(data.length - 1) << 54n)) & MASK) ^ swap(high, 8);
  const result = low * P64[2];
  return [avalanche((result >> 64n) + high * P64[2]), avalanche(result)];
}

/** Stripes of 64 bytes in blocks of 1024; the last stripe ends with the input. */
function accumulate(data: Input): bigint[] {
  const sums = [P32[3], P64[1], P64[2], P64[3], P64[4], P32[2], P64[5], P32[1]] as bigint[];
  const last = Math.ceil(data.length / 64) - 1;
  for (let stripe = 0; stripe < last; stripe++) {
    addStripe(sums, data, 64 * stripe, 8 * (stripe % 16));
    if (stripe % 16 !== 15) continue;
    for (let i = 0; i < 8; i++) sums[i] = ((sums[i]! ^ (sums[i]! >> 47n) ^ key(128 + 8 * i)) * P32[1]) & MASK;
  }
  addStripe(sums, data, data.length - 64, 121);
  return sums;
}

function addStripe(sums: bigint[], data: Input, at: number, secret: number): void {
  for (let i = 0; i < 8; i++) {
    const value = data.u64(at + 8 * i);
    const keyed = value ^ key(secret + 8 * i);
    sums[i ^ 1] = (sums[i ^ 1]! + value) & MASK;
    sums[i] = (sums[i]! + (keyed & MASK32) * (keyed >> 32n)) & MASK;
  }
}

function merge(sums: readonly bigint[], secret: number): bigint {
  let merged = 0n;
  for (let i = 0; i < 4; i++)
    merged += fold(sums[2 * i]! ^ key(secret + 16 * i), sums[2 * i + 1]! ^ key(secret + 16 * i + 8));
  return merged;
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK;
}

function swap(value: bigint, bytes: number): bigint {
  let result = 0n;
  for (let i = 0; i < bytes; i++) result = (result << 8n) | ((value >> BigInt(8 * i)) & 0xffn);
  return result;
}
