/**
 * The way of an exporter whose queue is on disk: a sender has its answer when its request is there, and the request is settled
 * on disk when the backend has taken or refused the last of its items.
 *
 * What just came is kept in memory, as far as the window allows (disk-window.ts), and sent from there; everything else is read
 * back when the window has room. What is in memory is bounded by the window alone, however long the backlog is.
 *
 * Invariants
 * - a request is in #window from the moment this has taken it out of the queue until its items are settled
 * - the account holds what is in the queue, and what is being written to it
 * - a stop settles nothing: what is not settled is found at the next start
 */
import type { Account, ExporterSnapshot } from '../../flow/index.ts';
import { CodedError, endsWithin } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { type Batch, STOPPING, type Verdict } from '../batch.ts';
import { compactBatch } from '../batches.ts';
import type { EngineDeps, Exporter } from '../component.ts';
import type {
  DiskQueue,
  DiskQueueEvents,
  DiskQueueSettings,
  DiskQueueStats,
  StoredEntry,
} from '../queue/disk/disk-queue.ts';
import type { FolderState, OpenedDiskQueue } from '../queue/disk/open-disk-queue.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import { BackendState } from './backend-state.ts';
import type { BacklogOwners } from './backlog-owners.ts';
import { observeConcurrency } from './concurrency.ts';
import { type Consignment, divideByAge } from './consignment.ts';
import type { DeadLetters } from './dead-letters.ts';
import { DiskBooks, LOSS_REASONS } from './disk-books.ts';
import { DiskIntake, type Incoming } from './disk-intake.ts';
import { DiskState, requireDirectory } from './disk-state.ts';
import { DiskWindow } from './disk-window.ts';
import { Dispatcher } from './dispatcher.ts';
import { DropLog } from './drop-log.ts';
import { asideBytes, diskSettings, windowBytes } from './durable-settings.ts';
import { FormerExporters } from './former-exporters.ts';
import { Gathering } from './gathering.ts';
import { IdleWaits } from './idle-waits.ts';
import { Roster } from './roster.ts';
import type { SendingWay } from './sending-way.ts';
import { SetAside, type TimeAside } from './set-aside.ts';
import { Settlement } from './settlement.ts';
import { createExporterTelemetry, type ExporterTelemetry, observeDisk, observeQueue } from './telemetry.ts';

/** How often a stop looks whether the last tries are answered. */
const STOP_CHECK_MS = 20;
/** A disk that has not written dead letters in this time hangs. */
const LETTERS_MS = 10_000;

export interface DurableOptions {
  readonly id: ComponentId;
  readonly signal: Signal;
  readonly deps: EngineDeps;
  readonly storage: QueueStorage;
  readonly directory: string;
  /** Opens the directory, once whoever had it before is done with it. */
  openQueue(
    settings: DiskQueueSettings,
    parts: { readonly events: DiskQueueEvents; readonly way: SendingWay },
  ): Promise<OpenedDiskQueue>;
  /** Whose it is what another exporter left in the directory, if one did; once. */
  inherit?(): BacklogOwners | undefined;
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
  readonly #gathering: Gathering;
  readonly #window: DiskWindow;
  readonly #disk: DiskState;
  #queue: DiskQueue | undefined;
  #folder: FolderState = 'failed';
  readonly #books: DiskBooks;
  /** What the window holds, merged and divided; to find what is too old. */
  readonly #roster: Roster;
  /** Of what is on disk alone: what is not to be read yet. */
  readonly #aside: SetAside;
  readonly #intake: DiskIntake;
  #reading = false;
  #readable = true;
  #stopping = false;
  #ended = false;
  /** What it holds is somebody else's. */
  #hasLeft = false;
  readonly #idle = new IdleWaits(() => this.isIdle);
  readonly #former: FormerExporters;

