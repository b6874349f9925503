import type { Clock, Timer } from '../../lib/index.ts';
import type { Batch } from '../batch.ts';
import { mergeBatches, splitBatch } from '../batches.ts';
import { type Consignment, mergeConsignments, splitConsignment } from '../exporter/consignment.ts';
import type { BatchSettings } from '../settings/queue.ts';
import { sizeOf } from './sending-queue.ts';

export interface BatcherEvents {
  /** The flush timeout has made a batch ready. */
  readonly onDue: () => void;
  /** Consignments were merged or divided: others stand for their items now. */
  readonly onReplaced: (old: readonly Consignment[], made: readonly Consignment[]) => void;
}

/**
 * Gathers consignments between the queue and the backend until they are large or old enough for one request. What it holds
 * keeps its room in the queue. Unlike upstream it sends an item that is larger than the maximum, alone, instead of dropping
 * what is left of its request.
 * Source: exporterhelper partition_batcher.go at 0.149, consumeInternal.
 *
 * Invariants
 * - what it gathers is smaller than the minimum, or it would be ready
 * - items leave in the order they came in
 */
export class QueueBatcher {
  readonly #settings: BatchSettings;
  readonly #clock: Clock;
  readonly #events: BatcherEvents;
  readonly #ready: Consignment[] = [];
  #gathered: Consignment[] = [];
  #size = 0;
  /** Runs from the first consignment of those gathered. */
  #timer: Timer | undefined;

  constructor(settings: BatchSettings, clock: Clock, events: BatcherEvents) {
    this.#settings = settings;
    this.#clock = clock;
    this.#events = events;
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** Whether a batch that is added now would wait for company. */
  wouldKeep(batch: Batch): boolean {
    const { minSize, sizer } = this.#settings;
    return this.#size + sizeOf(batch, sizer) < minSize;
  }

  /** Not for one that was withdrawn: its parts would not be known as such. */
  add(consignment: Consignment): void {
    const { minSize, maxSize } = this.#settings;
    this.#gather(consignment);
    if (maxSize > 0 && this.#size > maxSize) {
      const parts = this.#divide(this.#takeGathered());
      this.#ready.push(...parts.slice(0, -1));
      this.#gather(parts[parts.length - 1]!);
    }
    if (this.#size >= minSize) this.flush();
  }

  /** Makes everything it holds ready, however small. */
  flush(): void {
    if (this.#gathered.length > 0) this.#ready.push(this.#takeGathered());
  }

  /** The next batch, if one is ready. */
  take(): Consignment | undefined {
    return this.#ready.shift();
  }

  /** Gives away everything it holds, in order. */
  takeAll(): Consignment[] {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#size = 0;
    return [...this.#ready.splice(0), ...this.#gathered.splice(0)];
  }

  #gather(consignment: Consignment): void {
    this.#gathered.push(consignment);
    this.#size += sizeOf(consignment.batch, this.#settings.sizer);
    this.#timer ??= this.#clock.after(this.#settings.flushTimeoutMs, () => {
      this.flush();
      this.#events.onDue();
    });
  }

  #takeGathered(): Consignment {
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#size = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
    const parts = gathered.filter((part) => part.withdrawn !== true);
    if (parts.length < 2) return parts[0] ?? gathered[0]!;
    const merged = mergeConsignments(parts, mergeBatches(parts.map((part) => part.batch)));
    this.#events.onReplaced(parts, [merged]);
    return merged;
  }

  #divide(whole: Consignment): Consignment[] {
    const { maxSize, sizer } = this.#settings;
    const limits = sizer === 'bytes' ? { maxBytes: maxSize } : { maxItems: maxSize };
    const parts = splitConsignment(whole, splitBatch(whole.batch, limits));
    this.#events.onReplaced([whole], parts);
    return parts;
  }
}
