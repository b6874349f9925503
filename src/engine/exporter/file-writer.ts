import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { BackendFailure } from '../../flow/index.ts';
import { type Clock, CodedError, errorCode, errorMessage } from '../../lib/index.ts';

export interface Rotation {
  readonly maxBytes: number;
  /** 0: all are kept. */
  readonly maxBackups: number;
  /** 0: however old. */
  readonly maxDays: number;
  readonly localtime: boolean;
}

export interface FileWriterOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly append: boolean;
  readonly createDirectory: boolean;
  readonly rotation?: Rotation;
}

const DAY_MS = 86_400_000;

/**
 * Appends whole messages to one file, in the order of the calls, each on disk (in the system's cache) when its promise
 * resolves. A full file becomes `name-TIME.ext`, as lumberjack names it, and a new one is begun.
 */
export class FileWriter {
  readonly #options: FileWriterOptions;
  #file: FileHandle | undefined;
  #sizeBytes = 0;
  /** Calls are served one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: FileWriterOptions) {
    this.#options = options;
  }

  /** Rejects with CodedError `file_unwritable`. May be called by several owners. */
  async open(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#file !== undefined) return;
      const { path, append, createDirectory, rotation } = this.#options;
      try {
        if (createDirectory) await mkdir(dirname(path), { recursive: true });
        await this.#openFile(append || rotation !== undefined ? 'a' : 'w');
      } catch (error) {
        throw new CodedError('file_unwritable', `cannot write ${path}: ${errorMessage(error)}`, { cause: error });
      }
    });
  }

  /** Undefined when all of it is written. */
  write(message: Uint8Array): Promise<BackendFailure | undefined> {
    return this.#inTurn(async () => {
      try {
        const { rotation } = this.#options;
        if (rotation !== undefined && this.#sizeBytes > 0 && this.#sizeBytes + message.length > rotation.maxBytes) {
          await this.#rotate(rotation);
        }
        if (this.#file === undefined) await this.#openFile('a');
        await this.#file!.appendFile(message);
        this.#sizeBytes += message.length;
        return undefined;
      } catch (error) {
        return diskFailure(error, this.#options.path);
      }
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#closeFile());
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run, run);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #openFile(flags: 'a' | 'w'): Promise<void> {
    this.#file = await open(this.#options.path, flags, 0o600);
    this.#sizeBytes = (await this.#file.stat()).size;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #rotate(rotation: Rotation): Promise<void> {
    const { path, clock } = this.#options;
    await this.#closeFile();
    await rename(path, backupName(path, clock.nowMs(), rotation.localtime));
    await this.#openFile('a');
    await removeBackups(path, rotation, clock.nowMs());
  }
}

function backupName(path: string, nowMs: number, localtime: boolean): string {
  const shiftMs = localtime ? new Date(nowMs).getTimezoneOffset() * 60_000 : 0;
  const time = new Date(nowMs - shiftMs).toISOString().replace(/:/g, '-').replace('Z', '');
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)}-${time}${extension}`);
}

/** Newest first, the names of one file's backups sort as their times do. */
async function removeBackups(path: string, { maxBackups, maxDays }: Rotation, nowMs: number): Promise<void> {
  const extension = extname(path);
  const prefix = `${basename(path, extension)}-`;
  const time = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/;
  const backups = (await readdir(dirname(path)))
    .filter((name) => name.startsWith(prefix) && name.endsWith(extension))
    .filter((name) => time.test(name.slice(prefix.length, name.length - extension.length)))
    .sort()
    .reverse()
    .map((name) => join(dirname(path), name));
  const surplus = maxBackups > 0 ? backups.splice(maxBackups) : [];
  for (const backup of maxDays > 0 ? backups : []) {
    if (nowMs - (await stat(backup)).mtimeMs > maxDays * DAY_MS) surplus.push(backup);
  }
  for (const backup of surplus) await unlink(backup);
}

function diskFailure(error: unknown, path: string): BackendFailure {
  const message =
    errorCode(error) === 'ENOSPC'
      ? `no space left on the disk of ${path}`
      : `cannot write ${path}: ${errorMessage(error)}`;
  return { kind: 'disk', message };
}
