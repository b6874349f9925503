import type { Account } from '../../flow/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import { ITEM_NOUN, type Signal } from '../../pdata/index.ts';
import { ACCEPTED, type Batch, type Refusal, refuse, type Verdict } from '../batch.ts';
import type { DiskQueue } from '../queue/disk/disk-queue.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import type { QueueSettings } from '../settings/queue.ts';
import { diskRefusal, type NotStored } from './disk-refusal.ts';
import type { DropLog } from './drop-log.ts';
import type { ExporterTelemetry } from './telemetry.ts';

export interface DiskIntakeOptions {
  readonly id: ComponentId;
  readonly signal: Signal;
  readonly telemetry: ExporterTelemetry;
  readonly drops: DropLog;
  readonly storage: () => QueueStorage;
  readonly limits: () => QueueSettings;
  /** Whether a request that comes now is kept in memory, too; room is reserved for it there. */
  readonly reserve: (bytes: number) => boolean;
  /** It is on disk. */
  readonly onStored: (id: number, stored: Incoming) => void;
  /** It is not; the room is to be given back. */
  readonly onNotStored: (notStored: Incoming) => void;
}

export interface Incoming {
  readonly batch: Batch;
  readonly account: Account;
  /** Kept in memory, too. */
  readonly taken: boolean;
}

/** Writes what comes to a queue on disk, and says to its sender what became of that. The account holds what is being written. */
export class DiskIntake {
  readonly #options: DiskIntakeOptions;
  #items = 0;
  /** Requests being written, their bytes, and how many of them are not taken. */
  requests = 0;
  bytes = 0;
  untaken = 0;

  constructor(options: DiskIntakeOptions) {
    this.#options = options;
  }

  async append(queue: DiskQueue, batch: Batch, account: Account): Promise<Verdict> {
    if (!this.#hasRoomFor(batch.itemCount, queue)) return this.#notStored({ status: 'full' }, batch, account);
    const taken = this.#options.reserve(batch.bytes.length);
    account.held += batch.itemCount;
    this.#count(batch, taken, 1);
    const result = await queue.append(batch, { take: taken });
    this.#count(batch, taken, -1);
    if (result.status === 'stored') {
      this.#options.onStored(result.id, { batch, account, taken });
      return ACCEPTED;
    }
    account.held -= batch.itemCount;
    this.#options.onNotStored({ batch, account, taken });
    return this.#notStored(result, batch, account);
  }

  refuse(batch: Batch, account: Account, refusal: Refusal): Verdict {
    const { telemetry, drops } = this.#options;
    telemetry.enqueueFailed.add(batch.itemCount);
    if (batch.acknowledged) drops.add(refusal.cause, batch.itemCount, refusal.message);
    return refuse(batch, [account], refusal);
  }

  #count({ itemCount, bytes }: Batch, taken: boolean, sign: 1 | -1): void {
    this.requests += sign;
    this.#items += sign * itemCount;
    this.bytes += sign * bytes.length;
    if (!taken) this.untaken += sign;
  }

  /** A queue that counts requests or items, as the Collector's may; what counts bytes is the disk queue's own care. */
  #hasRoomFor(itemCount: number, { stats }: DiskQueue): boolean {
    const { sizer, capacity } = this.#options.limits();
    if (sizer === 'bytes') return true;
    if (sizer === 'requests') return stats.entries + this.requests < capacity;
    return stats.items[this.#options.signal] + this.#items + itemCount <= capacity;
  }

  #notStored(result: NotStored, batch: Batch, account: Account): Verdict {
    const { id, signal, telemetry, drops, storage } = this.#options;
    const refusal = diskRefusal(result, { id, bytes: batch.bytes.length, storage: storage() });
    if (refusal !== undefined) return this.refuse(batch, account, refusal);
    const [cause, reason] =
      result.status === 'failed'
        ? (['disk_full', result.message] as const)
        : (['queue_full', `no room for ${ITEM_NOUN[signal].people} that come`] as const);
    telemetry.enqueueFailed.add(batch.itemCount);
    drops.add(cause, batch.itemCount, reason);
    account.drop(cause, batch.itemCount);
    return ACCEPTED;
  }
}
