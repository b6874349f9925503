import { WireWriter } from '../../pdata/index.ts';
import type { Consumer } from '../batch.ts';

const FIRST_BYTES = 4096;
/** What a larger request made grow is not kept. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
const MAX_KEPT = 4;

/**
 * Memory that stages lend to the next one, request after request: it begins to be lent when what was written goes on, and ends when
 * the next stage's `consume` returns. Nothing is lent to a consumer that does not borrow; it gets memory of its own.
 *
 * The stages of all pipelines share it: since they run one inside the other, there are never more writers than stages in a row.
 */
export class Scratch {
  readonly #kept: WireWriter[] = [];

  /** An empty writer until it is given back; undefined for a consumer that keeps what it gets. */
  take(next: Consumer): WireWriter | undefined {
    if (next.borrows !== true) return undefined;
    return this.#kept.pop() ?? new WireWriter(FIRST_BYTES);
  }

  giveBack(writer: WireWriter | undefined): void {
    if (writer === undefined || writer.buffer.length > MAX_KEPT_BYTES || this.#kept.length >= MAX_KEPT) return;
    writer.truncate(0);
    this.#kept.push(writer);
  }
}
