import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
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

/** Permissions of what is created, less the umask, as fileexporter and lumberjack set them. */
const MODE = { file: 0o644, rotatedFile: 0o600, directory: 0o755 } as const;

/**
 * Appends whole messages to one file, in the order of the calls, each on disk (in the system's cache) when its promise
 * resolves. A full file becomes `name-TIME.ext`, as lumberjack names it, and a new one is begun. Unlike lumberjack it takes
 * a message that is larger than a file may be, and never rotates between a line and its end.
 */
export class FileWriter {
  readonly #options: FileWriterOptions;
  #file: FileHandle | undefined;
  #sizeBytes = 0;
  /** Permissions of the file, which the next one takes over. */
  #mode: number | undefined;
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
        if (createDirectory || rotation !== undefined) await makeDirectory(dirname(path));
        await this.#openFile(append || rotation !== undefined ? 'a' : 'w');
        if (rotation !== undefined) await removeBackups(path, rotation, this.#options.clock.nowMs());
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
        await this.#removeTorn(message.length).catch(() => {});
        return diskFailure(error, this.#options.path);
      }
    });
  }

  /** What a full disk left of a message would spoil the next one. Anything but that beginning is somebody else's and stays. */
  async #removeTorn(messageBytes: number): Promise<void> {
    if (this.#file === undefined) return;
    const written = (await this.#file.stat()).size - this.#sizeBytes;
    if (written <= 0 || written >= messageBytes) return;
    await this.#file.truncate(this.#sizeBytes);
    // The handle still stands where the torn message ended.
    await this.#closeFile();
    await this.#openFile('a');
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
    const { path, rotation } = this.#options;
    this.#mode ??= rotation === undefined ? MODE.file : MODE.rotatedFile;
    this.#file = await open(path, flags, this.#mode);
    const { size, mode } = await this.#file.stat();
    this.#sizeBytes = size;
    this.#mode = mode & 0o777;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #rotate(rotation: Rotation): Promise<void> {
    const { path, clock } = this.#options;
    await this.#closeFile();
    await makeBackup(path, backupName(path, clock.nowMs(), rotation.localtime));
    await this.#openFile('a');
    await removeBackups(path, rotation, clock.nowMs());
  }
}

/** Step by step: Node's recursive mkdir never returns where a folder cannot be made at all, such as below /proc. */
async function makeDirectory(path: string): Promise<void> {
  const parent = dirname(path);
  try {
    await mkdir(path, MODE.directory);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || parent === path) throw error;
    await makeDirectory(parent);
    await mkdir(path, MODE.directory).catch((again: unknown) => {
      if (errorCode(again) !== 'EEXIST') throw again;
    });
  }
}

/** Somebody may have moved the file away or removed it; then there is nothing to keep. */
async function makeBackup(path: string, backup: string): Promise<void> {
  try {
    await rename(path, backup);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    await makeDirectory(dirname(path));
  }
}

function backupName(path: string, nowMs: number, localtime: boolean): string {
  const shiftMs = localtime ? new Date(nowMs).getTimezoneOffset() * 60_000 : 0;
  const time = new Date(nowMs - shiftMs).toISOString().replace(/:/g, '-').replace('Z', '');
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)}-${time}${extension}`);
}

/** The names of one file's backups sort as the times in them, which tell their age. */
async function removeBackups(path: string, rotation: Rotation, nowMs: number): Promise<void> {
  const { maxBackups, maxDays, localtime } = rotation;
  const extension = extname(path);
  const prefix = `${basename(path, extension)}-`;
  const time = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/;
  const oldest = maxDays > 0 ? basename(backupName(path, nowMs - maxDays * DAY_MS, localtime)) : '';
  const newestFirst = (await readdir(dirname(path)))
    .filter((name) => name.startsWith(prefix) && name.endsWith(extension))
    .filter((name) => time.test(name.slice(prefix.length, name.length - extension.length)))
    .sort()
    .reverse();
  const kept = newestFirst.slice(0, maxBackups > 0 ? maxBackups : newestFirst.length).filter((name) => name >= oldest);
  for (const name of newestFirst) if (!kept.includes(name)) await rm(join(dirname(path), name), { force: true });
}

function diskFailure(error: unknown, path: string): BackendFailure {
  const message =
    errorCode(error) === 'ENOSPC'
      ? `no space left on the disk of ${path}`
      : `cannot write ${path}: ${errorMessage(error)}`;
  return { kind: 'disk', message };
}
