import { basename } from 'node:path';
import type { ListedFile, QueueFile, QueueFiles } from '../../src/engine/queue/disk/files.ts';

/** Numbers that look random and are the same for a seed: from 0 up to, not including, `below`. */
export type Dice = (below: number) => number;

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** `kill`: what was handed to the system stays; `power`: what was not synced is lost, torn or there, in any combination. */
export type Crash = 'kill' | 'power';

/** What the disk refuses: to take bytes (it takes some), to say they are safe, to make a file, to give bytes back, to forget some. */
export interface DiskFaults {
  readonly write?: 'ENOSPC' | 'EIO';
  readonly sync?: 'EIO';
  readonly create?: 'ENOSPC';
  readonly read?: 'EIO';
  /** In every file, from the first up to, not including, the second. */
  readonly unreadable?: readonly [number, number];
  readonly truncate?: 'EIO';
}

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly length: number };

interface Content {
  /** What a reader sees. */
  seen: Buffer;
  /** What survives a loss of power for certain. */
  safe: Buffer;
  /** Changes since, oldest first. */
  unsafe: Change[];
  /** Changes that a failed sync left behind: no later sync says anything about them. */
  forgotten: Change[];
}

/** `from`: the name that it had before. */
interface NameChange {
  readonly path: string;
  readonly content: Content | undefined;
  readonly from?: string;
}

interface Operation {
  readonly run: () => void;
  /** What of it the system may have done when the process is killed in the middle of it. */
  readonly runPartly?: () => void;
}

const SECTOR_BYTES = 64;

/**
 * A file system in memory that does to a queue what real ones may do. Operations wait until `step` lets one of them happen,
 * in any order, or happen at once while `isQuick`.
 */
export class SimulatedDisk implements QueueFiles {
  readonly #dice: Dice;
  #seen: Map<string, Content>;
  #safe: Map<string, Content>;
  #unsafeNames: NameChange[] = [];
  #waiting: Operation[] = [];
  #isOver = false;
  isQuick = true;
  openFiles = 0;
  renameCount = 0;
  faults: DiskFaults = {};

  constructor(dice: Dice, content = new Map<string, Content>()) {
    this.#dice = dice;
    this.#seen = new Map(content);
    this.#safe = new Map(content);
  }

  /** Lets one of the operations that wait happen; false: none waits. */
  step(): boolean {
    if (this.#waiting.length === 0) return false;
    this.#waiting.splice(this.#dice(this.#waiting.length), 1)[0]!.run();
    return true;
  }

  /** The disk as the next process finds it. Of this one nothing is heard any more. */
  crash(kind: Crash): SimulatedDisk {
    this.#isOver = true;
    for (const { runPartly } of this.#waiting) if (this.#dice(2) === 0) runPartly?.();
    const names = kind === 'kill' ? this.#seen : this.#namesAfterPowerLoss();
    const files = new Map<string, Content>();
    for (const [path, content] of names) {
      const bytes = kind === 'kill' ? content.seen : this.#bytesAfterPowerLoss(content);
      // A killed process leaves the system with what it has not written yet.
      if (kind === 'kill') files.set(path, content);
      else files.set(path, { seen: bytes, safe: bytes, unsafe: [], forgotten: [] });
    }
    const next = new SimulatedDisk(this.#dice, files);
    if (kind === 'kill') {
      next.#safe = this.#safe;
      next.#unsafeNames = this.#unsafeNames;
    }
    return next;
  }

  /** What a reader finds in a file; undefined: there is none. */
  bytesOf(path: string): Buffer | undefined {
    return this.#seen.get(path)?.seen;
  }

  paths(): string[] {
    return [...this.#seen.keys()].sort();
  }

  /** Puts a file there as if somebody else had, long ago. */
  put(path: string, bytes: Buffer): void {
    const content: Content = { seen: bytes, safe: bytes, unsafe: [], forgotten: [] };
    this.#seen.set(path, content);
    this.#safe.set(path, content);
  }

  async makeDirectory(): Promise<void> {}

  list(): Promise<readonly ListedFile[]> {
    return this.#do(() =>
      [...this.#seen].map(([path, { seen }]) => ({ name: basename(path), bytes: seen.length, isFile: true })),
    );
  }

  create(path: string, mode: 'plain' | 'synced'): Promise<QueueFile> {
    return this.#do(() => {
      if (this.#seen.has(path)) throw failure('EEXIST');
      if (this.faults.create !== undefined) throw failure(this.faults.create);
      const content: Content = { seen: Buffer.alloc(0), safe: Buffer.alloc(0), unsafe: [], forgotten: [] };
      this.#seen.set(path, content);
      this.#unsafeNames.push({ path, content });
      return this.#file(content, mode);
    });
  }

  open(path: string): Promise<QueueFile> {
    return this.#do(() => {
      const content = this.#seen.get(path);
      if (content === undefined) throw failure('ENOENT');
      return this.#file(content, 'plain');
    });
  }

  remove(path: string): Promise<void> {
    return this.#do(() => {
      if (this.#seen.delete(path)) this.#unsafeNames.push({ path, content: undefined });
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#do(() => {
      if (this.faults.create !== undefined) throw failure(this.faults.create);
      const content = this.#seen.get(from);
      if (content === undefined) throw failure('ENOENT');
      this.renameCount++;
      this.#seen.delete(from);
      this.#seen.set(to, content);
      this.#unsafeNames.push({ path: to, content, from });
    });
  }

