/**
 * Who fills one queue, and whether a sender has its share of it already.
 *
 * A sender may hold at most SHARE times what is free, as in src/otlp/server/peer-hosts.ts: a flood finds the queue full while those who
 * send less than what it gets of the backend still find room. Source: Choudhury and Hahne, Dynamic queue length thresholds, 1998.
 *
 * What a sender holds is estimated: requests are merged, divided, filtered and written to disk on their way, no name goes with
 * them, and what came first does not always leave first. Noted is who was let in, and what has left meanwhile is taken from all in
 * proportion: so a sender's part of the queue is its part of what was let in lately, where lately is the time that the queue takes
 * to empty. Nothing has to be given back, and no mistake stays.
 *
 * Invariants
 * - while the queue is less than NOTED full, nothing is noted and nobody is refused
 * - at most MAX_SENDERS senders are told apart by name, and all others by their buckets
 */
import type { Account } from '../../flow/index.ts';
import { bucketOf, MAX_SENDERS } from './sender-bucket.ts';

export const SHARE = 4;
/** From this part of the capacity on it is noted who comes in. */
const NOTED = 1 / 4;
/** This part stays free for batches that come in one piece, and for the space that a disk gives back in large pieces. */
const SPARE = 1 / 8;
/** Who holds less than this part of what senders hold on average goes on, as long as there is any room. */
const MODEST = 3 / 4;
/** Below this the notes are written anew, without those who have next to nothing. */
const SMALLEST_SCALE = 1e-6;
const NOTHING = 1e-3;

export interface Shareable {
  readonly queueSize: number;
  readonly queueCapacity: number;
}

export class QueueShare {
  readonly #queue: Shareable;
  /** What the pipelines that end in the queue hold on the way to it and in it. */
  readonly #accounts = new Set<Account>();
  /** Times the scale, what each holds. */
  readonly #bySender = new Map<string, number>();
  #scale = 1;
  /** Of all senders; not scaled. */
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
    if (this.#bySender.size > 0) this.#clear();
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
    const held = this.#heldBy(sender);
    return held > SHARE * free && held > (MODEST * queueSize) / Math.max(1, this.#bySender.size);
  }

  /** A request is let in; `size` in the queue's unit. */
  note(sender: string, itemCount: number, size: number): void {
    if (this.#bySender.size >= MAX_SENDERS && !this.#bySender.has(sender)) this.#rewrite();
    const key = this.#keyOf(sender);
    this.#bySender.set(key, (this.#bySender.get(key) ?? 0) + size / this.#scale);
    this.#itemCount += itemCount;
    this.#size += size;
  }

  /** In the queue's unit. What came in before anything was noted is nobody's. */
  #heldBy(sender: string): number {
    const noted = this.#bySender.get(this.#keyOf(sender));
    if (noted === undefined || this.#size === 0) return 0;
    const known = Math.min(1, this.#itemCount / Math.max(1, this.#heldItems()));
    return ((noted * this.#scale) / this.#size) * known * this.#queue.queueSize;
  }

  #keyOf(sender: string): string {
    return this.#bySender.has(sender) || this.#bySender.size < MAX_SENDERS ? sender : bucketOf(sender);
  }

  #heldItems(): number {
    let held = 0;
    for (const account of this.#accounts) held += account.held;
    return held;
  }

  /** What has left is taken from all. */
  #settle(): void {
    const held = this.#heldItems();
    if (this.#itemCount <= held) return;
    if (held <= 0) return this.#clear();
    const left = held / this.#itemCount;
    this.#itemCount = held;
    this.#size *= left;
    this.#scale *= left;
    if (this.#scale < SMALLEST_SCALE) this.#rewrite();
  }

  #rewrite(): void {
    for (const [sender, noted] of this.#bySender) {
      const size = noted * this.#scale;
      if (size < this.#size * NOTHING) this.#bySender.delete(sender);
      else this.#bySender.set(sender, size);
    }
    this.#scale = 1;
  }

  #clear(): void {
    this.#bySender.clear();
    this.#scale = 1;
    this.#itemCount = 0;
    this.#size = 0;
  }
}
