const SETS = 32;
/** Inputs of one hash that are remembered side by side: with one, a fifth of 60 resources would put each other out again and again. */
const WAYS = 8;
const MAX_INPUT_BYTES = 4096;

interface Entry<T> {
  readonly hash: number;
  readonly input: Uint8Array;
  readonly result: T;
}

/**
 * Remembers what a pure function made of the byte strings it saw last: senders repeat the same resource in every request.
 * Bounded: 256 inputs of at most 4 KiB, a new one takes the place of another of the same hash.
 */
export class RecentResults<T> {
  readonly #entries: (Entry<T> | undefined)[] = new Array(SETS * WAYS).fill(undefined);
  #turn = 0;

  of(input: Uint8Array, compute: (input: Uint8Array) => T): T {
    if (input.length > MAX_INPUT_BYTES) return compute(input);
    const hash = hashOf(input);
    const first = (hash & (SETS - 1)) * WAYS;
    let free = first + this.#turn;
    for (let at = first; at < first + WAYS; at++) {
      const entry = this.#entries[at];
      if (entry === undefined) free = at;
      else if (entry.hash === hash && equalBytes(entry.input, input)) return entry.result;
    }
    const result = compute(input);
    // A copy, since the input is a view into a request's buffer, which must not be kept.
    this.#entries[free] = { hash, input: new Uint8Array(input), result };
    this.#turn = (this.#turn + 1) % WAYS;
    return result;
  }
}

/** FNV-1a over words of four bytes; inputs often differ in their last bytes alone, so the end mixes as MurmurHash3 does. */
function hashOf(bytes: Uint8Array): number {
  let value = 0x811c9dc5;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    value = Math.imul(value ^ word, 0x01000193);
    value ^= value >>> 15;
  }
  for (; at < bytes.length; at++) value = Math.imul(value ^ bytes[at], 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}
