import { WireWriter } from '../../pdata/index.ts';
import type { Consumer } from '../batch.ts';

const FIRST_BYTES = 4096;
/** What a larger request made grow is not kept. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * Memory that a stage lends to the next one, request after request: it begins to be lent when what was written goes on, and ends when
 * the next stage's `consume` returns. Nothing is lent to a consumer that does not borrow; it gets memory of its own.
 */
export class Scratch {
  #kept: WireWriter | undefined;

  /** An empty writer until it is given back; undefined for a consumer that keeps what it gets. */
  take(next: Consumer): WireWriter | undefined {
    if (next.borrows !== true) return undefined;
    const writer = this.#kept ?? new WireWriter(FIRST_BYTES);
    // A request that comes back to this stage on its way finds none and makes another one.
    this.#kept = undefined;
    return writer;
  }

  giveBack(writer: WireWriter | undefined): void {
    if (writer === undefined || writer.buffer.length > MAX_KEPT_BYTES) return;
    writer.truncate(0);
    this.#kept = writer;
  }
}
