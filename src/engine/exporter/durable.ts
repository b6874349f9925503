/**
 * The way of an exporter whose queue is on disk: a sender has its answer when its request is there, and the request is settled
 * on disk when the backend has taken or refused the last of its items.
 *
 * What just came is kept in memory, as far as the window allows, and sent from there; everything else is read back when the
 * window has room. Both halves of the window take turns, so that after an outage new data goes first and the backlog drains
 * beside it; where order matters, everything goes in the order of its ids. What is in memory is bounded by the window alone,
 * however long the backlog is.
 *
 * Invariants
 * - a request is in #held from the moment this has taken it out of the queue until its items are settled
 * - the account holds what is in the queue, and what is being written to it
 * - a stop settles nothing: what is not settled is found at the next start
 */
import { stat } from 'node:fs/promises';
import type { Account, ExporterSnapshot } from '../../flow/index.ts';
import { CodedError } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import { ITEM_NOUN, type Signal } from '../../pdata/index.ts';
import { ACCEPTED, type Batch, type Refusal, refuse, STOPPING, type Verdict } from '../batch.ts';
import { compactBatch } from '../batches.ts';
import type { EngineDeps, Exporter } from '../component.ts';
import { QueueBatcher } from '../queue/batcher.ts';
import type {
  AppendResult,
  DiskQueue,
  DiskQueueEvents,
  DiskQueueSettings,
  DiskQueueStats,
  QueueLoss,
  StoredEntry,
} from '../queue/disk/disk-queue.ts';
import type { OpenedDiskQueue } from '../queue/disk/open-disk-queue.ts';
import { Fifo } from '../queue/fifo.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import { BackendState } from './backend-state.ts';
import { BacklogOwners } from './backlog-owners.ts';
import { observeConcurrency } from './concurrency.ts';
import { byAge, type Consignment, divideByAge, Origin } from './consignment.ts';
import type { DeadLetters } from './dead-letters.ts';
import { Dispatcher } from './dispatcher.ts';
import { DropLog } from './drop-log.ts';
import { diskSettings, windowBytes } from './durable-settings.ts';
import { FormerExporters } from './former-exporters.ts';
import { Roster } from './roster.ts';
import type { SendingWay } from './sending-way.ts';
import { Settlement } from './settlement.ts';
import { createExporterTelemetry, type ExporterTelemetry, observeDisk, observeQueue } from './telemetry.ts';

/** A sender that was refused for a full queue or disk may try again after this. */
const RETRY_MS = 1000;
/** Of as many requests while both are there, one is of the backlog. */
const BACKLOG_TURN = 4;
/** How often a stop looks whether the last tries are answered. */
const STOP_CHECK_MS = 20;

export interface DurableOptions {
  readonly id: ComponentId;
  readonly signal: Signal;
  readonly deps: EngineDeps;
  readonly storage: QueueStorage;
  readonly directory: string;
  /** Opens the directory, once whoever had it before is done with it. */
  openQueue(settings: DiskQueueSettings, parts: { readonly events: DiskQueueEvents }): Promise<OpenedDiskQueue>;
}

/** A request that was taken out of the queue, to be sent. */
interface Held {
  readonly id: number;
  readonly size: number;
  readonly fresh: boolean;
}

export class DurableExporter implements SendingWay {
  readonly id: ComponentId;
  readonly signal: Signal;
  #exporter: Exporter;
  #storage: QueueStorage;
  readonly #options: DurableOptions;
  readonly #deps: EngineDeps;
  readonly #telemetry: ExporterTelemetry;
  readonly #state: BackendState;
  readonly #drops: DropLog;
  readonly #settlement: Settlement;
  readonly #dispatcher: Dispatcher;
  #batcher: QueueBatcher | undefined;
  #window: number;
  #queue: DiskQueue | undefined;
  #isOwned = false;
  readonly #owners = new BacklogOwners();
  /** What the queue gave up before anybody said whose it was. */
  #early: QueueLoss[] = [];
  /** Requests that nobody has tried yet, in the order of their ids: those that just came, and those that were read. */
  #fresh = new Fifo<Consignment>();
  #read = new Fifo<Consignment>();
  readonly #held = new Set<Held>();
  /** In place of those above, once they are merged and divided; to find what is too old. */
  readonly #roster: Roster;
  #freshBytes = 0;
  #readBytes = 0;
  /** Being written: all, and those that are not taken. */
  #appending = { requests: 0, items: 0, bytes: 0, untaken: 0 };
  #turn = 0;
  #reading = false;
  #readable = true;
  #stopping = false;
  #ended = false;
  #diskFailure: string | undefined;
  #unreadableBytes = 0;
  #whenIdle: (() => void)[] = [];
  readonly #former: FormerExporters;

