import type { Batch } from '../batch.ts';
import type { Sizer } from '../settings/queue.ts';
import { Fifo } from './fifo.ts';

/** How much of a queue or a batch one request takes. */
export function sizeOf(batch: Batch, sizer: Sizer): number {
  return sizer === 'bytes' ? batch.bytes.length : sizer === 'items' ? batch.itemCount : 1;
}

/** Memory of what surrounds the bytes of one request; measured. */
const ENTRY_BYTES = 512;

/**
 * The room a request takes in a queue. One that counts bytes is there to bound memory, of which the smallest request takes
 * hundreds; the Collector counts its wire bytes alone.
 */
export function roomOf(batch: Batch, sizer: Sizer, capacity: number): number {
  const size = sizeOf(batch, sizer);
  return sizer === 'bytes' ? Math.max(size, Math.min(ENTRY_BYTES, capacity)) : size;
}

/**
 * A FIFO whose capacity covers an entry from its offer until it is released, long after it was taken: what is being sent
 * or waits for a retry still counts, so that the bound is the memory bound.
 * Source: exporterhelper memory_queue.go, which releases in onDone.
 *
 * Invariants
 * - 0 <= size <= capacity, but for a while after the capacity was lowered
 * - an entry is taken once, in order of its offer
 */
export class SendingQueue<T> {
  #capacity: number;
  #size = 0;
  readonly #entries = new Fifo<T>();
  #waiters: { readonly entry: T; readonly size: number; readonly admitted: () => void }[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Sum of the sizes of all entries not yet released. */
  get size(): number {
    return this.#size;
  }

  /** Entries offered and not yet taken. */
  get length(): number {
    return this.#entries.length;
  }

  /** Whether an entry would be queued now. Whoever waits for room goes first. */
  hasRoom(size: number): boolean {
    return this.#waiters.length === 0 && this.#size + size <= this.#capacity;
  }

  /** Queues an entry if there is room; false when there is not. */
  offer(entry: T, size: number): boolean {
    if (!this.hasRoom(size)) return false;
    this.#size += size;
    this.#entries.push(entry);
    return true;
  }

  /** Queues an entry, no larger than the capacity, as soon as there is room; `admitted` runs then, in order of the calls. */
  offerWhenRoom(entry: T, size: number, admitted: () => void): void {
    this.#waiters.push({ entry, size, admitted });
    this.#admitWaiters();
  }

  /** Puts entries that were taken and not released in front of all others. */
  putBack(entries: readonly T[]): void {
    this.#entries.putFirst(entries);
  }

  /** Takes all entries out of the line; they keep their room. */
  takeAll(): T[] {
    return this.#entries.clear();
  }

  /** An entry that was not taken may not be wanted any more; its room is released by the caller. */
  tidy(isWanted: (entry: T) => boolean): void {
    this.#entries.tidy(isWanted);
  }

  /** Another bound, and what everything takes of it. What is held stays, however much; nothing comes in until there is room. */
  resize(capacity: number, size: number, sizeOfWaiter: (entry: T) => number): void {
    this.#capacity = capacity;
    this.#size = size;
    this.#waiters = this.#waiters.map((waiter) => ({ ...waiter, size: sizeOfWaiter(waiter.entry) }));
    this.#admitWaiters();
  }

  /** Forgets an entry that waits for room. */
  withdraw(entry: T): void {
    const index = this.#waiters.findIndex((waiter) => waiter.entry === entry);
    if (index >= 0) this.#waiters.splice(index, 1);
    this.#admitWaiters();
  }

  take(): T | undefined {
    return this.#entries.take();
  }

  /** Gives back the room of an entry that is done with. */
  release(size: number): void {
    this.#size -= size;
    this.#admitWaiters();
  }

  /** One that has become larger than the queue gets in when that is empty. */
  #admitWaiters(): void {
    for (let next = this.#waiters[0]; next !== undefined; next = this.#waiters[0]) {
      if (this.#size > 0 && this.#size + next.size > this.#capacity) return;
      this.#waiters.shift();
      this.#size += next.size;
      this.#entries.push(next.entry);
      next.admitted();
    }
  }
}
