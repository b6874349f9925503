/** Bytes of request bodies held at once, over all connections of a server. */
export class ByteBudget {
  readonly limitBytes: number;
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** False, and nothing taken, when it would pass the limit. */
  reserve(sizeBytes: number): boolean {
    if (this.#heldBytes + sizeBytes > this.limitBytes) return false;
    this.#heldBytes += sizeBytes;
    return true;
  }

  release(sizeBytes: number): void {
    this.#heldBytes -= sizeBytes;
  }
}
