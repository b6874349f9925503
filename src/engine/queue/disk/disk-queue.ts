import type { DropCause } from '../../../flow/index.ts';
import type { Signal } from '../../../pdata/index.ts';

/** What is kept of one request. */
export interface QueueEntry {
  readonly signal: Signal;
  /** An ExportXServiceRequest. The queue does not write to it, and does not look at it after `append` has settled. */
  readonly bytes: Uint8Array;
  readonly itemCount: number;
}

/** A request on disk. Ids grow in the order of appending, across restarts, too. */
export interface StoredEntry extends QueueEntry {
  readonly id: number;
  /** Wall clock of its appending, ms since the epoch. */
  readonly appendedMs: number;
}

/** What a full queue does with the request that does not fit. */
export type OnFull = 'drop_oldest' | 'drop_newest' | 'block';

export interface DiskQueueSettings {
  /** A folder of its own; created when it is missing. */
  readonly directory: string;
  /** What its files may take together, headers and what is not yet given back included. */
  readonly maxBytes: number;
  /** Absent: no limit. */
  readonly maxAgeMs?: number;
  readonly onFull: OnFull;
  /** True: `append` resolves when the request survives a loss of power; false: when it survives the end of the process. */
  readonly fsync: boolean;
}

/**
 * `full`: there is no room and the sender is to try again (`block`); `dropped`: there is none and the request was dropped and
 * counted (`drop_newest`); `failed`: the disk did not take it, nothing of it will ever be read; `waiting`: whoever has the
 * directory is leaving it, and the sender is to try again; `too_large`: it never fits.
 */
export type AppendResult =
  | { readonly status: 'stored'; readonly id: number }
  | { readonly status: 'full' | 'dropped' | 'waiting' | 'too_large' }
  | { readonly status: 'failed'; readonly message: string };

/** A request that the queue gave up by itself. */
export interface QueueLoss {
  readonly cause: Extract<DropCause, 'queue_full' | 'expired' | 'corrupt'>;
  readonly id: number;
  readonly signal: Signal;
  readonly itemCount: number;
  readonly bytes: number;
}

export interface DiskQueueEvents {
  /** Of a request that counted in `stats`; never of one that is being appended. */
  onLoss(loss: QueueLoss): void;
  /** What could not be read and says not how many items it held: `bytes` were skipped. For the log and a counter. */
  onUnreadable(file: string, bytes: number, why: string): void;
  /** The disk fails, or takes data again (`message` undefined). Called on changes only. */
  onDisk(message: string | undefined): void;
  /** `next` has something again. */
  onReadable(): void;
}

/** Everything not settled: of before the start, too. */
export interface DiskQueueStats {
  /** What the files take, of what is settled until they are given back, too. */
  readonly diskBytes: number;
  /** The part of it that is not settled: 0 when nothing is left to deliver. */
  readonly liveBytes: number;
  readonly entries: number;
  readonly items: Readonly<Record<Signal, number>>;
  /** When the oldest was appended; wall clock, ms. Absent: nothing is stored. */
  readonly oldestMs?: number | undefined;
}

/**
 * A queue of requests on disk: what was appended is there until it is settled, whatever ends the process in between.
 *
 * Ownership: an entry is free, or taken by the caller (who sends it, and keeps its bytes in memory or not). `append` with
 * `take: true` and `next` take; `settle` ends it for good; `release` makes it free again; `setAside` keeps it from `next` until
 * it is released, and lets a full queue drop it meanwhile, as what is free. After a restart everything that was
 * not settled is free. A settlement is written without waiting for the disk: a loss of power may bring back what was settled
 * shortly before, a killed process what was settled in its last milliseconds.
 */
export interface DiskQueue {
  /** Of what was found before anything was appended: at the start, or, told by `onReadable`, when the directory could be had. */
  readonly recovered: Readonly<Record<Signal, number>>;
  /** As they are whenever they are looked at. */
  readonly stats: DiskQueueStats;
  /** Admission is decided before it returns; concurrent calls share a commit. Never rejects. */
  append(entry: QueueEntry, options: { readonly take: boolean }): Promise<AppendResult>;
  /** The oldest free entry, read from disk; undefined: none is free. One call at a time. Never rejects: what cannot be read is skipped and told. */
  next(): Promise<StoredEntry | undefined>;
  settle(id: number): void;
  release(id: number): void;
  setAside(id: number): void;
  /** Limits and policy change; the directory does not. */
  reconfigure(settings: Omit<DiskQueueSettings, 'directory'>): void;
  /** Waits for what is being written, 10 s at most; a disk that hangs longer is told. Nothing is called afterwards. */
  close(): Promise<void>;
}
