import type { Account } from '../../flow/index.ts';
import type { QueueLoss } from '../queue/disk/disk-queue.ts';
import { BacklogOwners } from './backlog-owners.ts';
import type { DropLog } from './drop-log.ts';
import type { ExporterTelemetry } from './telemetry.ts';

export const LOSS_REASONS: Readonly<Record<QueueLoss['cause'], string>> = {
  queue_full: 'the queue on disk was full, and the oldest made room',
  expired: 'they were older than `max_age`',
  corrupt: 'what is on disk is damaged',
};

/** Books for whom a queue on disk has found something, and what it gave up by itself. */
export class DiskBooks {
  owners = new BacklogOwners();
  readonly #telemetry: ExporterTelemetry;
  readonly #drops: DropLog;
  /** Whose what was found is. */
  #owner: Account | undefined;
  #foundItems = 0;
  /** What the queue gave up before anybody said whose it was. */
  #early: QueueLoss[] = [];

  constructor(telemetry: ExporterTelemetry, drops: DropLog) {
    this.#telemetry = telemetry;
    this.#drops = drops;
  }

  get isOwned(): boolean {
    return this.#owner !== undefined;
  }

  /** Once. `recovered`: items that were found. Returns how many are new. */
  belongsTo(account: Account, recovered: number): number {
    this.#owner = account;
    this.owners.found(account, 0);
    const items = this.found(recovered);
    for (const loss of this.#early.splice(0)) this.lost(loss);
    return items;
  }

  /** What was found is what an exporter before this one left, and stays theirs who had it. */
  inherit(left: BacklogOwners, found: number): void {
    left.correct(found);
    this.owners = left;
    this.#foundItems = found;
  }

  /** More may have been found, as the disk was late. Returns how many items are new. */
  found(recovered: number): number {
    const items = recovered - this.#foundItems;
    if (this.#owner === undefined || items === 0) return 0;
    this.#foundItems = recovered;
    this.#owner.recovered += items;
    this.#owner.held += items;
    this.owners.found(this.#owner, items);
    return items;
  }

  lost(loss: QueueLoss): void {
    if (this.#owner === undefined) {
      this.#early.push(loss);
      return;
    }
    const { id, cause, itemCount } = loss;
    const account = this.owners.take(id, itemCount);
    account.held -= itemCount;
    account.drop(cause, itemCount);
    this.#telemetry.sendFailed.add(itemCount);
    this.#drops.add(cause, itemCount, LOSS_REASONS[cause]);
  }
}
