import type { ComponentConfig } from '../../otelcol/index.ts';
import type { QueueSetting } from '../../pipeline/index.ts';

/**
 * Largest request to a backend. gRPC servers refuse messages beyond 4 MiB unless told otherwise; the distance leaves room
 * for what the Collector's size estimate leaves out when it splits.
 */
const MAX_REQUEST_BYTES = 4_000_000;

/** Wire bytes an item may have on average before a batch no longer fits into its queue. */
const GENEROUS_ITEM_BYTES = 16 * 1024;

const FLUSH = '200ms';

const DEFAULT_BATCH_ITEMS = 1024;

/** Batches by count, small enough that one always fits the queue; the bytes are bounded where the queue is emptied. */
export function batchProcessor(queue: QueueSetting | undefined): ComponentConfig {
  const fitting = queue === undefined ? DEFAULT_BATCH_ITEMS : Math.floor(queue.sizeBytes / GENEROUS_ITEM_BYTES);
  const size = Math.max(64, Math.min(8192, fitting));
  return { timeout: FLUSH, send_batch_size: size, send_batch_max_size: size };
}

/**
 * A queue in bytes. Its batch section only splits, so that no request is too large: `min_size: 0` waits for nothing, the
 * batch processor has waited already. All four keys stand there, since what is left out is taken from defaults for items.
 */
export function sendingQueue(queue: QueueSetting): ComponentConfig {
  return {
    enabled: true,
    sizer: 'bytes',
    queue_size: queue.sizeBytes,
    num_consumers: 10,
    batch: {
      sizer: 'bytes',
      min_size: 0,
      max_size: Math.min(MAX_REQUEST_BYTES, queue.sizeBytes),
      flush_timeout: FLUSH,
    },
  };
}

/** Upstream's intervals: a backend may be away for five minutes. */
export const RETRY: ComponentConfig = {
  enabled: true,
  initial_interval: '5s',
  max_interval: '30s',
  max_elapsed_time: '300s',
};
