import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { OnFull } from './disk/disk-queue.ts';

/** How an extension keeps the queues of exporters that name it as `sending_queue.storage`. */
export interface QueueStorage {
  /** Absent: queues stay in memory. */
  readonly directory?: string;
  /** False: a directory that is missing is an error at the start. */
  readonly createDirectory: boolean;
  /** Several exporters may name it, and each gets a folder of its own; else it is the storage of one. */
  readonly shared: boolean;
  readonly onFull: OnFull;
  /** Absent: nothing expires. */
  readonly maxAgeMs?: number;
  readonly fsync: boolean;
  /** Where what a backend rejects for good is kept, and how much of it; absent: nowhere. */
  readonly deadLetters?: { readonly directory: string; readonly maxBytes: number };
}

/** The folder of one queue; undefined for one in memory. */
export function queueDirectory(
  { directory, shared }: QueueStorage,
  { id, signal }: { readonly id: ComponentId; readonly signal: Signal },
): string | undefined {
  if (directory === undefined) return undefined;
  const root = directory.replace(/(?<=.)\/+$/, '');
  return shared ? `${root}/${encodeURIComponent(id)}/${signal}` : `${root}/${signal}`;
}
