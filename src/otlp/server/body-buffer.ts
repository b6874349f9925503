import type { MessageArena } from './message-arena.ts';

const FIRST_BYTES = 16 * 1024;

/** Collects a body of announced or unknown length into one buffer that belongs to whoever takes it. */
export class BodyBuffer {
  readonly #arena: MessageArena;
  readonly #maxBytes: number;
  #buffer: Uint8Array;
  #length = 0;

  /** `announcedBytes` 0: not known. `maxBytes` bounds growth; the caller checks it before appending. */
  constructor(arena: MessageArena, announcedBytes: number, maxBytes: number) {
    this.#arena = arena;
    this.#maxBytes = maxBytes;
    this.#buffer = arena.allocate(announcedBytes);
  }

  get length(): number {
    return this.#length;
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
  }

  #grow(neededBytes: number): void {
    const doubled = Math.min(Math.max(FIRST_BYTES, this.#buffer.length * 2), this.#maxBytes);
    const grown = this.#arena.allocate(Math.max(neededBytes, doubled));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  /** The body; this object is empty afterwards. */
  take(): Uint8Array {
    const filled = this.#length === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#length);
    // A sender that announces much and sends little would have its body keep all of it.
    const body = this.#length * 2 < this.#buffer.length ? new Uint8Array(filled) : filled;
    this.#buffer = new Uint8Array(0);
    this.#length = 0;
    return body;
  }
}