  constructor(exporter: Exporter, options: DurableOptions) {
    const { id, signal, deps, storage } = options;
    this.id = id;
    this.signal = signal;
    this.#exporter = exporter;
    this.#storage = storage;
    this.#options = options;
    this.#deps = deps;
    this.#telemetry = createExporterTelemetry(deps.metrics, id, signal);
    this.#state = new BackendState(id, deps.clock, deps.log);
    this.#former = new FormerExporters(id, deps.log);
    this.#drops = new DropLog({ exporter: id, signal }, deps);
    this.#settlement = new Settlement({ telemetry: this.#telemetry, drops: this.#drops, clock: deps.clock });
    this.#window = windowBytes(exporter.queue!);
    this.#batcher = this.#createBatcher();
    this.#roster = new Roster({
      clock: deps.clock,
      maxAgeMs: () => this.#storage.maxAgeMs,
      onOld: (consignment, untilMs) => this.#giveUp(consignment, untilMs),
    });
    this.#dispatcher = new Dispatcher({
      exporter,
      deps,
      state: this.#state,
      settlement: this.#settlement,
      fresh: () => this.#next(),
      onDivided: (whole, parts) => this.#roster.replace([whole], parts),
      onSettled: (consignment) => this.#roster.delete(consignment),
      onUnused: (former) => this.#former.shutDown(former),
    });
  }

  get exporter(): Exporter {
    return this.#exporter;
  }

  get isIdle(): boolean {
    const { requests } = this.#appending;
    return requests === 0 && this.#held.size === 0 && (this.#queue === undefined || this.#queue.stats.entries === 0);
  }

  /** What decides about room: what is being written, and what was delivered as long as its segment is not given back. */
  get queueSize(): number {
    if (this.#queue === undefined) return 0;
    const { stats } = this.#queue;
    return this.#exporter.queue!.sizer === 'bytes' ? stats.diskBytes + this.#appending.bytes : this.#sizeOf(stats);
  }

  get queueCapacity(): number {
    return this.#exporter.queue!.capacity;
  }

  get dropsWhenFull(): boolean {
    return this.#storage.onFull !== 'block';
  }

  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isIdle) resolve();
      else this.#whenIdle.push(resolve);
    });
  }

  /** Opens the queue, however the disk is; rejects when another process has it, or the directory is to be there and is not. */
  async open(): Promise<void> {
    if (this.#queue !== undefined) return;
    const { directory, openQueue } = this.#options;
    await this.#checkDirectory();
    const events: DiskQueueEvents = {
      onLoss: (loss) => this.#lost(loss),
      onUnreadable: (file, bytes, why) => this.#skipped(file, bytes, why),
      onDisk: (message) => this.#told(message),
      onReadable: () => {
        this.#readable = true;
        this.#readOn();
      },
    };
    const opened = await openQueue(diskSettings(directory, this.#exporter.queue!, this.#storage), { events });
    if (opened.status === 'in_use') throw new CodedError('queue_in_use', `${this.id}: ${opened.message}`);
    this.#queue = opened.queue;
  }

  belongsTo(account: Account): void {
    if (this.#isOwned) return;
    this.#isOwned = true;
    const items = this.#queue!.recovered[this.signal];
    account.recovered += items;
    account.held += items;
    this.#owners.found(account, items);
    for (const loss of this.#early.splice(0)) this.#lost(loss);
    this.observe();
    if (items > 0) {
      const { directory } = this.#options;
      this.#deps.log.info('queue found on disk', { exporter: this.id, signal: this.signal, directory, items });
    }
    this.#readOn();
  }

  replace(exporter: Exporter, storage = this.#storage): void {
    const waiting = [
      ...this.#dispatcher.replace(exporter),
      ...(this.#batcher?.takeAll() ?? []),
      ...this.#fresh.clear(),
      ...this.#read.clear(),
    ];
    this.#exporter = exporter;
    this.#storage = storage;
    this.#window = windowBytes(exporter.queue!);
    this.#batcher = this.#createBatcher();
    for (const one of waiting.filter(({ withdrawn }) => withdrawn !== true).sort(byAge)) this.#fresh.push(one);
    const { directory: _, ...limits } = diskSettings(this.#options.directory, exporter.queue!, storage);
    this.#queue?.reconfigure(limits);
    this.#state.reset();
    this.observe();
    this.#roster.watch();
    this.#dispatcher.pump();
    this.#readOn();
  }

  keepRejectedIn(deadLetters: DeadLetters | undefined): void {
    this.#settlement.keepIn(deadLetters);
  }

  async consume(batch: Batch, account: Account): Promise<Verdict> {
    const { itemCount } = batch;
    const size = batch.bytes.length;
    if (this.#stopping) return this.#refuse(batch, account, STOPPING);
    if (!this.#hasRoomFor(itemCount)) return this.#full(batch, account);
    const take = this.#mayTake(size);
    account.held += itemCount;
    this.#appending.requests++;
    this.#appending.items += itemCount;
    this.#appending.bytes += batch.bytes.length;
    if (take) this.#freshBytes += size;
    else this.#appending.untaken++;
    const result = await this.#queue!.append(batch, { take });
    this.#appending.requests--;
    this.#appending.items -= itemCount;
    this.#appending.bytes -= batch.bytes.length;
    if (!take) this.#appending.untaken--;
    if (result.status === 'stored') {
      if (take) this.#takeFresh(batch, result.id, account);
      else {
        this.#owners.add(result.id, account, itemCount);
        this.#readOn();
      }
      return ACCEPTED;
    }
    account.held -= itemCount;
    if (take) this.#freshBytes -= size;
    this.#tellIdle();
    return this.#notStored(result, batch, account);
  }

  hasten(): void {
    // Nobody waits for anything but the disk.
  }

  /** What is in memory is delivered as long as the backend takes it. Everything else stays on disk, for the next start. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    this.#batcher?.flush();
    this.#dispatcher.pump();
    while (!this.#isQuiet && this.#deps.clock.monotonicMs() < deadlineMs) {
      const leftMs = deadlineMs - this.#deps.clock.monotonicMs();
      await new Promise<void>((resolve) => this.#deps.clock.after(Math.min(STOP_CHECK_MS, leftMs), resolve));
    }
    this.#end();
  }

  async close(): Promise<void> {
    this.#end();
    this.#deps.metrics.forget({ exporter: this.id, data_type: this.signal });
    await this.#former.closed();
    // Closed before, it would forget that what they stand for is settled.
    await this.#settlement.kept();
    try {
      await this.#exporter.shutdown?.();
    } finally {
      // Whatever the exporter says, the folder is to be free for whoever comes next.
      await this.#queue?.close();
    }
  }

  snapshot(): Omit<ExporterSnapshot, 'ledger' | 'retired'> {
    const { queue, destination } = this.#exporter;
    const stats = this.#queue?.stats;
    return {
      id: this.id,
      destination,
      ...this.#state.snapshot(),
      queueBytes: stats?.liveBytes ?? 0,
      queueCapacityBytes: queue?.sizer === 'bytes' ? queue.capacity : 0,
      disk: {
        directory: this.#options.directory,
        requests: stats?.entries ?? 0,
        unreadableBytes: this.#unreadableBytes,
        ...(stats?.oldestMs !== undefined && { oldestMs: stats.oldestMs }),
        ...(this.#diskFailure !== undefined && { failure: this.#diskFailure }),
      },
    };
  }

  observe(): void {
    if (this.#queue === undefined) return;
    const { id, signal } = this;
    const { metrics, clock } = this.#deps;
    const stats = () => this.#queue!.stats;
    observeQueue(metrics, {
      id,
      signal,
      capacity: () => this.queueCapacity,
      size: () => (this.#queue === undefined ? 0 : this.#sizeOf(this.#queue.stats)),
    });
    observeConcurrency(metrics, { id, signal, current: () => this.#dispatcher.concurrency });
    observeDisk(metrics, {
      id,
      signal,
      bytes: () => stats().diskBytes,
      oldestSeconds: () => Math.max(0, clock.nowMs() - (stats().oldestMs ?? clock.nowMs())) / 1000,
      unreadableBytes: () => this.#unreadableBytes,
      failing: () => this.#diskFailure !== undefined,
    });
  }

  /** While it stops: nothing is left in memory, or the backend does not take it and no answer is to come. */
  get #isQuiet(): boolean {
    if (this.#held.size === 0) return true;
    return this.#dispatcher.tryCount === 0 && this.#state.failedTries > 0;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopping = true;
    this.#dispatcher.abort();
    this.#batcher?.takeAll();
    this.#roster.end();
    this.#drops.flush();
  }

  async #checkDirectory(): Promise<void> {
    const { directory, createDirectory } = this.#storage;
    if (createDirectory || directory === undefined) return;
    const found = await stat(directory).catch(() => undefined);
    if (found?.isDirectory() === true) return;
    const message = `the directory ${directory} of the queue of ${this.id} is not there; make it, or set \`create_directory: true\``;
    throw new CodedError('no_directory', message);
  }

  /** A queue that counts requests or items, as the Collector's may; what counts bytes is the disk queue's own care. */
  #hasRoomFor(itemCount: number): boolean {
    const { sizer, capacity } = this.#exporter.queue!;
    if (sizer === 'bytes') return true;
    const stats = this.#queue!.stats;
    if (sizer === 'requests') return stats.entries + this.#appending.requests < capacity;
    return stats.items[this.signal] + this.#appending.items + itemCount <= capacity;
  }

  /** Whether a request that comes now is kept in memory, too. Where order matters, only when nothing is to be sent before it is read. */
  #mayTake(size: number): boolean {
    if (this.#freshBytes > 0 && this.#freshBytes + size > this.#window) return false;
    if (this.#exporter.ordered !== true) return true;
    return !this.#reading && this.#appending.untaken === 0 && this.#freeEntries === 0;
  }

  get #freeEntries(): number {
    return this.#queue!.stats.entries - this.#held.size;
  }

  #takeFresh(batch: Batch, id: number, account: Account): void {
    const waits = this.#dispatcher.isBusy || this.#batcher?.wouldKeep(batch) === true;
    const held = { id, size: batch.bytes.length, fresh: true };
    const sinceMs = this.#deps.clock.nowMs();
    this.#fresh.push(this.#hold(waits ? compactBatch(batch) : batch, { held, account, sinceMs }));
    this.#dispatcher.pump();
  }

  #takeRead({ id, appendedMs, signal, bytes, itemCount }: StoredEntry): void {
    this.#readBytes += bytes.length;
    const account = this.#owners.take(id, itemCount);
    const batch: Batch = { signal, bytes, itemCount, acknowledged: true };
    const held = { id, size: bytes.length, fresh: false };
    this.#read.push(this.#hold(batch, { held, account, sinceMs: appendedMs }));
  }

  #hold(batch: Batch, { held, account, sinceMs }: { held: Held; account: Account; sinceMs: number }): Consignment {
    this.#held.add(held);
    const onSettled = (): void => this.#settled(held);
    const origin = new Origin({ account, batch, order: held.id, sinceMs, booked: true, onSettled });
    const shares = [{ origin, itemCount: batch.itemCount }];
    const consignment: Consignment = { batch, shares, queueSize: 0, heldBytes: held.size };
    this.#roster.add(consignment);
    return consignment;
  }

  #settled(held: Held): void {
    this.#held.delete(held);
    if (held.fresh) this.#freshBytes -= held.size;
    else this.#readBytes -= held.size;
    this.#queue!.settle(held.id);
    this.#readOn();
    this.#tellIdle();
  }

  #next(): Consignment | undefined {
    // The backend does not take it, and everything is safe where it is.
    if (this.#stopping && this.#state.failedTries > 0) return undefined;
    const batcher = this.#batcher;
    if (batcher === undefined) return this.#pick();
    while (!batcher.hasReady) {
      const next = this.#pick();
      if (next === undefined) break;
      if (next.withdrawn !== true) batcher.add(next);
    }
    // What waits for company that has no room to come.
    if (!batcher.hasReady && (this.#stopping || this.#readBytes >= this.#window)) batcher.flush();
    return batcher.take();
  }

  #pick(): Consignment | undefined {
    const fresh = this.#fresh.first;
    const read = this.#read.first;
    if (fresh === undefined || read === undefined) return (fresh === undefined ? this.#read : this.#fresh).take();
    if (this.#exporter.ordered === true) return (byAge(fresh, read) < 0 ? this.#fresh : this.#read).take();
    this.#turn = (this.#turn + 1) % BACKLOG_TURN;
    return (this.#turn === 0 ? this.#read : this.#fresh).take();
  }

  /** Reads what is on disk alone, as far as the window allows; one request at a time. */
  #readOn(): void {
    const mayRead = this.#readable && !this.#reading && !this.#stopping && this.#readBytes < this.#window;
    if (!mayRead || this.#queue === undefined || !this.#isOwned) return;
    this.#reading = true;
    this.#readable = false;
    void this.#queue.next().then((entry) => {
      this.#reading = false;
      if (entry === undefined) {
        // Something may have become free since the queue said that nothing is.
        this.#readOn();
        return;
      }
      this.#readable = true;
      this.#takeRead(entry);
      this.#readOn();
      this.#dispatcher.pump();
    });
  }

  #notStored(result: Exclude<AppendResult, { readonly status: 'stored' }>, batch: Batch, account: Account): Verdict {
    const { people } = ITEM_NOUN[this.signal];
    if (result.status === 'too_large') {
      const message = `a request of ${batch.bytes.length} bytes does not fit the queue of ${this.id} on disk`;
      return this.#refuse(batch, account, { cause: 'too_large', retryable: false, afterMs: 0, message });
    }
    if (result.status === 'full') return this.#full(batch, account);
    const failed = result.status === 'failed';
    // What a full queue drops says nothing of a disk that fails: where the sender's answer means that it is on disk, it is not given.
    if (failed && (this.#storage.fsync || this.#storage.onFull === 'block')) {
      const message = `the disk of the queue of ${this.id} takes nothing (${result.message}), retry in 1 s`;
      return this.#refuse(batch, account, { cause: 'disk_full', retryable: true, afterMs: RETRY_MS, message });
    }
    const cause = failed ? 'disk_full' : 'queue_full';
    const reason = failed ? result.message : `no room for ${people} that come`;
    this.#telemetry.enqueueFailed.add(batch.itemCount);
    this.#drops.add(cause, batch.itemCount, reason);
    account.drop(cause, batch.itemCount);
    return ACCEPTED;
  }

  #full(batch: Batch, account: Account): Verdict {
    const message = `the queue of ${this.id} on disk is full, retry in 1 s`;
    return this.#refuse(batch, account, { cause: 'queue_full', retryable: true, afterMs: RETRY_MS, message });
  }

  #refuse(batch: Batch, account: Account, refusal: Refusal): Verdict {
    this.#telemetry.enqueueFailed.add(batch.itemCount);
    if (batch.acknowledged) this.#drops.add(refusal.cause, batch.itemCount, refusal.message);
    return refuse(batch, [account], refusal);
  }

  #lost(loss: QueueLoss): void {
    if (!this.#isOwned) {
      this.#early.push(loss);
      return;
    }
    const { id, cause, itemCount } = loss;
    const account = this.#owners.take(id, itemCount);
    account.held -= itemCount;
    account.drop(cause, itemCount);
    this.#telemetry.sendFailed.add(itemCount);
    this.#drops.add(cause, itemCount, LOSS_REASONS[cause]);
    this.#tellIdle();
  }

  #skipped(file: string, bytes: number, why: string): void {
    this.#unreadableBytes += bytes;
    this.#deps.log.error('part of a queue on disk cannot be read', { exporter: this.id, file, bytes, reason: why });
  }

  #told(message: string | undefined): void {
    this.#diskFailure = message;
    const fields = { exporter: this.id, directory: this.#options.directory };
    if (message === undefined) this.#deps.log.warn(DISK_LOG.again, fields);
    else this.#deps.log.error(DISK_LOG.failing, { ...fields, error: message });
  }

  /** What of it came until then, unless it is being tried. */
  #giveUp(consignment: Consignment, untilMs: number): void {
    if (!this.#dispatcher.withdraw(consignment)) return;
    const { old, young } = divideByAge(consignment, untilMs);
    this.#roster.replace([consignment], young === undefined ? [] : [young]);
    for (const part of old)
      this.#settlement.failed(part, { cause: 'expired', retryable: true, message: LOSS_REASONS.expired });
    if (young !== undefined) this.#dispatcher.resume(young);
  }

  #tellIdle(): void {
    if (this.#whenIdle.length === 0 || !this.isIdle) return;
    for (const tell of this.#whenIdle.splice(0)) tell();
  }

  #createBatcher(): QueueBatcher | undefined {
    const batch = this.#exporter.queue?.batch;
    if (batch === undefined) return undefined;
    return new QueueBatcher(batch, this.#deps.clock, {
      onDue: () => this.#dispatcher.pump(),
      onReplaced: (old, made) => this.#roster.replace(old, made),
    });
  }

  /** In the unit of the queue's sizer. */
  #sizeOf({ liveBytes, items, entries }: DiskQueueStats): number {
    const { sizer } = this.#exporter.queue!;
    if (sizer === 'bytes') return liveBytes;
    return sizer === 'items' ? items[this.signal] : entries;
  }
}

/** Messages about changes of a queue's disk. */
export const DISK_LOG = {
  failing: 'disk takes nothing for a queue',
  again: 'disk takes data for a queue again',
} as const;

const LOSS_REASONS: Readonly<Record<QueueLoss['cause'], string>> = {
  queue_full: 'the queue on disk was full, and the oldest made room',
  expired: 'they were older than `max_age`',
  corrupt: 'what is on disk is damaged',
};
