import type { Clock, Timer } from '../../lib/index.ts';
import { mergeBatches, splitBatch } from '../batches.ts';
import { type Consignment, mergeConsignments, splitConsignment } from '../exporter/consignment.ts';
import type { BatchSettings } from '../settings/queue.ts';
import { sizeOf } from './sending-queue.ts';

/** Consignments that went into a batch, and what came of them: `made[0]` is ready to be sent. */
export interface Ready {
  readonly taken: readonly Consignment[];
  readonly made: readonly Consignment[];
}

/**
 * Gathers consignments between the queue and the backend until they are large or old enough for one request. What it holds
 * keeps its room in the queue. Source: exporterhelper partition_batcher.go at 0.149.
 */
export class QueueBatcher {
  readonly #settings: BatchSettings;
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #parts: Consignment[] = [];
  #size = 0;
  #due = false;
  #timer: Timer | undefined;

  /** `onDue` runs when the flush timeout has made a batch ready. */
  constructor(settings: BatchSettings, clock: Clock, onDue: () => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(consignment: Consignment): void {
    this.#parts.push(consignment);
    this.#size += this.#sizeOf(consignment);
    this.#timer ??= this.#clock.after(this.#settings.flushTimeoutMs, () => {
      this.flush();
      this.#onDue();
    });
  }

  /** Makes everything it holds ready, however small. */
  flush(): void {
    this.#due = true;
  }

  /** The next batch, if one is ready. */
  take(): Ready | undefined {
    if (this.#parts.length === 0) {
      this.#due = false;
      return undefined;
    }
    const { minSize, maxSize } = this.#settings;
    if (!this.#due && this.#size < minSize) return undefined;
    const first = this.#parts[0]!;
    const ready = maxSize > 0 && this.#sizeOf(first) > maxSize ? this.#divide(first) : this.#merge();
    if (this.#parts.length === 0) this.#rest();
    return ready;
  }

  #merge(): Ready {
    const { minSize, maxSize } = this.#settings;
    const taken: Consignment[] = [];
    let size = 0;
    for (const part of this.#parts) {
      const grown = size + this.#sizeOf(part);
      if (taken.length > 0 && maxSize > 0 && grown > maxSize) break;
      taken.push(part);
      size = grown;
      if (maxSize === 0 && minSize > 0 && size >= minSize) break;
    }
    this.#parts = this.#parts.slice(taken.length);
    this.#size -= size;
    if (taken.length === 1) return { taken, made: taken };
    return { taken, made: [mergeConsignments(taken, mergeBatches(taken.map((part) => part.batch)))] };
  }

  /** A single request above the maximum; the rest of it stays first in line. */
  #divide(whole: Consignment): Ready {
    const { maxSize, sizer } = this.#settings;
    const made = splitConsignment(
      whole,
      splitBatch(whole.batch, sizer === 'bytes' ? { maxBytes: maxSize } : { maxItems: maxSize }),
    );
    const rest = made.slice(1);
    this.#size += rest.reduce((sum, part) => sum + this.#sizeOf(part), 0) - this.#sizeOf(whole);
    this.#parts = [...rest, ...this.#parts.slice(1)];
    return { taken: [whole], made };
  }

  #rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#due = false;
  }

  #sizeOf(consignment: Consignment): number {
    return sizeOf(consignment.batch, this.#settings.sizer);
  }
}
