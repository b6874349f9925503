import type { Clock } from '../../../lib/index.ts';
import type { DiskQueue, DiskQueueEvents, DiskQueueSettings } from './disk-queue.ts';
import type { QueueFiles } from './files.ts';

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
