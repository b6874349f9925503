import { type Clock, errorMessage } from '../../../lib/index.ts';
import type { DiskQueue, DiskQueueEvents, DiskQueueSettings } from './disk-queue.ts';
import type { QueueFiles } from './files.ts';
import { type Recovery, recover } from './recovery.ts';
import { SegmentedQueue } from './segmented-queue.ts';

export interface DiskQueueParts {
  readonly clock: Clock;
  readonly events: DiskQueueEvents;
  readonly files: QueueFiles;
  /** Whoever has the directory is about to leave it: the queue opens without, and has it as soon as it is free. */
  readonly waits?: boolean;
}

/**
 * `in_use`: another process, or another queue of this one, has the directory. Everything else that can be wrong with a disk
 * opens: as a queue whose appends fail until the disk takes them (`onDisk` says why).
 */
export type OpenedDiskQueue =
  | { readonly status: 'open'; readonly queue: DiskQueue }
  | { readonly status: 'in_use'; readonly message: string };

/** Opens what is in the directory, or makes it. Never rejects. */
export type OpenDiskQueue = (settings: DiskQueueSettings, parts: DiskQueueParts) => Promise<OpenedDiskQueue>;

export const openDiskQueue: OpenDiskQueue = async (settings, { clock, events, files, waits = false }) => {
  const { directory } = settings;
  const folder = new QueueFolder(directory, files, events);
  const parts = { clock, events, files, attach: () => folder.attach(), detach: () => folder.detach() };
  const queue = new SegmentedQueue(settings, parts);
  try {
    queue.begin((await folder.attach())!);
  } catch (error) {
    if (error instanceof FolderInUse && !waits) return { status: 'in_use', message: error.message };
    queue.beginDetached(`${directory}: ${errorMessage(error)}`);
  }
  return { status: 'open', queue };
};

class FolderInUse extends Error {}

/** The folder of a queue, and this process' claim on it. */
class QueueFolder {
  readonly #directory: string;
  readonly #files: QueueFiles;
  readonly #events: DiskQueueEvents;
  #release: (() => Promise<void>) | undefined;

  constructor(directory: string, files: QueueFiles, events: DiskQueueEvents) {
    this.#directory = directory;
    this.#files = files;
    this.#events = events;
  }

  /** Claims the folder and reads it; undefined: it is claimed already. */
  async attach(): Promise<Recovery | undefined> {
    if (this.#release !== undefined) return undefined;
    await this.#files.makeDirectory(this.#directory);
    const lock = await this.#files.lock(this.#directory);
    if (lock.status === 'held') {
      throw new FolderInUse(
        `${this.#directory} is in use by ${lock.by}: stop it, or give this queue a directory of its own`,
      );
    }
    const tell: DiskQueueEvents['onUnreadable'] = (file, bytes, why) => this.#events.onUnreadable(file, bytes, why);
    try {
      const recovery = await recover(this.#directory, this.#files, tell);
      this.#release = lock.release;
      return recovery;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async detach(): Promise<void> {
    await this.#release?.();
    this.#release = undefined;
  }
}
