import { type FileHandle, open, stat } from 'node:fs/promises';
import { type Counter, endsWithin, errorCode, errorMessage } from '../../../lib/index.ts';
import type { ComponentId } from '../../../otelcol/index.ts';
import type { Signal } from '../../../pdata/index.ts';
import type { Batch } from '../../batch.ts';
import { compactBatch } from '../../batches.ts';
import type { EngineDeps } from '../../component.ts';
import { makeDirectory, nodeFiles } from '../../queue/disk/node-files.ts';
import type { DeadLetterReason, DeadLetters } from '../dead-letters.ts';
import {
  forgetTaken,
  type LetterFile,
  letterFilePath,
  listLetterFiles,
  readLettersLeft,
  removeLetterFile,
} from './folder.ts';
import { encodeLetter, FILE_LINE } from './letter.ts';

/** What may wait for the disk. */
const WAITING_LIMIT = 8 * 1024 * 1024;
/** A file is closed at this size; there are at least as many files as below, so that the oldest is a small part of all. */
const FILE_LIMIT = 16 * 1024 * 1024;
const LEAST_FILES = 8;
/** A disk that has not written what is left in this time hangs. */
const CLOSE_MS = 10_000;

export interface DeadLettersOptions {
  /** A folder of its own; created when it is missing. May be read, and letters taken out of it, by another process at any time. */
  readonly directory: string;
  /** What its files may take together. The oldest file is removed, and its letters counted, to make room. */
  readonly maxBytes: number;
  readonly deps: Pick<EngineDeps, 'metrics' | 'log' | 'clock'>;
}

/** Why a letter is lost. */
type Loss = 'removed' | 'too_large' | 'overrun' | 'disk';

interface Waiting {
  readonly exporter: string;
  readonly signal: Signal;
  readonly itemCount: number;
  readonly cause: DeadLetterReason['cause'];
  readonly parts: readonly [Buffer, Uint8Array];
  readonly sizeBytes: number;
  /** It is on disk, or lost. */
  readonly resolve: () => void;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly path: string;
  sizeBytes: number;
}

/**
 * A directory of dead letters, which has one writer, whoever's letters they are. It writes behind the data plane, in the order
 * of their coming, and never throws, whatever the disk does. Invariants
 * - one write at a time; what waits for it is bounded
 * - it never appends to a file that it did not begin: a torn end stays at an end
 * - its files together stay within the bound, and what that costs is counted
 */
export class DeadLetterStore {
  readonly #directory: string;
  readonly #deps: DeadLettersOptions['deps'];
  #maxBytes: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #closed = false;
  /** The file that letters are appended to. */
  #file: OpenFile | undefined;
  /** What the files took when it last looked, with what it has written since. */
  #totalBytes = 0;
  #failing = false;

