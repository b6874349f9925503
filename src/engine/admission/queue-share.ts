/**
 * Who fills one queue, and whether a sender has its share of it already.
 *
 * A sender may hold at most SHARE times what is free, as in src/otlp/server/peer-hosts.ts: a flood finds the queue full while those who
 * send less than what it gets of the backend still find room. Source: Choudhury and Hahne, Dynamic queue length thresholds, 1998.
 *
 * What a sender holds is estimated: requests are merged, divided, filtered and written to disk on their way, and no name goes with
 * them. Noted is who was let in, in order; what has left meanwhile is taken from the oldest, since a queue gives out first what it got
 * first; what is left is in proportion what each holds. So nothing has to be given back, and no mistake stays.
 *
 * Invariants
 * - while the queue is less than NOTED full, nothing is noted and nobody is refused
 * - the notes are of at most MAX_EPOCHS times MAX_SENDERS entries
 */
import type { Account } from '../../flow/index.ts';

export const SHARE = 4;
/** From this part of the capacity on it is noted who comes in. */
const NOTED = 1 / 4;
/** This part stays free for batches that come in one piece. */
const SPARE = 1 / 16;
/** Notes are kept in so many parts of the capacity. */
const EPOCH = 1 / 64;
const MAX_EPOCHS = 256;
const MAX_SENDERS = 1000;
/** All senders beyond those. */
const OTHERS = '(others)';

export interface Shareable {
  readonly queueSize: number;
  readonly queueCapacity: number;
}

interface Epoch {
  itemCount: number;
  size: number;
  readonly bySender: Map<string, number>;
}

export class QueueShare {
  readonly #queue: Shareable;
  /** What the pipelines that end in the queue hold on the way to it and in it. */
  readonly #accounts = new Set<Account>();
  readonly #epochs: Epoch[] = [];
  readonly #bySender = new Map<string, number>();
  #itemCount = 0;
  #size = 0;

  constructor(queue: Shareable) {
    this.#queue = queue;
  }

  watch(account: Account): void {
    this.#accounts.add(account);
  }

  /** Whether the queue is so empty that nobody need be asked for a name; what was noted is forgotten then. */
  get isRoomy(): boolean {
    const { queueSize, queueCapacity } = this.#queue;
    if (queueSize >= queueCapacity * NOTED) return false;
    if (this.#epochs.length > 0) this.#clear();
    return true;
  }

  /** Whether no other sender is known to have anything in it. */
  isAlone(sender: string): boolean {
    this.#settle();
    return this.#bySender.size === 0 || (this.#bySender.size === 1 && this.#bySender.has(sender));
  }

  /** Whether the sender holds its share. */
  isOver(sender: string): boolean {
    this.#settle();
    const { queueSize, queueCapacity } = this.#queue;
    const free = queueCapacity * (1 - SPARE) - queueSize;
    return this.#heldBy(sender) > Math.max(0, SHARE * free);
  }

  /** A request is let in; `size` in the queue's unit. */
  note(sender: string, itemCount: number, size: number): void {
    const key = this.#bySender.has(sender) || this.#bySender.size < MAX_SENDERS ? sender : OTHERS;
    const epoch = this.#epoch();
    epoch.itemCount += itemCount;
    epoch.size += size;
    epoch.bySender.set(key, (epoch.bySender.get(key) ?? 0) + size);
    this.#bySender.set(key, (this.#bySender.get(key) ?? 0) + size);
    this.#itemCount += itemCount;
    this.#size += size;
  }

  /** In the queue's unit. What came in before anything was noted is nobody's. */
  #heldBy(sender: string): number {
    const noted = this.#bySender.get(sender) ?? (this.#bySender.size < MAX_SENDERS ? 0 : this.#bySender.get(OTHERS));
    if (noted === undefined || this.#size === 0) return 0;
    const known = Math.min(1, this.#itemCount / Math.max(1, this.#heldItems()));
    return (noted / this.#size) * known * this.#queue.queueSize;
  }

  #heldItems(): number {
    let held = 0;
    for (const account of this.#accounts) held += account.held;
    return held;
  }

  #epoch(): Epoch {
    const last = this.#epochs[this.#epochs.length - 1];
    if (last !== undefined && last.size < this.#queue.queueCapacity * EPOCH) return last;
    const made = { itemCount: 0, size: 0, bySender: new Map<string, number>() };
    this.#epochs.push(made);
    if (this.#epochs.length > MAX_EPOCHS) this.#forgetOldest();
    return made;
  }

  #settle(): void {
    const held = this.#heldItems();
    while (this.#epochs.length > 0 && this.#itemCount - this.#epochs[0]!.itemCount >= held) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#epochs.shift()!;
    this.#itemCount -= oldest.itemCount;
    this.#size -= oldest.size;
    for (const [sender, size] of oldest.bySender) {
      const left = this.#bySender.get(sender)! - size;
      if (left > 0) this.#bySender.set(sender, left);
      else this.#bySender.delete(sender);
    }
  }

  #clear(): void {
    this.#epochs.length = 0;
    this.#bySender.clear();
    this.#itemCount = 0;
    this.#size = 0;
  }
}
