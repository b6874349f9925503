const SLAB_BYTES = 128 * 1024;
const LARGE_BYTES = 16 * 1024;

/**
 * Buffers for messages of known length. Small ones share slabs: a buffer of its own for each costs more than copying the message. Neighbours
 * arrived together and are let go together, so a slab outlives its first message only briefly.
 */
export class MessageArena {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #used = 0;

  allocate(sizeBytes: number): Uint8Array {
    if (sizeBytes > LARGE_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
    if (this.#used + sizeBytes > SLAB_BYTES) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += sizeBytes;
    return this.#slab.subarray(start, this.#used);
  }
}
