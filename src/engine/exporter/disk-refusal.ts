import type { ComponentId } from '../../otelcol/index.ts';
import type { Refusal } from '../batch.ts';
import type { AppendResult } from '../queue/disk/disk-queue.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';

/** A sender that was refused for a full queue or disk may try again after this. */
const RETRY_MS = 1000;

/** What an append says of a request that is not on disk. */
export type NotStored = Exclude<AppendResult, { readonly status: 'stored' }>;

/** How a sender is refused whose request is not on disk; undefined: it is told that it was taken, and the request is dropped. */
export function diskRefusal(
  result: NotStored,
  { id, bytes, storage }: { readonly id: ComponentId; readonly bytes: number; readonly storage: QueueStorage },
): Refusal | undefined {
  switch (result.status) {
    case 'too_large': {
      const message = `a request of ${bytes} bytes does not fit the queue of ${id} on disk`;
      return { cause: 'too_large', retryable: false, afterMs: 0, message };
    }
    case 'full': {
      const message = `the queue of ${id} on disk is full, retry in 1 s`;
      return { cause: 'queue_full', retryable: true, afterMs: RETRY_MS, message };
    }
    case 'waiting': {
      // Whatever a full queue drops: this one is not full.
      const message = `the queue of ${id} waits for its directory, which another exporter is leaving, retry in 1 s`;
      return { cause: 'queue_full', retryable: true, afterMs: RETRY_MS, message };
    }
    case 'failed': {
      // What a full queue drops says nothing of a disk that fails: an answer that means that it is on disk is not given.
      if (!storage.fsync && storage.onFull !== 'block') return undefined;
      const message = `the disk of the queue of ${id} takes nothing (${result.message}), retry in 1 s`;
      return { cause: 'disk_full', retryable: true, afterMs: RETRY_MS, message };
    }
    case 'dropped':
      return undefined;
  }
}
