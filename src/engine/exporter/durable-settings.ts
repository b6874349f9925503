import type { DiskQueueSettings } from '../queue/disk/disk-queue.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import type { QueueSettings } from '../settings/queue.ts';

/** What of a queue on disk may be in memory, too: as much of what just came as of what was read back. */
const WINDOW_BYTES = 4 * 2 ** 20;

/**
 * Bytes of either half. No more than a quarter of the disk's: a full queue drops neither what is in memory nor what shares a
 * segment with it. A batch finds room.
 */
export function windowBytes({ capacity, sizer, batch }: QueueSettings): number {
  const share = sizer === 'bytes' ? Math.min(WINDOW_BYTES, Math.floor(capacity / 4)) : WINDOW_BYTES;
  const batchBytes = batch?.sizer === 'bytes' ? batch.minSize : 0;
  return Math.max(share, Math.min(batchBytes, WINDOW_BYTES));
}

/** Bytes that may be set aside on disk, so that a queue that drops nothing old has room for what the backend takes. */
export function asideBytes({ capacity, sizer }: QueueSettings): number {
  return sizer === 'bytes' ? Math.floor(capacity / 4) : Number.POSITIVE_INFINITY;
}

/** What an exporter's queue and its storage say, as the disk queue takes it. A queue that does not count bytes has no limit there. */
export function diskSettings(directory: string, queue: QueueSettings, storage: QueueStorage): DiskQueueSettings {
  return {
    directory,
    maxBytes: queue.sizer === 'bytes' ? queue.capacity : Number.MAX_SAFE_INTEGER,
    onFull: storage.onFull,
    fsync: storage.fsync,
    ...(storage.maxAgeMs !== undefined && { maxAgeMs: storage.maxAgeMs }),
  };
}
