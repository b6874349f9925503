/**
 * What of a queue on disk is in memory, to be sent: what just came, and what was read back. Each half has its bound, and they
 * take turns, so that new data goes first and a backlog drains beside it; where order matters, everything goes in the order
 * of its ids.
 */
import type { Account } from '../../flow/index.ts';
import { ACCEPTED, type Batch } from '../batch.ts';
import { Fifo } from '../queue/fifo.ts';
import { byAge, type Consignment, Origin } from './consignment.ts';

/** Of as many requests while both are there, one is of the backlog. */
const BACKLOG_TURN = 4;

/** A request that was taken out of the queue. */
interface Held {
  readonly id: number;
  readonly account: Account;
  readonly itemCount: number;
  readonly size: number;
  readonly half: 'fresh' | 'read';
  readonly origin: Origin;
}

/** A request that is left on disk, all of it, of which `missing` items were settled all the same. */
export interface LeftRequest {
  readonly id: number;
  readonly account: Account;
  readonly itemCount: number;
  readonly missing: number;
}

export interface Taken {
  readonly id: number;
  readonly batch: Batch;
  readonly account: Account;
  /** When it came; wall clock, ms. */
  readonly sinceMs: number;
}

export interface DiskWindowOptions {
  readonly isOrdered: () => boolean;
  /** The last item of a request is settled. */
  readonly onSettled: (id: number) => void;
}

export class DiskWindow {
  /** Of either half, in bytes. */
  limit: number;
  readonly #options: DiskWindowOptions;
  /** Requests that nobody has tried yet, in the order of their ids. */
  readonly #fresh = new Fifo<Consignment>();
  readonly #read = new Fifo<Consignment>();
  readonly #alone = new Fifo<Consignment>();
  readonly #held = new Map<number, Held>();
  readonly #bytes = { fresh: 0, read: 0 };
  #turn = 0;

  constructor(limit: number, options: DiskWindowOptions) {
    this.limit = limit;
    this.#options = options;
  }

  /** Requests that are not settled. */
  get size(): number {
    return this.#held.size;
  }

  /** Whether what comes may be kept, beside what is on disk of it. */
  mayKeep(bytes: number): boolean {
    return this.#bytes.fresh === 0 || this.#bytes.fresh + bytes <= this.limit;
  }

  get mayRead(): boolean {
    return this.#bytes.read < this.limit;
  }

  /** Room for what is being written; given back with a negative number. */
  reserve(bytes: number): void {
    this.#bytes.fresh += bytes;
  }

  /** Holds what just came, for which there is room reserved. */
  addFresh(taken: Taken): Consignment {
    const consignment = this.#hold(taken, 'fresh');
    this.#fresh.push(consignment);
    return consignment;
  }

  addRead(taken: Taken, alone: boolean): Consignment {
    this.#bytes.read += taken.batch.bytes.length;
    const consignment = { ...this.#hold(taken, 'read'), alone };
    (alone ? this.#alone : this.#read).push(consignment);
    return consignment;
  }

  /** The next of those that go without company. */
  pickAlone(): Consignment | undefined {
    return this.#alone.take();
  }

  /** The next that nobody has tried. */
  pick(): Consignment | undefined {
    const fresh = this.#fresh.first;
    const read = this.#read.first;
    if (fresh === undefined || read === undefined) return (fresh === undefined ? this.#read : this.#fresh).take();
    if (this.#options.isOrdered()) return (byAge(fresh, read) < 0 ? this.#fresh : this.#read).take();
    this.#turn = (this.#turn + 1) % BACKLOG_TURN;
    return (this.#turn === 0 ? this.#read : this.#fresh).take();
  }

  /** Begins anew with what waits here and with these, which wait again, all in the order in which they came. */
  putBack(others: readonly Consignment[]): void {
    const waiting = [...others, ...this.#alone.clear(), ...this.#fresh.clear(), ...this.#read.clear()];
    for (const one of waiting.filter(({ withdrawn }) => withdrawn !== true).sort(byAge)) this.#fresh.push(one);
  }

  /** Lets requests go without settling them, which are still on disk. Undefined, and nothing is done: it has only parts of some. */
  giveBack({ shares }: Consignment): Held[] | undefined {
    const all = shares.map(({ origin }) => this.#held.get(origin.order)!);
    if (all.some(({ itemCount }, i) => itemCount !== shares[i]!.itemCount)) return undefined;
    for (const held of all) this.#letGo(held);
    return all;
  }

  /** Lets everything go without settling it. */
  leave(): LeftRequest[] {
    return [...this.#held.values()].map((held) => {
      this.#letGo(held);
      const { id, account, itemCount, origin } = held;
      return { id, account, itemCount, missing: itemCount - origin.withdraw(ACCEPTED) };
    });
  }

  #letGo({ id, half, size }: Held): void {
    if (!this.#held.delete(id)) return;
    this.#bytes[half] -= size;
  }

  #hold({ id, batch, account, sinceMs }: Taken, half: Held['half']): Consignment {
    const { itemCount } = batch;
    const onSettled = (): void => {
      this.#letGo(held);
      this.#options.onSettled(id);
    };
    const origin = new Origin({ account, batch, order: id, sinceMs, booked: true, onSettled });
    const held: Held = { id, account, itemCount, size: batch.bytes.length, half, origin };
    this.#held.set(id, held);
    return { batch, shares: [{ origin, itemCount }], queueSize: 0, heldBytes: held.size };
  }
}
