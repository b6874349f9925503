import { type Clock, errorMessage } from '../../../lib/index.ts';
import type { DiskQueue, DiskQueueEvents, DiskQueueSettings } from './disk-queue.ts';
import type { QueueFiles } from './files.ts';
import { FolderAwaited } from './folder-awaited.ts';
import { type Recovery, recover } from './recovery.ts';
import { SegmentedQueue } from './segmented-queue.ts';

export interface DiskQueueParts {
  readonly clock: Clock;
  readonly events: DiskQueueEvents;
  readonly files: QueueFiles;
  /** Whether whoever has the directory is about to leave it: the queue opens without, and has it as soon as it is free. */
  readonly waits?: () => boolean;
}

/**
 * `in_use`: another process, or another queue of this one, has the directory. Everything else that can be wrong with a disk
 * opens: as a queue whose appends fail until the disk takes them (`onDisk` says why).
 */
export type OpenedDiskQueue =
  | { readonly status: 'open'; readonly queue: DiskQueue; readonly folder: FolderState }
  | { readonly status: 'in_use'; readonly message: string };

/** Whether the directory is there to be read, or whoever has it is awaited to leave it; `onReadable` tells of both when it is. */
export type FolderState = 'attached' | 'awaited' | 'failed';

/** Opens what is in the directory, or makes it. Never rejects. */
export type OpenDiskQueue = (settings: DiskQueueSettings, parts: DiskQueueParts) => Promise<OpenedDiskQueue>;

export const openDiskQueue: OpenDiskQueue = async (settings, { clock, events, files, waits = () => false }) => {
  const { directory } = settings;
  const folder = new QueueFolder(directory, { files, events, waits });
  const parts = { clock, events, files, attach: () => folder.attach(), detach: () => folder.detach() };
  const queue = new SegmentedQueue(settings, parts);
  try {
    queue.begin((await folder.attach())!);
  } catch (error) {
    if (error instanceof FolderInUse) return { status: 'in_use', message: error.message };
    const isAwaited = error instanceof FolderAwaited;
    queue.beginDetached(isAwaited ? undefined : `${directory}: ${errorMessage(error)}`);
    return { status: 'open', queue, folder: isAwaited ? 'awaited' : 'failed' };
  }
  return { status: 'open', queue, folder: 'attached' };
};

class FolderInUse extends Error {}

interface FolderParts extends Pick<DiskQueueParts, 'files' | 'events'> {
  readonly waits: () => boolean;
}

/** The folder of a queue, and this process' claim on it. */
class QueueFolder {
  readonly #directory: string;
  readonly #files: QueueFiles;
  readonly #events: DiskQueueEvents;
  readonly #waits: () => boolean;
  #release: (() => Promise<void>) | undefined;

  constructor(directory: string, { files, events, waits }: FolderParts) {
    this.#directory = directory;
    this.#files = files;
    this.#events = events;
    this.#waits = waits;
  }

  /** Claims the folder and reads it; undefined: it is claimed already. */
  async attach(): Promise<Recovery | undefined> {
    if (this.#release !== undefined) return undefined;
    await this.#files.makeDirectory(this.#directory);
    // Asked before: whoever leaves between the two is found to hold it, and awaited no more.
    const isAwaited = this.#waits();
    const lock = await this.#files.lock(this.#directory);
    if (lock.status === 'held') {
      const message = `${this.#directory} is in use by ${lock.by}`;
      if (isAwaited) throw new FolderAwaited(message);
      throw new FolderInUse(`${message}, or give this queue a directory of its own`);
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
