import type {
  AppendResult,
  DiskQueue,
  DiskQueueEvents,
  DiskQueueSettings,
  QueueEntry,
  QueueLoss,
  StoredEntry,
} from '../../src/engine/queue/disk/disk-queue.ts';
import type { OpenDiskQueue } from '../../src/engine/queue/disk/open-disk-queue.ts';
import type { Clock } from '../../src/lib/index.ts';
import { SIGNALS, type Signal } from '../../src/pdata/index.ts';

interface Row extends StoredEntry {
  taken: boolean;
  aside: boolean;
  pending: boolean;
}

/** A disk that outlives the queues opened on it, in memory: what is appended takes two turns of the event loop. */
export interface DiskDouble {
  readonly open: OpenDiskQueue;
  /** What is not settled, by directory. */
  rows(directory: string): readonly StoredEntry[];
  /** Directories that a queue has open. */
  readonly openDirectories: ReadonlySet<string>;
  /** While set, every append fails with it, and the queue tells so. */
  failure: string | undefined;
  /** Ids that the disk does not give back as they were. */
  readonly damaged: Set<number>;
  /** Most bytes of one queue that were in the hands of the caller at once. */
  peakTakenBytes: number;
}

/** Keeps to the contract of DiskQueue with none of its files. */
export function createDiskDouble(): DiskDouble {
  const disks = new Map<string, { rows: Row[]; nextId: number }>();
  const openDirectories = new Set<string>();
  const double: DiskDouble = {
    failure: undefined,
    damaged: new Set(),
    peakTakenBytes: 0,
    openDirectories,
    rows: (directory) => disks.get(directory)?.rows ?? [],
    open: async (settings, { clock, events }) => {
      if (openDirectories.has(settings.directory)) return { status: 'in_use', message: 'another has it' };
      openDirectories.add(settings.directory);
      const disk = disks.get(settings.directory) ?? { rows: [], nextId: 1 };
      disks.set(settings.directory, disk);
      for (const row of disk.rows) row.taken = row.aside = false;
      const close = () => openDirectories.delete(settings.directory);
      return {
        status: 'open',
        folder: 'attached',
        queue: new QueueDouble(settings, { clock, events, disk, double, close }),
      };
    },
  };
  return double;
}

interface Parts {
  readonly clock: Clock;
  readonly events: DiskQueueEvents;
  readonly disk: { rows: Row[]; nextId: number };
  readonly double: DiskDouble;
  close(): void;
}

class QueueDouble implements DiskQueue {
  readonly recovered: Readonly<Record<Signal, number>>;
  #settings: Omit<DiskQueueSettings, 'directory'>;
  readonly #parts: Parts;
  #failing: string | undefined;
  #closed = false;

  constructor(settings: DiskQueueSettings, parts: Parts) {
    this.#settings = settings;
    this.#parts = parts;
    this.recovered = this.stats.items;
  }

  get stats() {
    const rows = this.#parts.disk.rows.filter((row) => !row.pending);
    const items = Object.fromEntries(
      SIGNALS.map((signal) => [signal, sum(rows.filter((row) => row.signal === signal).map((row) => row.itemCount))]),
    ) as Record<Signal, number>;
    const [oldest] = rows;
    return {
      diskBytes: this.#bytes,
      liveBytes: sum(rows.map((row) => row.bytes.length)),
      entries: rows.length,
      items,
      ...(oldest !== undefined && { oldestMs: oldest.appendedMs }),
    };
  }

  async append({ signal, bytes, itemCount }: QueueEntry, { take }: { readonly take: boolean }): Promise<AppendResult> {
    const { disk, double, events } = this.#parts;
    if (bytes.length > this.#settings.maxBytes) return { status: 'too_large' };
    this.#tellDisk(double.failure);
    if (double.failure !== undefined) return { status: 'failed', message: double.failure };
    while (this.#bytes + bytes.length > this.#settings.maxBytes) {
      if (this.#settings.onFull === 'block') return { status: 'full' };
      const oldest = disk.rows.find((row) => !row.taken || row.aside);
      if (this.#settings.onFull === 'drop_newest' || oldest === undefined) return { status: 'dropped' };
      this.#lose(oldest, 'queue_full');
    }
    const id = disk.nextId++;
    const appendedMs = this.#parts.clock.nowMs();
    const kept = { id, signal, bytes: Uint8Array.from(bytes), itemCount, appendedMs };
    const row = { ...kept, taken: true, aside: false, pending: true };
    disk.rows.push(row);
    await Promise.resolve();
    await Promise.resolve();
    row.taken = take;
    row.pending = false;
    this.#measure();
    if (!take) events.onReadable();
    return { status: 'stored', id };
  }

  async next(): Promise<StoredEntry | undefined> {
    await Promise.resolve();
    if (this.#closed) return undefined;
    this.expire();
    const row = this.#parts.disk.rows.find((one) => !one.taken);
    if (row === undefined) return undefined;
    if (this.#parts.double.damaged.has(row.id)) {
      this.#lose(row, 'corrupt');
      return this.next();
    }
    row.taken = true;
    this.#measure();
    const { taken: _, aside: __, pending: ___, ...entry } = row;
    return entry;
  }

  settle(id: number): void {
    const row = this.#parts.disk.rows.find((one) => one.id === id);
    if (row === undefined) throw new Error(`${id} is settled twice`);
    if (!row.taken) throw new Error(`${id} is settled by someone who has not taken it`);
    this.#remove(row);
  }

  release(id: number): void {
    const row = this.#parts.disk.rows.find((one) => one.id === id)!;
    row.taken = row.aside = false;
    this.#parts.events.onReadable();
  }

  setAside(id: number): void {
    this.#parts.disk.rows.find((one) => one.id === id)!.aside = true;
  }

  reconfigure(settings: Omit<DiskQueueSettings, 'directory'>): void {
    this.#settings = settings;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#parts.close();
  }

  expire(): void {
    const { maxAgeMs } = this.#settings;
    if (maxAgeMs === undefined) return;
    const { disk, clock } = this.#parts;
    for (const row of [...disk.rows]) {
      if (row.taken || row.appendedMs + maxAgeMs > clock.nowMs()) continue;
      this.#lose(row, 'expired');
    }
  }

  #lose(row: Row, cause: QueueLoss['cause']): void {
    this.#remove(row);
    const { id, signal, itemCount, bytes } = row;
    this.#parts.events.onLoss({ cause, id, signal, itemCount, bytes: bytes.length });
  }

  get #bytes(): number {
    return sum(this.#parts.disk.rows.map((row) => row.bytes.length));
  }

  #measure(): void {
    const { disk, double } = this.#parts;
    const taken = sum(disk.rows.filter((row) => row.taken && !row.aside).map((row) => row.bytes.length));
    double.peakTakenBytes = Math.max(double.peakTakenBytes, taken);
  }

  #remove(row: Row): void {
    this.#parts.disk.rows.splice(this.#parts.disk.rows.indexOf(row), 1);
  }

  #tellDisk(failure: string | undefined): void {
    if (failure === this.#failing) return;
    this.#failing = failure;
    this.#parts.events.onDisk(failure);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
