import { type Clock, errorMessage } from '../../../lib/index.ts';
import type { DiskQueue, DiskQueueEvents, DiskQueueSettings } from './disk-queue.ts';
import type { QueueFiles } from './files.ts';
import { type Recovery, recover } from './recovery.ts';
import { SegmentedQueue } from './segmented-queue.ts';

export interface DiskQueueParts {
  readonly clock: Clock;
  readonly events: DiskQueueEvents;
  readonly files: QueueFiles;
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

export const openDiskQueue: OpenDiskQueue = async (settings, { clock, events, files }) => {
  const { directory } = settings;
  const folder = new QueueFolder(directory, files, events);
  const attach = async () => (await folder.attach())?.nextId;
  const queue = new SegmentedQueue(settings, { clock, events, files, attach, detach: () => folder.detach() });
  try {
    queue.begin((await folder.attach())!);
  } catch (error) {
    if (error instanceof FolderInUse) return { status: 'in_use', message: error.message };
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
  #isOpening = true;

  constructor(directory: string, files: QueueFiles, events: DiskQueueEvents) {
    this.#directory = directory;
    this.#files = files;
    this.#events = events;
  }

  /**
   * Claims the folder and reads it; undefined: it is claimed already. Where that succeeds after the queue was opened without
   * it, what it holds stays for the next start: what was recovered has been counted by then.
   */
  async attach(): Promise<Recovery | undefined> {
    if (this.#release !== undefined) return undefined;
    const isLate = !this.#isOpening;
    this.#isOpening = false;
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
      if (isLate) {
        for (const segment of recovery.segments) {
          if (segment.bytes > 0)
            tell(segment.path('segment'), segment.bytes, 'the disk came back late: read at the next start');
        }
      }
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
