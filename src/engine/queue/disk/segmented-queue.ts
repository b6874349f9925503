import { type Clock, errorCode, errorMessage, type Timer } from '../../../lib/index.ts';
import type { Signal } from '../../../pdata/index.ts';
import { DiskHealth } from './disk-health.ts';
import type {
  AppendResult,
  DiskQueue,
  DiskQueueEvents,
  DiskQueueSettings,
  DiskQueueStats,
  QueueEntry,
  StoredEntry,
} from './disk-queue.ts';
import type { QueueFiles } from './files.ts';
import { Inventory, type Place, perSignal } from './inventory.ts';
import { RecordReader } from './reader.ts';
import { fitsRecord, HEADER_BYTES } from './record.ts';
import type { Recovery } from './recovery.ts';
import { Rewriter } from './rewriter.ts';
import { chargeOf, type Segment, segmentBytesFor } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';
import { SettlementWriter } from './settlement-writer.ts';
import { Writer } from './writer.ts';

export interface SegmentedQueueParts {
  readonly clock: Clock;
  readonly events: DiskQueueEvents;
  readonly files: QueueFiles;
  /** Has the folder, or rejects with the reason why it has not; then what is in it, if it was not had before. */
  readonly attach: () => Promise<Recovery | undefined>;
  readonly detach: () => Promise<void>;
}

/** Bytes that may wait for a disk that takes its time, in memory: behind them the queue is full, whatever room it has. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;
const EXPIRY_STEP_MS = 1000;
/** A segment of which nothing was settled for so long is not about to become empty. */
const REST_MS = 1000;
/** With less room than so many segments the queue rewrites those that are half settled. */
const SPARE_SEGMENTS = 2;
/** A disk that has not written what is left in this time hangs. */
const CLOSE_MS = 10_000;
const READ_RETRY_MS = 1000;
/** Then a record that the disk does not give back is lost. */
const MAX_READS = 5;
/** What stands so near behind such a record is tried once: bad sectors have neighbours. Behind that it may be all of the disk, for a while. */
const NEAR_BYTES = 1024 * 1024;

/** The queue: decides what is let in and what is given up, and has the rest done by its parts. */
export class SegmentedQueue implements DiskQueue {
  readonly recovered: Readonly<Record<Signal, number>>;
  readonly stats: DiskQueueStats;
  readonly #parts: SegmentedQueueParts;
  #settings: DiskQueueSettings;
  readonly #health: DiskHealth;
  readonly #inventory: Inventory;
  readonly #segments: SegmentWriter;
  readonly #settlements: SettlementWriter;
  readonly #writer: Writer;
  readonly #reader: RecordReader;
  /** Let in, and not written yet: what they will take of the limit. */
  #reservedBytes = 0;
  /** `next` found nothing, and nobody was told since that there is something. */
  #isDry = false;
  #isClosed = false;
  #expiry: Timer | undefined;
  /** When the segment that was settled in last is at rest, on the monotonic clock. */
  #restUntilMs = 0;
  #resting: Timer | undefined;
  #rereading: Timer | undefined;
  #failedReads = { id: 0, count: 0 };
  /** Where the last record stood that was lost after every try. */
  #lostAt: { readonly segment: Segment; readonly offset: number } | undefined;

