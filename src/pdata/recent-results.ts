const SLOTS = 256;
const MAX_INPUT_BYTES = 4096;

interface Entry<T> {
  readonly input: Uint8Array;
  readonly result: T;
}

/**
 * Remembers what a pure function made of the byte strings it saw last: senders repeat the same resource in every request.
 * Bounded: 256 inputs of at most 4 KiB, a new one takes the place of another.
 */
export class RecentResults<T> {
  readonly #entries: (Entry<T> | undefined)[] = new Array(SLOTS).fill(undefined);

  of(input: Uint8Array, compute: (input: Uint8Array) => T): T {
    if (input.length > MAX_INPUT_BYTES) return compute(input);
    const slot = hash(input) & (SLOTS - 1);
    const entry = this.#entries[slot];
    if (entry !== undefined && equalBytes(entry.input, input)) return entry.result;
    const result = compute(input);
    // A copy, since the input is a view into a request's buffer, which must not be kept.
    this.#entries[slot] = { input: input.slice(), result };
    return result;
  }
}

/** FNV-1a. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) value = Math.imul(value ^ bytes[at], 0x01000193);
  return value ^ (value >>> 15);
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}
