import { errorCode } from '../../../lib/index.ts';
import type { StoredEntry } from './disk-queue.ts';
import type { QueueFile, QueueFiles } from './files.ts';
import type { Place } from './inventory.ts';
import { decodeHeader, isIntact } from './record.ts';
import type { Segment } from './segment.ts';

const BLOCK_BYTES = 1024 * 1024;

/**
 * Reads records, in blocks, as they mostly follow one another. One call at a time. It holds one file, and between `rest`s
 * one block.
 */
export class RecordReader {
  readonly #files: QueueFiles;
  #segment: Segment | undefined;
  #file: QueueFile | undefined;
  #buffer: Buffer | undefined;
  #block: { readonly at: number; readonly bytes: Buffer } | undefined;
  /** A block that could not be read: what begins in it is read for itself. */
  #badBlock: { readonly segment: Segment; readonly at: number; readonly end: number } | undefined;
  #isReading = false;
  #isForgotten = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(files: QueueFiles) {
    this.#files = files;
  }

  /** One after the other, what reads and what changes files that are read. */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Undefined: what stands there is not what was appended. Rejects when the disk does not say. */
  async read({ segment, row }: Place): Promise<StoredEntry | undefined> {
    this.#isReading = true;
    try {
      const bytes = await this.#bytesOf(segment, row);
      return bytes && decodeRecord(bytes, segment, row);
    } finally {
      this.#isReading = false;
      if (this.#isForgotten) await this.rest();
    }
  }

  /** Gives back the file and the memory, once what is being read is: nothing else is for now. */
  async rest(): Promise<void> {
    this.#isForgotten = this.#isReading;
    if (this.#isReading) return;
    this.#buffer = undefined;
    await this.#leaveSegment();
  }

  /** The files of a segment go; one that is held open would keep its space. */
  async forget(segment: Segment): Promise<void> {
    if (segment === this.#badBlock?.segment) this.#badBlock = undefined;
    if (segment === this.#segment) await this.rest();
  }

  async #leaveSegment(): Promise<void> {
    const file = this.#file;
    this.#segment = undefined;
    this.#file = undefined;
    this.#block = undefined;
    // It was only read: there is nothing that a close could still lose.
    await file?.close().catch(() => undefined);
  }

  async #bytesOf(segment: Segment, row: number): Promise<Buffer | undefined> {
    const at = segment.table.offsets[row]!;
    const size = segment.table.sizes[row]!;
    if (segment !== this.#segment) {
      await this.#leaveSegment();
      try {
        this.#file = await this.#files.open(segment.path('segment'), 'read');
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      }
      this.#segment = segment;
    }
    const inBlock = this.#fromBlock(at, size);
    if (inBlock !== undefined) return inBlock;
    this.#block = undefined;
    // What fills half a block is read for itself, and not copied.
    const blockBytes = Math.min(BLOCK_BYTES, segment.bytes - at);
    if (size > BLOCK_BYTES / 2 || size === blockBytes || this.#isInBadBlock(segment, at))
      return await this.#readAlone(at, size);
    const into = this.#blockBuffer(blockBytes);
    let count: number;
    try {
      count = await this.#file!.read(into, at);
    } catch (error) {
      if (errorCode(error) !== 'EIO') throw error;
      // It may be what stands behind the record that cannot be read.
      this.#badBlock = { segment, at, end: at + blockBytes };
      return await this.#readAlone(at, size);
    }
    this.#block = { at, bytes: into.subarray(0, count) };
    return this.#fromBlock(at, size);
  }

  #isInBadBlock(segment: Segment, at: number): boolean {
    const bad = this.#badBlock;
    return bad !== undefined && bad.segment === segment && at >= bad.at && at < bad.end;
  }

  /** Undefined: the file ends before the record does. */
  async #readAlone(at: number, size: number): Promise<Buffer | undefined> {
    const into = Buffer.allocUnsafeSlow(size);
    return (await this.#file!.read(into, at)) < size ? undefined : into;
  }

  #fromBlock(at: number, size: number): Buffer | undefined {
    const block = this.#block;
    if (block === undefined || at < block.at || at + size > block.at + block.bytes.length) return undefined;
    // A copy: the caller may hold it long, and must not hold the block with it.
    const copy = Buffer.allocUnsafeSlow(size);
    block.bytes.copy(copy, 0, at - block.at, at - block.at + size);
    return copy;
  }

  #blockBuffer(length: number): Buffer {
    if (this.#buffer === undefined || this.#buffer.length < length) this.#buffer = Buffer.allocUnsafeSlow(length);
    return this.#buffer.subarray(0, length);
  }
}

/** The request of a row, out of the bytes of its record; undefined: they are not what was appended. */
export function decodeRecord(bytes: Buffer, segment: Segment, row: number): StoredEntry | undefined {
  const found = decodeHeader(bytes, 0, segment.name.nonce);
  if (found.kind !== 'record' || found.header.id !== segment.table.id(row)) return undefined;
  const { header } = found;
  const payload = bytes.subarray(header.headerBytes);
  if (!isIntact(header, payload)) return undefined;
  const { id, signal, itemCount, appendedMs } = header;
  return { id, signal, itemCount, appendedMs, bytes: payload };
}
