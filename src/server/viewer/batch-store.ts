/**
 * Invariants
 * - The number of items and the sum of bytes never exceed the limits, whatever is added.
 * - Batches leave in the order in which they came, oldest first; a batch that alone exceeds a limit is not kept.
 * - What leaves, or was never kept, is counted.
 */
import { compactBytes, SIGNALS, type Signal } from '../../pdata/index.ts';

export interface Batch {
  /** Grows with every batch; order of arrival over all signals. */
  readonly sequence: number;
  readonly signal: Signal;
  /** An ExportXServiceRequest. */
  readonly bytes: Uint8Array;
  readonly itemCount: number;
  readonly receivedMs: number;
}

export interface StoreLimits {
  readonly items: Readonly<Record<Signal, number>>;
  readonly bytes: number;
}

export class BatchStore {
  readonly #limits: StoreLimits;
  readonly #queues: Record<Signal, Fifo>;
  #sequence = 0;
  #bytes = 0;
  /** Items of each signal that are kept no longer. */
  readonly evicted: Record<Signal, number> = { traces: 0, metrics: 0, logs: 0 };

  constructor(limits: StoreLimits) {
    this.#limits = limits;
    this.#queues = { traces: new Fifo(), metrics: new Fifo(), logs: new Fifo() };
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Changes whenever the batches of the signal change. */
  version(signal: Signal): string {
    const { first, last } = this.#queues[signal];
    return `${first?.sequence ?? 0}-${last?.sequence ?? 0}`;
  }

  itemCount(signal: Signal): number {
    return this.#queues[signal].itemCount;
  }

  oldest(signal: Signal): Batch | undefined {
    return this.#queues[signal].first;
  }

  /** The last ones, oldest first. */
  newest(signal: Signal, count: number): readonly Batch[] {
    return this.#queues[signal].lastOnes(count);
  }

  /** Oldest first. */
  batches(signal: Signal): readonly Batch[] {
    return this.#queues[signal].toArray();
  }

  add(signal: Signal, bytes: Uint8Array, itemCount: number, receivedMs: number): void {
    const capacity = this.#limits.items[signal];
    if (itemCount > capacity || bytes.byteLength > this.#limits.bytes) {
      this.evicted[signal] += itemCount;
      return;
    }
    const kept = compactBytes(bytes);
    this.#queues[signal].push({ sequence: ++this.#sequence, signal, bytes: kept, itemCount, receivedMs });
    this.#bytes += kept.byteLength;
    while (this.#queues[signal].itemCount > capacity) this.#evict(signal);
    while (this.#bytes > this.#limits.bytes) this.#evict(this.#signalOfOldest());
  }

  clear(): void {
    for (const signal of SIGNALS) while (this.#queues[signal].first !== undefined) this.#evict(signal);
  }

  #evict(signal: Signal): void {
    const batch = this.#queues[signal].shift();
    if (batch === undefined) return;
    this.#bytes -= batch.bytes.byteLength;
    this.evicted[signal] += batch.itemCount;
  }

  #signalOfOldest(): Signal {
    const age = (signal: Signal) => this.#queues[signal].first?.sequence ?? Number.POSITIVE_INFINITY;
    return SIGNALS.toSorted((a, b) => age(a) - age(b))[0];
  }
}

/** A queue that shifts in constant time: the head moves, and the array is cut when half of it is spent. */
class Fifo {
  #batches: (Batch | undefined)[] = [];
  #head = 0;
  itemCount = 0;

  get first(): Batch | undefined {
    return this.#batches[this.#head];
  }

  get last(): Batch | undefined {
    return this.#head < this.#batches.length ? this.#batches[this.#batches.length - 1] : undefined;
  }

  push(batch: Batch): void {
    this.#batches.push(batch);
    this.itemCount += batch.itemCount;
  }

  shift(): Batch | undefined {
    const batch = this.#batches[this.#head];
    if (batch === undefined) return undefined;
    this.#batches[this.#head++] = undefined;
    this.itemCount -= batch.itemCount;
    if (this.#head > 32 && this.#head * 2 > this.#batches.length) {
      this.#batches = this.#batches.slice(this.#head);
      this.#head = 0;
    }
    return batch;
  }

  lastOnes(count: number): readonly Batch[] {
    return this.#batches.slice(Math.max(this.#head, this.#batches.length - count)) as Batch[];
  }

  toArray(): readonly Batch[] {
    return this.#batches.slice(this.#head) as Batch[];
  }
}
