export type * from './disk-queue.ts';
export type { QueueFiles } from './files.ts';
export { nodeFiles } from './node-files.ts';
export { type DiskQueueParts, type OpenDiskQueue, type OpenedDiskQueue, openDiskQueue } from './open-disk-queue.ts';
