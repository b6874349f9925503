import type { Signal } from '../../pdata/index.ts';
import type { Batch } from '../batch.ts';

/** Of a batch's buffer, one part in so many may be empty; else the batch is copied. */
const SLACK_PART = 8;
const NO_BYTES = new Uint8Array(0);

/**
 * Requests of a batch, copied one after the other into the buffer that it is sent from: on the wire, concatenating requests merges
 * them. The buffer is made as large as the batch before needed it, and belongs to the batch once that is taken.
 */
export class GatheredRequests {
  readonly #signal: Signal;
  #buffer: Uint8Array = NO_BYTES;
  #length = 0;
  #lastLength = 0;
  #itemCount = 0;

  constructor(signal: Signal) {
    this.#signal = signal;
  }

  get itemCount(): number {
    return this.#itemCount;
  }

  /** Is done with the bytes when it returns. */
  add({ bytes, itemCount }: Batch): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
    this.#itemCount += itemCount;
  }

  /** Not zeroed: nothing that was not written is ever part of a batch. */
  #grow(neededBytes: number): void {
    const expected =
      this.#length === 0 ? this.#lastLength + Math.floor(this.#lastLength / (2 * SLACK_PART)) : 2 * this.#length;
    const grown = Buffer.allocUnsafeSlow(Math.max(neededBytes, expected));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  /** Everything, as one batch whose senders have their answer; nothing is left. */
  take(): Batch {
    const filled = this.#buffer.subarray(0, this.#length);
    const isTight = this.#buffer.length - this.#length <= this.#buffer.length / SLACK_PART;
    const bytes = isTight ? filled : new Uint8Array(filled);
    const batch = { signal: this.#signal, bytes, itemCount: this.#itemCount, acknowledged: true };
    this.#lastLength = this.#length;
    this.clear();
    return batch;
  }

  clear(): void {
    this.#buffer = NO_BYTES;
    this.#length = 0;
    this.#itemCount = 0;
  }
}
