/**
 * The way of every exporter from a pipeline to its backend: queue, batcher, retry, timeout, send, with the ledger, the
 * metrics and the state of the backend kept along the way. Source: exporterhelper base_exporter.go, at 0.149.
 *
 * Invariants
 * - a consignment is in #outstanding from its acceptance until its items are settled in the ledger
 * - what waits stands in the queue in the order of its acceptance after the exporter was replaced
 */
import type { Account, ExporterSnapshot } from '../../flow/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { ACCEPTED, type Batch, type Refusal, refuse, STOPPING, type Verdict } from '../batch.ts';
import { compactBatch } from '../batches.ts';
import type { EngineDeps, Exporter } from '../component.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import { roomOf, SendingQueue } from '../queue/sending-queue.ts';
import { BackendState } from './backend-state.ts';
import { isWanted } from './backlog.ts';
import { observeConcurrency } from './concurrency.ts';
import { byAge, type Consignment, divideByAge, Origin } from './consignment.ts';
import type { DeadLetters } from './dead-letters.ts';
import { Dispatcher } from './dispatcher.ts';
import { DropLog } from './drop-log.ts';
import { FormerExporters } from './former-exporters.ts';
import { Gathering } from './gathering.ts';
import { IdleWaits } from './idle-waits.ts';
import { Roster } from './roster.ts';
import type { SendingWay } from './sending-way.ts';
import { Settlement } from './settlement.ts';
import { createExporterTelemetry, type ExporterTelemetry, observeQueue } from './telemetry.ts';

/** A sender that was refused for a full queue may try again after this. */
const QUEUE_FULL_RETRY_MS = 1000;
const TOO_OLD = 'they were older than `max_age`';

export interface SendingOptions {
  readonly id: ComponentId;
  readonly signal: Signal;
  readonly deps: EngineDeps;
  /** What a full queue does, and how long requests may wait in it; absent: as the exporter says, for ever. */
  readonly storage?: QueueStorage | undefined;
}

interface GivenUp {
  readonly cause: 'queue_full' | 'expired';
  readonly message: string;
  /** Wall clock, ms; absent: all of it. */
  readonly untilMs?: number;
}

export class SendingExporter implements SendingWay {
  readonly id: ComponentId;
  readonly signal: Signal;
  #exporter: Exporter;
  #storage: QueueStorage | undefined;
  readonly #deps: EngineDeps;
  readonly #telemetry: ExporterTelemetry;
  readonly #state: BackendState;
  readonly #drops: DropLog;
  readonly #settlement: Settlement;
  readonly #queue: SendingQueue<Consignment>;
  readonly #gathering: Gathering;
  readonly #dispatcher: Dispatcher;
  readonly #outstanding: Roster;
  /** What waits for room in the queue, with how it is refused. */
  readonly #waiting = new Map<Consignment, () => void>();
  #heldBytes = 0;
  #hurrying = false;
  #stopping = false;
  #order = 0;
  readonly #idle = new IdleWaits(() => this.isIdle);
  readonly #former: FormerExporters;