  syncDirectory(): Promise<void> {
    return this.#do(() => {
      this.#safe = new Map(this.#seen);
      this.#unsafeNames = [];
    });
  }

  async lock(): Promise<{ readonly status: 'locked'; release(): Promise<void> }> {
    return { status: 'locked', release: async () => {} };
  }

  nonce(): number {
    return this.#dice(2 ** 32);
  }

  #file(content: Content, mode: 'plain' | 'synced'): QueueFile {
    this.openFiles++;
    return {
      read: (into, position) =>
        this.#do(() => {
          if (this.faults.read !== undefined) throw failure(this.faults.read);
          const [from, to] = this.faults.unreadable ?? [0, 0];
          if (position < to && position + into.length > from) throw failure('EIO');
          return content.seen.copy(into, 0, position);
        }),
      write: (parts, position) => {
        const bytes = Buffer.concat(parts);
        const writePart = () =>
          change(content, { at: position, bytes: bytes.subarray(0, this.#dice(bytes.length + 1)) });
        return this.#do(() => {
          if (this.faults.write !== undefined) {
            writePart();
            throw failure(this.faults.write);
          }
          change(content, { at: position, bytes });
          if (mode === 'synced') this.#sync(content);
        }, writePart);
      },
      sync: () => this.#do(() => this.#sync(content)),
      truncate: (length) =>
        this.#do(() => {
          if (this.faults.truncate !== undefined) throw failure(this.faults.truncate);
          change(content, { length });
        }),
      close: () =>
        this.#do(() => {
          this.openFiles--;
        }),
    };
  }

  #sync(content: Content): void {
    if (this.faults.sync !== undefined) {
      content.forgotten.push(...content.unsafe.splice(0));
      throw failure(this.faults.sync);
    }
    content.safe = content.unsafe.splice(0).reduce(applied, content.safe);
  }

  #do<T>(run: () => T, runPartly?: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const runNow = () => {
        try {
          resolve(run());
        } catch (error) {
          reject(error);
        }
      };
      if (this.#isOver) return;
      if (this.isQuick) runNow();
      else this.#waiting.push({ run: runNow, ...(runPartly && { runPartly }) });
    });
  }

  #namesAfterPowerLoss(): Map<string, Content> {
    const names = new Map(this.#safe);
    for (const { path, content, from } of this.#unsafeNames) {
      if (this.#dice(2) === 0) continue;
      if (from !== undefined) names.delete(from);
      if (content === undefined) names.delete(path);
      else names.set(path, content);
    }
    return names;
  }

  #bytesAfterPowerLoss(content: Content): Buffer {
    let bytes = content.safe;
    for (const one of [...content.forgotten, ...content.unsafe]) {
      if (this.#dice(3) === 0) continue;
      if ('length' in one || this.#dice(2) === 0) bytes = applied(bytes, one);
      else for (const sector of sectorsOf(one)) if (this.#dice(2) === 0) bytes = applied(bytes, sector);
    }
    return bytes;
  }
}

function change(content: Content, one: Change): void {
  content.seen = applied(content.seen, one);
  content.unsafe.push(one);
}

function applied(bytes: Buffer, one: Change): Buffer {
  const length = 'length' in one ? one.length : Math.max(bytes.length, one.at + one.bytes.length);
  const changed = Buffer.alloc(length);
  bytes.copy(changed);
  if ('at' in one) one.bytes.copy(changed, one.at);
  return changed;
}

function sectorsOf({ at, bytes }: { readonly at: number; readonly bytes: Buffer }): Change[] {
  const sectors: Change[] = [];
  for (let from = 0; from < bytes.length; from += SECTOR_BYTES) {
    sectors.push({ at: at + from, bytes: bytes.subarray(from, from + SECTOR_BYTES) });
  }
  return sectors;
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}
