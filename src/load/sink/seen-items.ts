/**
 * Which items have been seen, exactly and in bounded memory: one bit for each item of a generator's run, a 64-bit hash for
 * each item of anyone else.
 */
const CHUNK_BITS = 65_536;
/** 8 KiB each; full chunks cost nothing, so this bounds what is missing, not what is counted. */
const MAX_OPEN_CHUNKS = 8192;
const FIRST_SLOTS = 2 ** 12;
/** 64 MiB of hashes: about six million items of foreign senders. */
const MAX_SLOTS = 2 ** 23;

export class SeenItems {
  /** False once an item could not be remembered; `unique` is an upper bound from then on. */
  exact = true;
  unique = 0;
  duplicates = 0;
  readonly #runs = new Map<number, Map<number, Chunk>>();
  readonly #hashes = new HashSet();
  #openChunks = 0;

  /** An item of a generator's run. */
  addSequence(run: number, sequence: number): void {
    let chunks = this.#runs.get(run);
    if (chunks === undefined) {
      chunks = new Map();
      this.#runs.set(run, chunks);
    }
    const key = Math.floor(sequence / CHUNK_BITS);
    let chunk = chunks.get(key);
    if (chunk === undefined) {
      chunk = this.#openChunk();
      chunks.set(key, chunk);
    }
    this.#mark(chunk, sequence % CHUNK_BITS);
  }

  /** Any other item, by a hash of its content. */
  addHash(high: number, low: number): void {
    const added = this.#hashes.add(high, low);
    if (added === undefined) this.exact = false;
    if (added === false) this.duplicates++;
    else this.unique++;
  }

  #openChunk(): Chunk {
    if (this.#openChunks >= MAX_OPEN_CHUNKS) return { bits: undefined, count: 0 };
    this.#openChunks++;
    return { bits: new Uint32Array(CHUNK_BITS / 32), count: 0 };
  }

  #mark(chunk: Chunk, position: number): void {
    if (chunk.bits === undefined) {
      if (chunk.count === CHUNK_BITS) this.duplicates++;
      else {
        this.exact = false;
        this.unique++;
      }
      return;
    }
    const mask = 1 << (position & 31);
    if ((chunk.bits[position >>> 5]! & mask) !== 0) {
      this.duplicates++;
      return;
    }
    chunk.bits[position >>> 5]! |= mask;
    this.unique++;
    chunk.count++;
    if (chunk.count === CHUNK_BITS) {
      chunk.bits = undefined;
      this.#openChunks--;
    }
  }
}

/** `bits` is undefined when all are set (`count` says so) or when there was no room for them. */
interface Chunk {
  bits: Uint32Array | undefined;
  count: number;
}

/** Open addressing; the pair (0, 0) marks a free slot. */
class HashSet {
  #slots = new Uint32Array(FIRST_SLOTS * 2);
  #count = 0;

  /** True: new. False: seen before. Undefined: full. */
  add(high: number, low: number): boolean | undefined {
    const wanted = (high | low) === 0 ? 1 : low;
    const capacity = this.#slots.length / 2;
    let slot = wanted & (capacity - 1);
    while ((this.#slots[slot * 2]! | this.#slots[slot * 2 + 1]!) !== 0) {
      if (this.#slots[slot * 2] === high >>> 0 && this.#slots[slot * 2 + 1] === wanted >>> 0) return false;
      slot = (slot + 1) & (capacity - 1);
    }
    if (this.#count >= capacity * 0.7) {
      if (capacity >= MAX_SLOTS) return undefined;
      this.#grow();
      return this.add(high, low);
    }
    this.#slots[slot * 2] = high;
    this.#slots[slot * 2 + 1] = wanted;
    this.#count++;
    return true;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    this.#count = 0;
    for (let at = 0; at < old.length; at += 2) if ((old[at]! | old[at + 1]!) !== 0) this.add(old[at]!, old[at + 1]!);
  }
}
