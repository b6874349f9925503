import { type Clock, errorCode } from '../../../lib/index.ts';
import type { QueueEntry } from './disk-queue.ts';
import type { QueueFile, QueueFiles } from './files.ts';
import { writeIndex } from './index-writer.ts';
import type { Inventory } from './inventory.ts';
import { encodeHeader, HEADER_BYTES, type RecordFields } from './record.ts';
import { newSegment, type Segment } from './segment.ts';

export interface SegmentWriterParts {
  readonly directory: string;
  readonly clock: Clock;
  readonly files: QueueFiles;
  readonly inventory: Inventory;
}

export interface WriterSettings {
  readonly fsync: boolean;
  /** What a segment may grow to, as it counts against the limit; a record that is larger has one for itself. */
  readonly segmentBytes: number;
}

export interface Append {
  readonly entry: QueueEntry;
  readonly take: boolean;
}

interface OpenSegment {
  readonly segment: Segment;
  readonly file: QueueFile;
  /** What is written to it survives a loss of power. */
  readonly isSynced: boolean;
}

/**
 * Adds records to the newest segment.
 *
 * Invariants
 * - a record is in the inventory when its commit has succeeded, and not before
 * - after a failure no byte of the commit is ever read: it is cut off, and where that fails, settled
 * - where a write failed for anything but space, nobody knows what of the file is on the disk, and a second sync would not tell
 *   (the kernel forgets what it could not write): the segment gets no more records
 */
export class SegmentWriter {
  readonly #parts: SegmentWriterParts;
  readonly #onUnsettled: (segment: Segment) => void;
  settings: WriterSettings;
  #open: OpenSegment | undefined;
  #isBusy = false;
  /** Of segments that were left between two commits. */
  #unclosed: QueueFile[] = [];
  /** The id of the next record; whoever makes the writer sets it before the first commit. */
  nextId = 1;

  constructor(parts: SegmentWriterParts, settings: WriterSettings, onUnsettled: (segment: Segment) => void) {
    this.#parts = parts;
    this.settings = settings;
    this.#onUnsettled = onUnsettled;
  }

  /** What the records of the next commit may count together; a single one may count more. */
  get roomBytes(): number {
    const { segmentBytes } = this.settings;
    return this.#open === undefined ? segmentBytes : segmentBytes - this.#open.segment.charge;
  }

  /** Makes all of them records, with consecutive ids, of which it returns the first; or rejects, and none is. */
  async commit(appends: readonly Append[]): Promise<number> {
    this.#isBusy = true;
    try {
      await this.#closeFiles();
      if (this.#open !== undefined && this.#open.isSynced !== this.settings.fsync) await this.roll();
      const open = await this.ready();
      return await this.#write(open, appends);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Has a segment to write to: its name keeps the ids growing when all others are gone. */
  async ready(): Promise<OpenSegment> {
    if (this.#open !== undefined) return this.#open;
    const { directory, files, inventory } = this.#parts;
    const segment = newSegment(directory, { firstId: this.nextId, nonce: files.nonce() });
    const isSynced = this.settings.fsync;
    const file = await files.create(segment.path('segment'), isSynced ? 'synced' : 'plain');
    try {
      if (isSynced) await files.syncDirectory(directory);
    } catch (error) {
      await file.close();
      await files.remove(segment.path('segment'));
      throw error;
    }
    segment.isOpen = true;
    this.#open = { segment, file, isSynced };
    inventory.addSegment(segment);
    return this.#open;
  }

  /** Ends the open segment, unless it is empty, so that the next record begins another, and writes its index. */
  async roll(): Promise<void> {
    if (this.#open?.segment.bytes === 0 && this.#open.isSynced === this.settings.fsync) return;
    const open = this.#leave();
    await this.#closeFiles();
    if (open === undefined) return;
    const { segment } = open;
    if (segment.table.liveCount > 0) await writeIndex(this.#parts.files, segment);
  }

  /** Gives the space of the open segment back, if it has at least as many bytes, all of them settled. */
  returnSpace(minBytes: number): void {
    const segment = this.#open?.segment;
    if (this.#isBusy || segment === undefined || segment.bytes < minBytes || segment.bytes === 0) return;
    if (segment.table.liveCount === 0) this.#leave();
  }

  /** Lets what is in the open segment be dropped. False: nothing is, or it is being written to. */
  leave(): boolean {
    if (this.#isBusy || !this.#open?.segment.table.droppableCount) return false;
    this.#leave();
    return true;
  }

  /** Closes what is open; an empty segment stays, for its name. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.file.close();
    await this.#closeFiles();
  }

  #leave(): OpenSegment | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    this.#unclosed.push(open.file);
    this.#parts.inventory.closeSegment(open.segment);
    return open;
  }

  async #closeFiles(): Promise<void> {
    for (const file of this.#unclosed.splice(0)) await file.close();
  }

  async #write(open: OpenSegment, appends: readonly Append[]): Promise<number> {
    const { segment, file } = open;
    const firstId = this.nextId;
    this.nextId += appends.length;
    const appendedMs = this.#parts.clock.nowMs();
    const parts = encodeRecords(appends, { firstId, appendedMs, nonce: segment.name.nonce });
    try {
      await file.write(parts, segment.bytes);
    } catch (error) {
      const isUsable = ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '');
      await this.#cut(open, { firstId, count: appends.length, isUsable });
      throw error;
    }
    this.#addRows(segment, appends, { firstId, appendedMs });
    return firstId;
  }

  #addRows(
    segment: Segment,
    appends: readonly Append[],
    { firstId, appendedMs }: { firstId: number; appendedMs: number },
  ): void {
    const { table } = segment;
    const row = table.count;
    for (const [i, { entry, take }] of appends.entries()) {
      const bytes = HEADER_BYTES + entry.bytes.length;
      const { signal, itemCount } = entry;
      const added = table.add({ id: firstId + i, offset: segment.bytes, bytes, itemCount, appendedMs, signal });
      if (take) table.setState(added, 'taken');
      segment.bytes += bytes;
    }
    this.#parts.inventory.addRows(segment, row);
  }

  async #cut(
    { segment, file, isSynced }: OpenSegment,
    failed: { readonly firstId: number; readonly count: number; readonly isUsable: boolean },
  ): Promise<void> {
    let isUsable = failed.isUsable;
    try {
      await file.truncate(segment.bytes);
      if (isUsable && isSynced) await file.sync();
    } catch {
      isUsable = false;
      for (let i = 0; i < failed.count; i++) segment.unwritten.push(failed.firstId + i - segment.name.firstId);
      this.#onUnsettled(segment);
    }
    if (!isUsable) this.#leave();
  }
}

/** Headers and payloads by turns. */
function encodeRecords(
  appends: readonly Append[],
  { firstId, appendedMs, nonce }: { readonly firstId: number; readonly appendedMs: number; readonly nonce: number },
): Uint8Array[] {
  const headers = Buffer.allocUnsafe(appends.length * HEADER_BYTES);
  const parts: Uint8Array[] = [];
  for (const [i, { entry }] of appends.entries()) {
    const { signal, itemCount, bytes: payload } = entry;
    const fields: RecordFields = { signal, itemCount, id: firstId + i, appendedMs, payload };
    encodeHeader(headers, i * HEADER_BYTES, nonce, fields);
    parts.push(headers.subarray(i * HEADER_BYTES, (i + 1) * HEADER_BYTES), payload);
  }
  return parts;
}