  constructor({ directory, maxBytes, deps }: DeadLettersOptions) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#deps = deps;
    this.#writing = this.#look().then(() => this.#write());
  }

  /** The letters of one exporter, of every signal. */
  of(exporter: ComponentId): DeadLetters {
    this.#deps.metrics.observe(
      { name: 'sluice_dead_letters_bytes', help: 'What the dead letters of an exporter take on disk.' },
      { exporter },
      () => this.#totalBytes,
    );
    for (const loss of ['removed', 'too_large', 'overrun', 'disk'] as const) this.#lost(exporter, loss);
    return { add: (batch, reason) => this.#add(exporter, batch, reason) };
  }

  /** Another bound, from the next letter on. */
  limit(maxBytes: number): void {
    this.#maxBytes = maxBytes;
  }

  /** Nobody is to write for now: gives back its file. */
  async rest(): Promise<void> {
    await this.#writing;
    if (this.#writing === undefined) await this.#endFile();
  }

  /** Waits for what is being written, 10 s at most; a disk that hangs longer is told. */
  async close(): Promise<void> {
    this.#closed = true;
    const finished = Promise.resolve(this.#writing).then(() => this.#endFile());
    if (await endsWithin(finished, CLOSE_MS, this.#deps.clock)) return;
    this.#deps.log.error('dead letters are not written: the disk does not answer', { directory: this.#directory });
  }

  #add(exporter: ComponentId, batch: Batch, reason: DeadLetterReason): Promise<void> {
    const { signal, itemCount } = batch;
    const parts = encodeLetter(exporter, compactBatch(batch), reason);
    const sizeBytes = parts[0].length + parts[1].length;
    const { promise, resolve } = Promise.withResolvers<void>();
    const loss = this.#lossOf(sizeBytes);
    if (loss !== undefined) {
      this.#lost(exporter, loss).add(1);
      resolve();
      return promise;
    }
    this.#waiting.push({ exporter, signal, itemCount, cause: reason.cause, parts, sizeBytes, resolve });
    this.#waitingBytes += sizeBytes;
    this.#writing ??= this.#write();
    return promise;
  }

  /** Why a letter that comes now is not kept, if it is not. */
  #lossOf(sizeBytes: number): Loss | undefined {
    if (FILE_LINE.length + sizeBytes > this.#maxBytes) return 'too_large';
    const isOver = this.#waitingBytes > 0 && this.#waitingBytes + sizeBytes > WAITING_LIMIT;
    return this.#closed || isOver ? 'overrun' : undefined;
  }

  /** What is there from before the start. A directory that cannot be read is told of at the first letter. */
  async #look(): Promise<void> {
    const files = await listLetterFiles(this.#directory).catch(() => []);
    this.#totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  }

  async #write(): Promise<void> {
    // What comes in the same turn goes to the disk with it.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const letters = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(letters);
        this.#disk(undefined);
      } catch (error) {
        this.#disk(errorMessage(error));
      }
      this.#waitingBytes -= letters.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      for (const { resolve } of letters) resolve();
    }
    this.#writing = undefined;
  }

  /** Rejects where the disk does not take them; those not written are counted. */
  async #append(letters: readonly Waiting[]): Promise<void> {
    let written = 0;
    try {
      while (written < letters.length) {
        await this.#makeRoom(letters[written]!.sizeBytes);
        const group = this.#fitting(letters, written);
        await this.#appendGroup(group);
        written += group.length;
      }
    } finally {
      for (const { exporter } of letters.slice(written)) this.#lost(exporter, 'disk').add(1);
    }
  }

  /** As many as the current file takes, and at least one. */
  #fitting(letters: readonly Waiting[], from: number): Waiting[] {
    let fileBytes = this.#file?.sizeBytes ?? 0;
    let totalBytes = this.#totalBytes;
    let end = from;
    do {
      fileBytes += letters[end]!.sizeBytes;
      totalBytes += letters[end]!.sizeBytes;
      end++;
    } while (
      end < letters.length &&
      fileBytes + letters[end]!.sizeBytes <= this.#fileLimit &&
      totalBytes + letters[end]!.sizeBytes <= this.#maxBytes
    );
    return letters.slice(from, end);
  }

  async #appendGroup(group: readonly Waiting[]): Promise<void> {
    const file = this.#file!;
    const buffers = group.flatMap(({ parts }) => parts);
    const sizeBytes = group.reduce((sum, one) => sum + one.sizeBytes, 0);
    try {
      await writeAll(file.handle, Buffer.concat(buffers, sizeBytes), file.sizeBytes);
      await file.handle.datasync();
    } catch (error) {
      // Half a letter would be skipped by every reader, but takes room.
      await file.handle.truncate(file.sizeBytes).catch(() => this.#endFile());
      throw error;
    }
    file.sizeBytes += sizeBytes;
    this.#totalBytes += sizeBytes;
    for (const letter of group) {
      this.#counter('written_total', 'Rejected requests that were kept as dead letters.', letter).add(1);
      this.#counter('items_total', 'Items of requests that were kept as dead letters.', letter).add(letter.itemCount);
    }
  }

  /** A file that takes the letter, within the bound of all. */
  async #makeRoom(sizeBytes: number): Promise<void> {
    const gone = this.#file !== undefined && !(await exists(this.#file.path));
    const full = this.#file !== undefined && this.#file.sizeBytes + sizeBytes > this.#fileLimit;
    if (gone || full) await this.#endFile();
    await makeDirectory(this.#directory);
    const files = await listLetterFiles(this.#directory);
    this.#totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const next = (files.at(-1)?.number ?? 0) + 1;
    const lineBytes = () => (this.#file === undefined ? FILE_LINE.length : 0);
    while (files.length > 0 && this.#totalBytes + lineBytes() + sizeBytes > this.#maxBytes)
      await this.#remove(files.shift()!);
    this.#file ??= await this.#begin(next);
  }

  async #begin(number: number): Promise<OpenFile> {
    const path = letterFilePath(this.#directory, number);
    await forgetTaken(path);
    const handle = await open(path, 'wx', 0o600);
    try {
      await writeAll(handle, FILE_LINE, 0);
      await nodeFiles.syncDirectory(this.#directory);
    } catch (error) {
      await handle.close().catch(() => {});
      await removeLetterFile(path).catch(() => {});
      throw error;
    }
    this.#totalBytes += FILE_LINE.length;
    return { handle, path, sizeBytes: FILE_LINE.length };
  }

  async #remove({ path, sizeBytes }: LetterFile): Promise<void> {
    if (path === this.#file?.path) await this.#endFile();
    const { letters } = await readLettersLeft(path);
    await removeLetterFile(path);
    this.#totalBytes -= sizeBytes;
    for (const { exporter } of letters) this.#lost(exporter, 'removed').add(1);
  }

  async #endFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close().catch(() => {});
  }

  get #fileLimit(): number {
    return Math.min(FILE_LIMIT, Math.floor(this.#maxBytes / LEAST_FILES));
  }

  /** Tells of changes only. */
  #disk(message: string | undefined): void {
    if (this.#failing === (message !== undefined)) return;
    this.#failing = message !== undefined;
    const fields = { directory: this.#directory, ...(message !== undefined && { error: message }) };
    if (this.#failing) this.#deps.log.error('dead letters are not written', fields);
    else this.#deps.log.warn('dead letters are written again', fields);
  }

  #lost(exporter: string, reason: Loss): Counter {
    const help = 'Dead letters that are lost: for want of room, or because the disk did not take them.';
    return this.#deps.metrics.counter({ name: 'sluice_dead_letters_lost_total', help }, { exporter, reason });
  }

  #counter(name: string, help: string, { exporter, signal, cause }: Waiting): Counter {
    const labels = { exporter, data_type: signal, cause };
    return this.#deps.metrics.counter({ name: `sluice_dead_letters_${name}`, help }, labels);
  }
}

/** A write may take less than it was given. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