  constructor(exporter: Exporter, { id, signal, deps, storage }: SendingOptions) {
    const { queue } = exporter;
    this.id = id;
    this.signal = signal;
    this.#exporter = exporter;
    this.#storage = storage;
    this.#deps = deps;
    this.#telemetry = createExporterTelemetry(deps.metrics, id, signal);
    this.#state = new BackendState(id, deps.clock, deps.log);
    this.#former = new FormerExporters(id, deps.log);
    this.#drops = new DropLog({ exporter: id, signal }, deps);
    this.#settlement = new Settlement({ telemetry: this.#telemetry, drops: this.#drops, clock: deps.clock });
    this.#queue = new SendingQueue(queue?.capacity ?? Number.POSITIVE_INFINITY);
    this.#gathering = new Gathering(queue?.batch, {
      clock: deps.clock,
      pick: () => this.#queue.take(),
      isLast: () => this.#stopping,
      onDue: () => this.#dispatcher.pump(),
      onReplaced: (old, made) => this.#outstanding.replace(old, made),
    });
    this.#outstanding = new Roster({
      clock: deps.clock,
      maxAgeMs: () => this.#storage?.maxAgeMs,
      onOld: (consignment, untilMs) => this.#giveUp(consignment, { cause: 'expired', message: TOO_OLD, untilMs }),
    });
    this.#dispatcher = new Dispatcher({
      exporter,
      deps,
      state: this.#state,
      settlement: this.#settlement,
      fresh: () => this.#gathering.next(),
      onDivided: (whole, parts) => this.#outstanding.replace([whole], parts),
      onSettled: (consignment) => this.#release(consignment),
      onUnused: (former) => this.#former.shutDown(former),
    });
    this.observe();
  }

  /** The instance in use. */
  get exporter(): Exporter {
    return this.#exporter;
  }

  get queueSize(): number {
    return this.#queue.size;
  }

  get queueCapacity(): number {
    return this.#queue.capacity;
  }

  /** Whether it holds nothing. */
  get isIdle(): boolean {
    return this.#outstanding.size === 0;
  }

  get dropsWhenFull(): boolean {
    return this.#storage !== undefined && this.#storage.onFull !== 'block';
  }

  /** Resolves as soon as it holds nothing. */
  idle(): Promise<void> {
    return this.#idle.idle();
  }

  /**
   * Everything goes on with another instance, which was started: what waits, in its order, and what tries under way do not
   * deliver. Nothing is dropped, also where it is more than the new queue holds. The old instance is shut down after its last try.
   */
  replace(exporter: Exporter, storage?: QueueStorage): void {
    this.#storage = storage;
    const waiting = [
      ...this.#dispatcher.replace(exporter),
      ...this.#gathering.configure(exporter.queue?.batch),
      ...this.#queue.takeAll(),
    ]
      .filter(({ withdrawn }) => withdrawn !== true)
      .sort(byAge);
    this.#exporter = exporter;
    this.#queue.putBack(waiting);
    this.#measure();
    this.#outstanding.watch();
    this.#state.reset();
    this.observe();
    this.#dispatcher.pump();
  }

  /** Takes a batch over for a pipeline. Without a queue, or with `wait_for_result`, the answer is what became of it. */
  consume(batch: Batch, account: Account): Verdict | Promise<Verdict> {
    const { queue } = this.#exporter;
    if (queue !== undefined && !queue.waitForResult) return this.#enqueue(batch, account);
    let outcome: Verdict | undefined;
    let tell = (verdict: Verdict): void => {
      outcome = verdict;
    };
    const enqueued = this.#enqueue(batch, account, (verdict) => tell(verdict));
    if (!(enqueued instanceof Promise) && enqueued.status === 'refused') return enqueued;
    if (outcome !== undefined) return outcome;
    return new Promise((resolve) => {
      tell = resolve;
    });
  }

  /** The engine stops: from here on the waits between tries are short, and a backend that is down is given up. */
  hasten(): void {
    this.#hurrying = true;
    // A sender that waits for room can go elsewhere as long as it is told; a batch whose senders have their answer cannot.
    for (const [{ batch }, refuseIt] of [...this.#waiting]) if (!batch.acknowledged) refuseIt();
    this.#dispatcher.hasten();
  }

  /** Takes nothing more and delivers what it holds, until `deadlineMs` of the monotonic clock; the rest is dropped as `shutdown`. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    this.#dispatcher.hasten();
    if (this.#outstanding.size > 0) await this.#idleOr(deadlineMs);
    this.#dispatcher.abort();
    this.#gathering.takeAll();
    for (const refuseIt of [...this.#waiting.values()]) refuseIt();
    for (const consignment of [...this.#outstanding]) {
      const message = 'the engine stopped before the backend took them';
      this.#settlement.failed(consignment, { cause: 'shutdown', retryable: true, message });
      this.#release(consignment);
    }
    this.#outstanding.end();
    this.#drops.flush();
  }

  async close(): Promise<void> {
    this.#deps.metrics.forget({ exporter: this.id, data_type: this.signal });
    await this.#former.closed();
    await this.#exporter.shutdown?.();
  }

  snapshot(): Omit<ExporterSnapshot, 'ledger' | 'retired'> {
    const { queue, destination } = this.#exporter;
    return {
      id: this.id,
      destination,
      ...this.#state.snapshot(),
      queueBytes: this.#heldBytes,
      queueCapacityBytes: queue?.sizer === 'bytes' ? queue.capacity : 0,
    };
  }

  keepRejectedIn(deadLetters: DeadLetters | undefined): void {
    this.#settlement.keepIn(deadLetters);
  }

  observe(): void {
    const { id, signal } = this;
    const { metrics } = this.#deps;
    if (this.#exporter.queue === undefined) {
      metrics.forget({ exporter: id, data_type: signal });
      return;
    }
    observeQueue(metrics, { id, signal, capacity: () => this.#queue.capacity, size: () => this.#queue.size });
    observeConcurrency(metrics, { id, signal, current: () => this.#dispatcher.concurrency });
  }

  #enqueue(batch: Batch, account: Account, resolve?: (verdict: Verdict) => void): Verdict | Promise<Verdict> {
    const { queue } = this.#exporter;
    const size = queue === undefined ? 0 : roomOf(batch, queue.sizer, queue.capacity);
    if (size > this.#queue.capacity) {
      const message = `a request of ${size} ${queue?.sizer} does not fit the queue of ${this.id}, which holds ${this.#queue.capacity}`;
      return this.#refuse(batch, account, { cause: 'too_large', retryable: false, message });
    }
    const room = this.#queue.hasRoom(size) || this.#makeRoom(size);
    const mayWait = queue?.blockOnOverflow === true;
    const senderWaits = !room && mayWait && !batch.acknowledged;
    if (this.#stopping || (this.#hurrying && senderWaits)) return this.#refuse(batch, account, STOPPING);
    if (!room && this.dropsWhenFull) return this.#drop(batch, account);
    if (!room && !mayWait) {
      const message = `the sending queue of ${this.id} is full, retry in 1 s`;
      return this.#refuse(batch, account, { cause: 'queue_full', retryable: true, message });
    }
    const origin = new Origin({ account, batch, order: this.#order++, sinceMs: this.#deps.clock.nowMs(), resolve });
    const shares = [{ origin, itemCount: batch.itemCount }];
    const waits = !room || this.#dispatcher.isBusy || this.#gathering.wouldKeep(batch);
    const kept = waits ? compactBatch(batch) : batch;
    const heldBytes = queue?.sizer === 'bytes' ? size : kept.bytes.length;
    const consignment: Consignment = { batch: kept, shares, queueSize: size, heldBytes };
    this.#outstanding.add(consignment);
    this.#heldBytes += consignment.heldBytes;
    if (!room) return this.#enqueueLater(consignment, account, origin);
    this.#queue.offer(consignment, size);
    this.#dispatcher.pump();
    return ACCEPTED;
  }

  #enqueueLater(consignment: Consignment, account: Account, origin: Origin): Promise<Verdict> {
    return new Promise((resolve) => {
      this.#waiting.set(consignment, () => {
        if (!this.#waiting.delete(consignment)) return;
        this.#queue.withdraw(consignment);
        this.#outstanding.delete(consignment);
        this.#heldBytes -= consignment.heldBytes;
        const verdict = this.#refuse(consignment.batch, account, STOPPING);
        origin.withdraw(verdict);
        resolve(verdict);
      });
      this.#queue.offerWhenRoom(consignment, consignment.queueSize, () => {
        this.#waiting.delete(consignment);
        resolve(ACCEPTED);
        this.#dispatcher.pump();
      });
    });
  }

  /** Gives up the oldest that nobody is sending, where that is the policy. */
  #makeRoom(size: number): boolean {
    if (this.#storage?.onFull !== 'drop_oldest') return false;
    const message = `the queue of ${this.id} was full, and the oldest made room`;
    for (const consignment of this.#outstanding) {
      if (this.#queue.hasRoom(size)) break;
      this.#giveUp(consignment, { cause: 'queue_full', message });
    }
    return this.#queue.hasRoom(size);
  }

  /** What of it came until then, unless it is being tried or waits for room. */
  #giveUp(consignment: Consignment, { cause, message, untilMs = Number.POSITIVE_INFINITY }: GivenUp): void {
    if (this.#waiting.has(consignment) || !this.#dispatcher.withdraw(consignment)) return;
    const { old, young } = divideByAge(consignment, untilMs);
    this.#outstanding.replace([consignment], young === undefined ? old : [...old, young]);
    for (const part of old) {
      this.#settlement.failed(part, { cause, retryable: true, message });
      this.#release(part);
    }
    if (young !== undefined) this.#dispatcher.resume(young);
    // Those that still stand in line take memory that nobody counts.
    this.#queue.tidy(isWanted);
  }

  /** There is no room, and the policy is to tell nobody. */
  #drop(batch: Batch, account: Account): Verdict {
    const message = `the queue of ${this.id} is full`;
    this.#telemetry.enqueueFailed.add(batch.itemCount);
    this.#drops.add('queue_full', batch.itemCount, message);
    account.drop('queue_full', batch.itemCount);
    return ACCEPTED;
  }

  #refuse(batch: Batch, account: Account, { cause, retryable, message }: Omit<Refusal, 'afterMs'>): Verdict {
    this.#telemetry.enqueueFailed.add(batch.itemCount);
    if (batch.acknowledged) this.#drops.add(cause, batch.itemCount, message);
    return refuse(batch, [account], { cause, retryable, afterMs: retryable ? QUEUE_FULL_RETRY_MS : 0, message });
  }

  #release(consignment: Consignment): void {
    this.#outstanding.delete(consignment);
    this.#heldBytes -= consignment.heldBytes;
    this.#queue.release(consignment.queueSize);
    this.#idle.tell();
  }

  /** What everything it holds takes of the queue of this instance. */
  #measure(): void {
    const { queue } = this.#exporter;
    const capacity = queue?.capacity ?? Number.POSITIVE_INFINITY;
    let size = 0;
    this.#heldBytes = 0;
    for (const consignment of this.#outstanding) {
      const { batch } = consignment;
      consignment.queueSize = queue === undefined ? 0 : roomOf(batch, queue.sizer, capacity);
      consignment.heldBytes = queue?.sizer === 'bytes' ? consignment.queueSize : batch.bytes.length;
      this.#heldBytes += consignment.heldBytes;
      if (!this.#waiting.has(consignment)) size += consignment.queueSize;
    }
    this.#queue.resize(capacity, size, (consignment) => consignment.queueSize);
  }

  #idleOr(deadlineMs: number): Promise<void> {
    const { clock } = this.#deps;
    return new Promise((resolve) => {
      const timer = clock.after(Math.max(0, deadlineMs - clock.monotonicMs()), resolve);
      void this.idle().then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