  constructor(settings: DiskQueueSettings, parts: SegmentedQueueParts) {
    const { clock, events, files } = parts;
    const { directory } = settings;
    this.#settings = settings;
    this.#parts = parts;
    this.#health = new DiskHealth((message) => {
      if (!this.#isClosed) events.onDisk(message);
    });
    this.#settlements = new SettlementWriter(files);
    this.#reader = new RecordReader(files);
    const unsettled = (segment: Segment) => {
      this.#settlements.add(segment);
      this.#writer.settle();
    };
    this.#inventory = new Inventory({
      onLoss: (loss) => {
        if (!this.#isClosed) events.onLoss(loss);
      },
      onEnded: unsettled,
      onEmpty: (segment) => this.#writer.remove(segment),
    });
    this.#segments = new SegmentWriter(
      { directory, clock, files, inventory: this.#inventory },
      writerSettings(settings),
      unsettled,
    );
    this.#writer = new Writer({
      directory,
      clock,
      files,
      health: this.#health,
      segments: this.#segments,
      settlements: this.#settlements,
      attach: async () => {
        const late = await parts.attach();
        if (late === undefined || this.#isClosed) return;
        this.begin(late);
        this.#isDry = false;
        events.onReadable();
      },
      onRemoving: (segment) => this.#reader.forget(segment),
      nextSparse: () => this.#nextSparse(),
      rewriter: new Rewriter({
        directory,
        clock,
        files,
        inventory: this.#inventory,
        reader: this.#reader,
        settlements: this.#settlements,
        onUnsettled: unsettled,
      }),
    });
    this.recovered = perSignal();
    this.stats = statsOf(this.#inventory);
  }

  /** Takes over what was found in the folder; once, before anything is stored. */
  begin(recovery: Recovery): void {
    this.#segments.nextId = recovery.nextId;
    this.#writer.removeFiles(recovery.leftovers);
    for (const segment of recovery.segments) this.#inventory.addSegment(segment);
    Object.assign(this.recovered, this.#inventory.items);
    this.#writer.wake();
    this.#armExpiry(0);
  }

  /** The folder is not to be had for now, because something fails or it is awaited: it is tried again. */
  beginDetached(failure: string | undefined): void {
    if (failure !== undefined) this.#health.failed('append', failure);
    this.#writer.attachLater();
  }

  async append(entry: QueueEntry, { take }: { readonly take: boolean }): Promise<AppendResult> {
    if (this.#isClosed) return { status: 'failed', message: `${this.#settings.directory}: the queue is closed` };
    const charge = chargeOf(HEADER_BYTES + entry.bytes.length);
    const { maxBytes, onFull } = this.#settings;
    if (charge > maxBytes || !fitsRecord(entry.bytes.length)) return { status: 'too_large' };
    if (!this.#makeRoom(charge)) {
      // What could not be rewritten is tried again.
      this.#writer.wake();
      return { status: onFull === 'block' ? 'full' : 'dropped' };
    }
    this.#reservedBytes += charge;
    const result = await new Promise<AppendResult>((resolve) => this.#writer.append({ entry, take, resolve }));
    this.#reservedBytes -= charge;
    if (result.status === 'stored') {
      this.#armExpiry(this.#settings.maxAgeMs ?? 0);
      if (!take) this.#tellReadable();
    }
    return result;
  }

  async next(): Promise<StoredEntry | undefined> {
    for (;;) {
      const found = await this.#reader.inTurn(() => this.#readOldest());
      if (found !== 'lost') return found;
    }
  }

  settle(id: number): void {
    const place = this.#inventory.find(id);
    if (place === undefined || place.segment.table.state(place.row) === 'ended') return;
    this.#inventory.end(place);
    place.segment.restUntilMs = this.#restUntilMs = this.#parts.clock.monotonicMs() + REST_MS;
    if (this.#isShortOfSpace) this.#wakeAtRest();
    this.#segments.returnSpace(writerSettings(this.#settings).segmentBytes / 4);
  }

  release(id: number): void {
    if (this.#giveBack(id, 'free')) this.#tellReadable();
  }

  setAside(id: number): void {
    this.#giveBack(id, 'aside');
  }

  /** False: it is not the caller's. */
  #giveBack(id: number, state: 'free' | 'aside'): boolean {
    const place = this.#inventory.find(id);
    if (place === undefined) return false;
    const { table } = place.segment;
    const before = table.state(place.row);
    if (before !== 'taken' && before !== 'aside') return false;
    table.setState(place.row, state);
    return true;
  }

  reconfigure(settings: Omit<DiskQueueSettings, 'directory'>): void {
    this.#settings = { ...settings, directory: this.#settings.directory };
    this.#segments.settings = writerSettings(this.#settings);
    this.#expiry?.cancel();
    this.#expiry = undefined;
    this.#armExpiry(0);
    if (settings.onFull === 'drop_oldest') this.#makeRoom(0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of [this.#expiry, this.#resting, this.#rereading]) timer?.cancel();
    const { clock, events } = this.#parts;
    await new Promise<void>((resolve) => {
      const hung = clock.after(CLOSE_MS, () => {
        events.onDisk(
          `${this.#settings.directory}: the disk has not answered for ${CLOSE_MS / 1000} s, and is left as it is`,
        );
        resolve();
      });
      void this.#finish().then(() => {
        hung.cancel();
        resolve();
      });
    });
  }

  /** Writes what is there, and closes everything. */
  async #finish(): Promise<void> {
    await this.#writer.close();
    // What fails here costs the next start some time, or duplicates: what was acknowledged is on the disk.
    await this.#segments.roll().catch(() => undefined);
    await this.#writer.close();
    for (const part of [this.#segments, this.#settlements]) await part.close().catch(() => undefined);
    await this.#reader.rest().catch(() => undefined);
    await this.#parts.detach().catch(() => undefined);
  }

  /** `lost`: the oldest cannot be read; the next may be. */
  async #readOldest(): Promise<StoredEntry | 'lost' | undefined> {
    if (!this.#isClosed) this.#expire();
    const place = this.#isClosed ? undefined : this.#inventory.firstFree();
    if (place === undefined) {
      this.#isDry = true;
      // Nothing is left that it would not give back.
      this.#health.succeeded('read');
      await this.#reader.rest();
      return undefined;
    }
    place.segment.table.setState(place.row, 'taken');
    try {
      const entry = await this.#reader.read(place);
      this.#health.succeeded('read');
      if (entry !== undefined) return entry;
      this.#inventory.lose(place, 'corrupt');
      return 'lost';
    } catch (error) {
      return this.#readAgainLater(place, error) ? 'lost' : undefined;
    }
  }

  get #isShortOfSpace(): boolean {
    const { segmentBytes } = writerSettings(this.#settings);
    const leftBytes = this.#settings.maxBytes - this.#inventory.usedBytes - this.#reservedBytes;
    return !this.#isClosed && leftBytes <= SPARE_SEGMENTS * segmentBytes;
  }

  /** What is to be rewritten; before space is short nobody needs it. */
  #nextSparse(): Segment | undefined {
    return this.#isShortOfSpace ? this.#inventory.sparsest(this.#parts.clock.monotonicMs()) : undefined;
  }

  /** Has the writer look for what to rewrite when nothing was settled for a while. */
  #wakeAtRest(): void {
    const { clock } = this.#parts;
    this.#resting ??= clock.after(this.#restUntilMs - clock.monotonicMs(), () => {
      this.#resting = undefined;
      if (this.#restUntilMs > clock.monotonicMs()) this.#wakeAtRest();
      else this.#writer.wake();
    });
  }

  #hasSpace(charge: number): boolean {
    if (this.#reservedBytes > 0 && this.#reservedBytes + charge > MAX_PENDING_BYTES) return false;
    return this.#inventory.usedBytes + this.#reservedBytes + charge <= this.#settings.maxBytes;
  }

  #makeRoom(charge: number): boolean {
    if (this.#hasSpace(charge)) return true;
    this.#expire();
    this.#segments.returnSpace(0);
    if (this.#hasSpace(charge)) return true;
    if (this.#settings.onFull !== 'drop_oldest') return false;
    const missing = this.#inventory.usedBytes + this.#reservedBytes + charge - this.#settings.maxBytes;
    if (missing <= 0) return false;
    if (this.#inventory.dropOldest(missing)) return true;
    // The rest may be in the segment that is open, unless it is being written to.
    return this.#segments.leave() && this.#inventory.dropOldest(missing);
  }

  #tellReadable(): void {
    if (!this.#isDry || this.#isClosed) return;
    this.#isDry = false;
    this.#parts.events.onReadable();
  }

  #expire(): void {
    const { maxAgeMs } = this.#settings;
    if (maxAgeMs !== undefined) this.#inventory.expire(this.#parts.clock.nowMs() - maxAgeMs);
  }

  /** Looks for what has expired after `delayMs`, and then again for as long as there is anything. */
  #armExpiry(delayMs: number): void {
    const { maxAgeMs } = this.#settings;
    if (maxAgeMs === undefined || this.#isClosed || this.#inventory.entries === 0) return;
    this.#expiry ??= this.#parts.clock.after(delayMs, () => {
      this.#expiry = undefined;
      this.#expire();
      const dueMs = (this.#inventory.oldestMs() ?? 0) + maxAgeMs - this.#parts.clock.nowMs();
      this.#armExpiry(Math.max(EXPIRY_STEP_MS, dueMs));
    });
  }

  /** True: it was tried often enough, and the record is lost. */
  #readAgainLater(place: Place, error: unknown): boolean {
    const { clock, events } = this.#parts;
    const id = place.segment.table.id(place.row);
    const before = this.#failedReads.id === id ? this.#failedReads.count : 0;
    // What else can fail, such as having no descriptor left, says nothing about the record.
    const count = errorCode(error) === 'EIO' ? before + 1 : before;
    this.#failedReads = { id, count };
    this.#health.failed('read', `${place.segment.path('segment')}: ${errorMessage(error)}`);
    const isNear = this.#isNearLost(place);
    if (count >= (isNear ? 1 : MAX_READS)) {
      const { segment, row } = place;
      if (!isNear) this.#lostAt = { segment, offset: segment.table.offsets[row]! };
      this.#inventory.lose(place, 'corrupt');
      return true;
    }
    place.segment.table.setState(place.row, 'free');
    this.#rereading ??= clock.after(READ_RETRY_MS, () => {
      this.#rereading = undefined;
      if (!this.#isClosed) events.onReadable();
    });
    return false;
  }

  #isNearLost({ segment, row }: Place): boolean {
    const behindBytes = segment.table.offsets[row]! - (this.#lostAt?.offset ?? 0);
    return segment === this.#lostAt?.segment && behindBytes > 0 && behindBytes < NEAR_BYTES;
  }
}

/** A view, not a copy: it is looked at for every request. */
function statsOf(inventory: Inventory): DiskQueueStats {
  return {
    get diskBytes() {
      return inventory.usedBytes;
    },
    get liveBytes() {
      return inventory.liveBytes;
    },
    get entries() {
      return inventory.entries;
    },
    items: inventory.items,
    get oldestMs() {
      return inventory.oldestMs();
    },
  };
}

function writerSettings({ fsync, maxBytes }: DiskQueueSettings) {
  return { fsync, segmentBytes: segmentBytesFor(maxBytes) };
}
