const SLAB_BYTES = 128 * 1024;
const LARGE_BYTES = 16 * 1024;
const MAX_SPARE = 16;
const MAX_SPARE_BYTES = 8 * 1024 * 1024;
/** A buffer is used again for a message down to this part of its size. */
const LEAST_PART = 1 / 4;

/**
 * Buffers for messages of known length. Small ones share slabs: a buffer of its own for each costs more than copying the message. Neighbours
 * arrived together and are let go together, so a slab outlives its first message only briefly.
 *
 * What is given back is used again: large buffers for other large messages, the end of a slab for the next small one. They are plain
 * Uint8Arrays: the `slice` of a Buffer would keep what was meant to be copied.
 */
export class MessageArena {
  #slab = newBytes(SLAB_BYTES);
  #used = 0;
  readonly #spare: Uint8Array[] = [];
  #spareBytes = 0;
  /** Somebody gives buffers back, so they are made to fit the next message, too. */
  #isShared = false;

  allocate(sizeBytes: number): Uint8Array {
    if (sizeBytes > LARGE_BYTES) return this.#allocateLarge(sizeBytes);
    if (this.#used + sizeBytes > SLAB_BYTES) {
      this.#slab = newBytes(SLAB_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += sizeBytes;
    return this.#slab.subarray(start, this.#used);
  }

  #allocateLarge(sizeBytes: number): Uint8Array {
    for (let at = this.#spare.length - 1; at >= 0; at--) {
      const spare = this.#spare[at]!;
      if (spare.length < sizeBytes || spare.length * LEAST_PART > sizeBytes) continue;
      this.#spare.splice(at, 1);
      this.#spareBytes -= spare.length;
      return spare.subarray(0, sizeBytes);
    }
    if (!this.#isShared) return newBytes(sizeBytes);
    return newBytes(Math.ceil(sizeBytes / LARGE_BYTES) * LARGE_BYTES).subarray(0, sizeBytes);
  }

  /** For a message that was allocated here and that nobody looks at any more; not giving one back is no mistake. */
  giveBack(message: Uint8Array): void {
    if (message.length <= LARGE_BYTES) {
      const isLast = message.buffer === this.#slab.buffer && message.byteOffset + message.length === this.#used;
      if (isLast) this.#used = message.byteOffset;
      return;
    }
    this.#isShared = true;
    const whole = new Uint8Array(message.buffer);
    if (this.#spare.length >= MAX_SPARE || this.#spareBytes + whole.length > MAX_SPARE_BYTES) return;
    this.#spare.push(whole);
    this.#spareBytes += whole.length;
  }

  /** For a message that will be kept: the same, in a buffer that is no larger. */
  keep(message: Uint8Array): Uint8Array {
    if (message.length <= LARGE_BYTES || message.length === message.buffer.byteLength) return message;
    this.#isShared = false;
    return new Uint8Array(message);
  }
}

/** Not zeroed. */
function newBytes(sizeBytes: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(sizeBytes).buffer);
}
