import type { Account } from '../../flow/index.ts';
import type { Clock, MetricsRegistry } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { Sharing } from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { ACCEPTED, type Batch, type Consumer, refuse, type Verdict } from '../batch.ts';
import { MemoryShares } from './memory-shares.ts';
import { QueueShare, type Shareable } from './queue-share.ts';
import { RefusedSenders, type Shared } from './refused-senders.ts';
import { serviceNameOf } from './service-name.ts';
import { type AdmissionSettings, defaultAdmission, weightsOf } from './settings.ts';

/** A sender that has its share may try again after this. */
const RETRY_MS = 1000;
/** So long after another peer has sent, one that sends is not alone. */
const ALONE_AFTER_MS = 60_000;
const LOG_MS = 60_000;
const UNKNOWN = 'unknown';

export interface AdmissionDeps {
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  readonly log: { warn(message: string, fields: Readonly<Record<string, unknown>>): void };
}

export interface GuardOptions {
  /** The queues behind it; whoever has its share of all of them is over it. */
  readonly queues: readonly (Shareable & { readonly id: ComponentId })[];
  /** Everyone behind it. */
  readonly accounts: readonly Account[];
  /** What a batch takes of a queue. */
  size(batch: Batch): number;
  /** True: senders have their answer from here on, or are not to be refused; what is over the share is dropped. */
  drops(): boolean;
}

/**
 * Shares what is limited between senders: queues, memory, what is received at a time. Whoever has its share is refused, so that a
 * flood of one sender refuses no others. Who is alone has everything.
 */
export class Admission {
  readonly #deps: AdmissionDeps;
  readonly #refused: RefusedSenders;
  /** Of every queue, whatever the configuration, as long as it is. */
  readonly #queues = new WeakMap<Shareable, QueueShare>();
  #settings = defaultAdmission;
  #weights = weightsOf(defaultAdmission);
  /** Null: nobody has sent yet. */
  #lastPeer: string | undefined | null = null;
  /** When another peer than the one before has sent; monotonic. */
  #severalMs = Number.NEGATIVE_INFINITY;
  #loggedMs = Number.NEGATIVE_INFINITY;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
    this.#refused = new RefusedSenders(deps.metrics);
  }

  /** From here on, for everything that is shared. */
  configure(settings: AdmissionSettings): void {
    this.#settings = settings;
    this.#weights = weightsOf(settings);
  }

  get weights(): Readonly<Record<Signal, number>> {
    return this.#weights;
  }

  get refused(): RefusedSenders {
    return this.#refused;
  }

  /** For receivers: hosts share connections and what is received at a time. */
  readonly sharing: Sharing = {
    weight: (signal) => this.#weights[signal],
    onOverShare: (address, of) => this.#tell(address, of),
  };

  /** Who sent a batch; one of several requests has no sender that is known. */
  senderOf({ bytes, peer }: Batch): string {
    return (this.#settings.by === 'service' ? serviceNameOf(bytes) : peer) ?? UNKNOWN;
  }

  /** Asked by what measures memory. */
  createMemoryShares(): MemoryShares {
    return new MemoryShares(this.#weights);
  }

  /** Lets nobody have more than its share of the queues behind `next`. */
  guard(next: Consumer, { queues, accounts, size, drops }: GuardOptions): Consumer {
    const shares = queues.map((queue) => this.#shareOf(queue, accounts));
    const names = queues.map(({ id }) => id).join(', ');
    return {
      borrows: next.borrows === true,
      consume: (batch) => {
        if (batch.acknowledged) return next.consume(batch);
        if (batch.peer !== this.#lastPeer) this.#meet(batch.peer);
        if (shares.every((share) => share.isRoomy)) return next.consume(batch);
        const sender = this.senderOf(batch);
        if (shares.every((share) => this.#isOver(share, sender))) {
          this.#tell(sender, 'queue');
          return this.#overShare(batch, accounts, { sender, names, drops: drops() });
        }
        for (const share of shares) share.note(sender, batch.itemCount, size(batch));
        return next.consume(batch);
      },
    };
  }

  /** Counts and tells what a sender was refused. */
  overMemory(sender: string): void {
    this.#tell(sender, 'memory');
  }

  #shareOf(queue: Shareable, accounts: readonly Account[]): QueueShare {
    let share = this.#queues.get(queue);
    if (share === undefined) {
      share = new QueueShare(queue);
      this.#queues.set(queue, share);
    }
    for (const account of accounts) share.watch(account);
    return share;
  }

  #meet(peer: string | undefined): void {
    if (this.#lastPeer !== null) this.#severalMs = this.#deps.clock.monotonicMs();
    this.#lastPeer = peer;
  }

  #isOver(share: QueueShare, sender: string): boolean {
    if (share.isRoomy || !share.isOver(sender)) return false;
    return !share.isAlone(sender) || this.#deps.clock.monotonicMs() - this.#severalMs < ALONE_AFTER_MS;
  }

  #overShare(
    batch: Batch,
    accounts: readonly Account[],
    { sender, names, drops }: { readonly sender: string; readonly names: string; readonly drops: boolean },
  ): Verdict {
    if (drops) {
      for (const account of accounts) account.drop('queue_full', batch.itemCount);
      return ACCEPTED;
    }
    const message = `${sender} has its share of the sending queue of ${names}, retry in 1 s`;
    return refuse(batch, accounts, { cause: 'queue_full', retryable: true, afterMs: RETRY_MS, message });
  }

  #tell(sender: string, shared: Shared): void {
    this.#refused.add(sender, shared);
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#loggedMs < LOG_MS) return;
    this.#loggedMs = nowMs;
    this.#deps.log.warn('a sender has its share already and is refused', { sender, shared });
  }
}