  constructor(exporter: Exporter, options: DurableOptions) {
    const { id, signal, deps, storage, directory } = options;
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
    this.#books = new DiskBooks(this.#telemetry, this.#drops);
    this.#disk = new DiskState({ exporter: id, directory }, deps.log);
    this.#window = new DiskWindow(windowBytes(exporter.queue!), {
      isOrdered: () => this.#exporter.ordered === true,
      onSettled: (settled) => this.#settled(settled),
    });
    this.#intake = new DiskIntake({
      id,
      signal,
      telemetry: this.#telemetry,
      drops: this.#drops,
      storage: () => this.#storage,
      limits: () => this.#exporter.queue!,
      reserve: (bytes) => this.#reserve(bytes),
      onStored: (stored, incoming) => this.#stored(stored, incoming),
      onNotStored: ({ batch, taken }) => {
        if (taken) this.#window.reserve(-batch.bytes.length);
        this.#idle.tell();
      },
    });
    this.#gathering = new Gathering(exporter.queue!.batch, {
      clock: deps.clock,
      pick: () => this.#window.pick(),
      // What waits for company that has no room to come.
      isLast: () => this.#stopping || !this.#window.mayRead,
      onDue: () => this.#dispatcher.pump(),
      onReplaced: (old, made) => this.#roster.replace(old, made),
    });
    this.#roster = new Roster({
      clock: deps.clock,
      maxAgeMs: () => this.#storage.maxAgeMs,
      onOld: (consignment, untilMs) => this.#giveUp(consignment, untilMs),
    });
    this.#aside = new SetAside({
      clock: deps.clock,
      maxBytes: () => asideBytes(this.#exporter.queue!),
      concurrency: () => this.#dispatcher.concurrency,
      onTurn: (id) => this.#queue!.release(id),
    });
    this.#dispatcher = new Dispatcher({
      exporter,
      deps,
      state: this.#state,
      settlement: this.#settlement,
      // While it stops and the backend does not take it, everything is safe where it is.
      fresh: () => (this.#stopping && this.#state.failedTries > 0 ? undefined : this.#next()),
      onDivided: (whole, parts) => this.#roster.replace([whole], parts),
      onSettled: (consignment) => this.#roster.delete(consignment),
      setAside: (consignment, wait) => this.#giveBack(consignment, wait),
      onUnused: (former) => this.#former.shutDown(former),
    });
  }

  get exporter(): Exporter {
    return this.#exporter;
  }

  get isIdle(): boolean {
    if (this.#hasLeft) return true;
    return (
      // What is in a directory that it waits for is its own to deliver.
      this.#folder !== 'awaited' &&
      this.#intake.requests === 0 &&
      this.#window.size === 0 &&
      (this.#queue === undefined || this.#queue.stats.entries === 0)
    );
  }

  /** What decides about room: what is being written, and what was delivered as long as its segment is not given back. */
  get queueSize(): number {
    if (this.#queue === undefined) return 0;
    const { stats } = this.#queue;
    return this.#exporter.queue!.sizer === 'bytes' ? stats.diskBytes + this.#intake.bytes : this.#sizeOf(stats);
  }

  get queueCapacity(): number {
    return this.#exporter.queue!.capacity;
  }

  get dropsWhenFull(): boolean {
    return this.#storage.onFull !== 'block';
  }

  idle(): Promise<void> {
    return this.#idle.idle();
  }

  /** Opens the queue, however the disk is; rejects when another process has it, or the directory is to be there and is not. */
  async open(): Promise<void> {
    if (this.#queue !== undefined) return;
    const { directory, openQueue } = this.#options;
    await requireDirectory(this.id, this.#storage);
    const events: DiskQueueEvents = {
      onLoss: (loss) => {
        this.#aside.forget(loss.id);
        this.#books.lost(loss);
        this.#idle.tell();
      },
      onUnreadable: (file, bytes, why) => this.#disk.skipped(file, bytes, why),
      onDisk: (message) => this.#disk.told(message),
      onReadable: () => {
        const isNew = this.#folder !== 'attached';
        this.#folder = 'attached';
        if (this.#books.isOwned) {
          if (isNew) this.#inherit();
          this.#tellFound(this.#books.found(this.#queue!.recovered[this.signal]));
        }
        this.#readable = true;
        this.#readOn();
        this.#idle.tell();
      },
    };
    const opened = await openQueue(diskSettings(directory, this.#exporter.queue!, this.#storage), {
      events,
      way: this,
    });
    if (opened.status === 'in_use') throw new CodedError('queue_in_use', `${this.id}: ${opened.message}`);
    this.#queue = opened.queue;
    this.#folder = opened.folder;
  }

  belongsTo(account: Account): void {
    if (this.#books.isOwned) return;
    if (this.#folder === 'attached') this.#inherit();
    this.#tellFound(this.#books.belongsTo(account, this.#queue!.recovered[this.signal]));
    this.observe();
    this.#readOn();
  }

  #inherit(): void {
    const left = this.#options.inherit?.();
    if (left !== undefined) this.#books.inherit(left, this.#queue!.recovered[this.signal]);
  }

  #tellFound(items: number): void {
    if (items === 0) return;
    const { directory } = this.#options;
    this.#deps.log.info('queue found on disk', { exporter: this.id, signal: this.signal, directory, items });
  }

  replace(exporter: Exporter, storage = this.#storage): void {
    const waiting = [...this.#dispatcher.replace(exporter), ...this.#gathering.configure(exporter.queue!.batch)];
    this.#exporter = exporter;
    this.#storage = storage;
    this.#window.limit = windowBytes(exporter.queue!);
    this.#window.putBack(waiting);
    const { directory: _, ...limits } = diskSettings(this.#options.directory, exporter.queue!, storage);
    this.#queue?.reconfigure(limits);
    this.#state.reset();
    this.observe();
    this.#roster.watch();
    for (const id of this.#aside.clear()) this.#queue!.release(id);
    this.#dispatcher.pump();
    this.#readOn();
  }

  keepRejectedIn(deadLetters: DeadLetters | undefined): void {
    this.#settlement.keepIn(deadLetters);
  }

  async consume(batch: Batch, account: Account): Promise<Verdict> {
    if (this.#stopping) return this.#intake.refuse(batch, account, STOPPING);
    return this.#intake.append(this.#queue!, batch, account);
  }

  hasten(): void {
    // Nobody waits for anything but the disk.
  }

  /** What is in memory is delivered as long as the backend takes it. Everything else stays on disk, for the next start. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    this.#gathering.flush();
    this.#dispatcher.pump();
    while (!this.#isQuiet && this.#deps.clock.monotonicMs() < deadlineMs) {
      const leftMs = deadlineMs - this.#deps.clock.monotonicMs();
      await new Promise<void>((resolve) => this.#deps.clock.after(Math.min(STOP_CHECK_MS, leftMs), resolve));
    }
    this.#end();
  }

  async leave(deadlineMs: number): Promise<BacklogOwners | undefined> {
    await this.drain(deadlineMs);
    await this.#lettersKept();
    this.#hasLeft = true;
    const { owners } = this.#books;
    for (const { id, account, itemCount, missing } of this.#window.leave()) {
      // All of a request comes again, and what was settled of it with it.
      account.recovered += missing;
      account.held += itemCount;
      owners.putBack(id, account, itemCount);
    }
    this.#idle.tell();
    return this.#folder === 'attached' ? owners : undefined;
  }

  async close(): Promise<void> {
    this.#end();
    this.#deps.metrics.forget({ exporter: this.id, data_type: this.signal });
    await this.#former.closed();
    // Closed before, it would forget that what they stand for is settled.
    await this.#lettersKept();
    try {
      await this.#exporter.shutdown?.();
    } finally {
      // Whatever the exporter says, the folder is to be free for whoever comes next.
      await this.#queue?.close();
      if (this.#hasLeft) this.#queue = undefined;
    }
  }

  /** A disk that hangs holds up nobody: what its letters stand for is sent again. */
  async #lettersKept(): Promise<void> {
    if (await endsWithin(this.#settlement.kept(), LETTERS_MS, this.#deps.clock)) return;
    this.#deps.log.error('dead letters are not written in time, and what they hold is sent again', {
      exporter: this.id,
      seconds: LETTERS_MS / 1000,
    });
  }

  snapshot(): Omit<ExporterSnapshot, 'ledger' | 'retired'> {
    const { queue, destination } = this.#exporter;
    const stats = this.#hasLeft ? undefined : this.#queue?.stats;
    return {
      id: this.id,
      destination,
      ...this.#state.snapshot(),
      queueBytes: stats?.liveBytes ?? 0,
      queueCapacityBytes: queue?.sizer === 'bytes' ? queue.capacity : 0,
      disk: {
        directory: this.#options.directory,
        requests: stats?.entries ?? 0,
        unreadableBytes: this.#disk.unreadableBytes,
        ...(stats?.oldestMs !== undefined && { oldestMs: stats.oldestMs }),
        ...(this.#disk.failure !== undefined && { failure: this.#disk.failure }),
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
      unreadableBytes: () => this.#disk.unreadableBytes,
      failing: () => this.#disk.failure !== undefined,
    });
  }

  /** While it stops: nothing is left in memory, or the backend does not take it and no answer is to come. */
  get #isQuiet(): boolean {
    if (this.#window.size === 0) return true;
    return this.#dispatcher.tryCount === 0 && this.#state.failedTries > 0;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopping = true;
    this.#dispatcher.abort();
    this.#gathering.takeAll();
    this.#roster.end();
    this.#aside.clear();
    this.#drops.flush();
  }

  /** Whether a request that comes now is kept in memory, too. Where order matters, only when nothing is to be sent before it is read. */
  #mayTake(size: number): boolean {
    if (!this.#window.mayKeep(size)) return false;
    if (this.#exporter.ordered !== true) return true;
    const freeEntries = this.#queue!.stats.entries - this.#window.size;
    return !this.#reading && this.#intake.untaken === 0 && freeEntries === 0;
  }

  #reserve(size: number): boolean {
    const may = this.#mayTake(size);
    if (may) this.#window.reserve(size);
    return may;
  }

  #stored(id: number, { batch, account, taken }: Incoming): void {
    // What comes to be on disk after the end is not sent from here.
    if (!taken || this.#ended) {
      this.#books.owners.add(id, account, batch.itemCount);
      this.#readOn();
      return;
    }
    const waits = this.#dispatcher.isBusy || this.#gathering.wouldKeep(batch);
    const sinceMs = this.#deps.clock.nowMs();
    this.#roster.add(this.#window.addFresh({ id, batch: waits ? compactBatch(batch) : batch, account, sinceMs }));
    this.#dispatcher.pump();
  }

  #takeRead({ id, appendedMs, signal, bytes, itemCount }: StoredEntry): void {
    const account = this.#books.owners.take(id, itemCount);
    const batch: Batch = { signal, bytes, itemCount, acknowledged: true };
    this.#roster.add(this.#window.addRead({ id, batch, account, sinceMs: appendedMs }, this.#aside.knows(id)));
  }

  #settled(id: number): void {
    if (this.#hasLeft) return;
    this.#queue!.settle(id);
    this.#aside.forget(id);
    this.#readOn();
    this.#idle.tell();
  }

  #next(): Consignment | undefined {
    return this.#window.pickAlone() ?? this.#gathering.next();
  }

  /** Gives requests back to the disk until their next try, which comes the later the older they are. */
  #giveBack(consignment: Consignment, { delayMs, tookMs }: TimeAside): boolean {
    const { shares, heldBytes, alone } = consignment;
    if (!this.#aside.hasRoom(alone === true ? 0 : shares.length, heldBytes)) return false;
    const given = this.#window.giveBack(consignment);
    if (given === undefined) return false;
    this.#roster.delete(consignment);
    const ageMs = this.#deps.clock.nowMs() - Math.min(...shares.map(({ origin }) => origin.sinceMs));
    const waitMs = Math.max(delayMs, Math.min(ageMs, this.#exporter.retry!.maxIntervalMs));
    for (const { id, account, itemCount, size } of given) {
      this.#books.owners.putBack(id, account, itemCount);
      this.#queue!.setAside(id);
      this.#aside.add(id, size, { delayMs: waitMs, tookMs });
    }
    this.#readOn();
    return true;
  }

  /** Reads what is on disk alone, as far as the window allows; one request at a time. */
  #readOn(): void {
    const mayRead = this.#readable && !this.#reading && !this.#stopping && this.#window.mayRead;
    if (!mayRead || this.#queue === undefined || !this.#books.isOwned) return;
    this.#reading = true;
    this.#readable = false;
    void this.#queue.next().then((entry) => {
      this.#reading = false;
      if (this.#ended) return;
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

  /** What of it came until then, unless it is being tried. */
  #giveUp(consignment: Consignment, untilMs: number): void {
    if (!this.#dispatcher.withdraw(consignment)) return;
    const { old, young } = divideByAge(consignment, untilMs);
    this.#roster.replace([consignment], young === undefined ? [] : [young]);
    for (const part of old)
      this.#settlement.failed(part, { cause: 'expired', retryable: true, message: LOSS_REASONS.expired });
    if (young !== undefined) this.#dispatcher.resume(young);
  }

  /** In the unit of the queue's sizer. */
  #sizeOf({ liveBytes, items, entries }: DiskQueueStats): number {
    const { sizer } = this.#exporter.queue!;
    if (sizer === 'bytes') return liveBytes;
    return sizer === 'items' ? items[this.signal] : entries;
  }
}
