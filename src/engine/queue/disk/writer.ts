import { type Clock, errorMessage, type Timer } from '../../../lib/index.ts';
import type { DiskHealth, DiskTask } from './disk-health.ts';
import type { AppendResult } from './disk-queue.ts';
import type { QueueFiles } from './files.ts';
import { FolderAwaited } from './folder-awaited.ts';
import { HEADER_BYTES } from './record.ts';
import type { Rewriter } from './rewriter.ts';
import { chargeOf, type Segment } from './segment.ts';
import type { Append, SegmentWriter } from './segment-writer.ts';
import type { SettlementWriter } from './settlement-writer.ts';

/** An append that was let in. */
export interface PendingAppend extends Append {
  readonly resolve: (result: AppendResult) => void;
}

export interface WriterParts {
  readonly directory: string;
  readonly clock: Clock;
  readonly files: QueueFiles;
  readonly health: DiskHealth;
  readonly segments: SegmentWriter;
  readonly settlements: SettlementWriter;
  /** Has the folder, or rejects with the reason why it has not. */
  readonly attach: () => Promise<void>;
  /** A segment is about to go: nothing may hold its file. */
  readonly onRemoving: (segment: Segment) => Promise<void>;
  /** The segment to rewrite, if there is need. */
  readonly nextSparse: () => Segment | undefined;
  readonly rewriter: Rewriter;
}

const MAX_COMMIT_BYTES = 16 * 1024 * 1024;
const MAX_COMMIT_RECORDS = 4096;
const RETRY_MS = 1000;
/** To write costs the CPU about 15 µs however little it is, so settlements gather. What a kill takes of them is sent again. */
const SETTLE_MS = 5;

/**
 * Everything a queue writes, one operation at a time: while one is under way, more gathers for the next. Files are removed
 * first, so that what was dropped makes room before that room is used; then settlements, then one commit of appends; then,
 * if space is short, one segment is rewritten.
 */
export class Writer {
  readonly #parts: WriterParts;
  #pending: PendingAppend[] = [];
  readonly #removals: { readonly segment?: Segment; readonly paths: readonly string[] }[] = [];
  #running: Promise<void> | undefined;
  #isDue = false;
  #retry: Timer | undefined;
  #settling: Timer | undefined;
  #isSettlingDue = false;
  #isDetached = false;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  append(pending: PendingAppend): void {
    this.#pending.push(pending);
    this.wake();
  }

  /** Removes the files of a segment: its records first, or they would come back without their settlements. */
  remove(segment: Segment): void {
    const paths = [segment.path('segment'), segment.path('settled'), segment.path('index'), segment.path('copy')];
    this.#removals.push({ segment, paths });
    this.wake();
  }

  removeFiles(paths: readonly string[]): void {
    if (paths.length > 0) this.#removals.push({ paths });
  }

  /** The folder is not to be had for now: whether anything is to be written or not, it is tried again. */
  attachLater(): void {
    this.#isDetached = true;
    this.#wakeLater();
  }

  /** There are settlements to write, soon. */
  settle(): void {
    this.#settling ??= this.#parts.clock.after(SETTLE_MS, () => {
      this.#settling = undefined;
      this.#isSettlingDue = true;
      this.wake();
    });
  }

  /** There is something to write. What comes in the same turn of the event loop is written together. */
  wake(): void {
    this.#isDue = true;
    this.#running ??= this.#run();
  }

  /** Writes everything that is there, and stops. */
  async close(): Promise<void> {
    this.#isSettlingDue = true;
    this.wake();
    while (this.#running !== undefined) await this.#running;
    this.#retry?.cancel();
    this.#settling?.cancel();
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#isDue) {
      this.#isDue = false;
      if (this.#isDetached) await this.#attempt('append', () => this.#attach());
      if (this.#removals.length > 0) await this.#attempt('remove', () => this.#removeAll());
      if (this.#isSettlingDue) {
        this.#isSettlingDue = false;
        await this.#attempt('settle', () => this.#parts.settlements.write());
      }
      if (this.#pending.length > 0) await this.#commit();
      const sparse = this.#parts.nextSparse();
      if (sparse !== undefined) await this.#parts.rewriter.rewrite(sparse);
      if (this.#pending.length > 0 || sparse !== undefined) this.#isDue = true;
    }
    // In the same breath as the look at what is due: a wake between the two would be lost.
    this.#running = undefined;
  }

  /** Does what is done again later if it fails. */
  async #attempt(task: DiskTask, run: () => Promise<void>): Promise<void> {
    const { health, directory } = this.#parts;
    try {
      await run();
      health.succeeded(task);
    } catch (error) {
      if (!(error instanceof FolderAwaited)) health.failed(task, `${directory}: ${errorMessage(error)}`);
      this.#wakeLater();
    }
  }

  #wakeLater(): void {
    this.#retry ??= this.#parts.clock.after(RETRY_MS, () => {
      this.#retry = undefined;
      this.#isSettlingDue = true;
      this.wake();
    });
  }

  async #attach(): Promise<void> {
    await this.#parts.attach();
    this.#isDetached = false;
  }

  async #removeAll(): Promise<void> {
    const { files, segments, settlements, onRemoving } = this.#parts;
    // The newest name keeps the ids growing across restarts. A full disk has no room for one until something was removed.
    await segments.ready().catch(() => undefined);
    const failures: unknown[] = [];
    for (const removal of this.#removals.splice(0)) {
      try {
        if (removal.segment !== undefined) {
          await onRemoving(removal.segment);
          await settlements.forget(removal.segment);
        }
        for (const path of removal.paths) await files.remove(path);
      } catch (error) {
        this.#removals.push(removal);
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async #commit(): Promise<void> {
    const { health, segments, directory } = this.#parts;
    let batch: PendingAppend[] = [];
    try {
      await this.#attach();
      if (chargeOfAppend(this.#pending[0]!) > segments.roomBytes) await segments.roll();
      batch = this.#gather(segments.roomBytes);
      const firstId = await segments.commit(batch);
      health.succeeded('append');
      for (const [i, { resolve }] of batch.entries()) resolve({ status: 'stored', id: firstId + i });
    } catch (error) {
      if (batch.length === 0) batch = this.#pending.splice(0);
      if (error instanceof FolderAwaited) {
        for (const { resolve } of batch) resolve({ status: 'waiting' });
        return;
      }
      const message = `${directory}: ${errorMessage(error)}`;
      health.failed('append', message);
      for (const { resolve } of batch) resolve({ status: 'failed', message });
    }
  }

  /** The next commit: as many as fit into the segment, at least one. */
  #gather(roomBytes: number): PendingAppend[] {
    let bytes = 0;
    let count = 0;
    for (const append of this.#pending) {
      bytes += chargeOfAppend(append);
      if (count > 0 && (bytes > Math.min(roomBytes, MAX_COMMIT_BYTES) || count === MAX_COMMIT_RECORDS)) break;
      count++;
    }
    return this.#pending.splice(0, count);
  }
}

function chargeOfAppend({ entry }: Append): number {
  return chargeOf(HEADER_BYTES + entry.bytes.length);
}
