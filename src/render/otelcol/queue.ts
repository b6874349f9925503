import type { ComponentConfig } from '../../otelcol/index.ts';
import type { QueueSetting } from '../../pipeline/index.ts';

/**
 * Largest request to a backend. gRPC servers refuse messages beyond 4 MiB unless told otherwise; the distance leaves room
 * for what the Collector's size estimate leaves out when it splits.
 */
const MAX_REQUEST_BYTES = 4_000_000;

/** From this size on a request is worth sending at once; smaller ones wait for company until the flush. */
const GOOD_REQUEST_BYTES = 512 * 1024;

/** How long the first item of a request waits, so that people see what they send within the blink of an eye. */
const FLUSH = '200ms';

/** Wire bytes that items may have on average before a part of a large request no longer fits into its queue. */
const GENEROUS_ITEM_BYTES = 64 * 1024;

/**
 * Hands data to the queue without waiting for company: the queue batches by bytes. It stands there because it answers for
 * the queue: without it one full queue refuses the senders of every pipeline. It also cuts requests of many items, since
 * what is larger than the queue never fits into it.
 */
export function handOver(queue: QueueSetting): ComponentConfig {
  const maxItems = Math.max(16, Math.min(8192, Math.floor(queue.sizeBytes / GENEROUS_ITEM_BYTES)));
  return { timeout: '0s', send_batch_size: 0, send_batch_max_size: maxItems };
}

/** Batches for outputs without a queue. */
export const LOCAL_BATCH: ComponentConfig = { timeout: FLUSH, send_batch_size: 1024, send_batch_max_size: 1024 };

/** A queue in bytes, and requests in bytes. All four batch keys stand there: what is left out counts items, or has no limit. */
export function sendingQueue({ sizeBytes }: QueueSetting): ComponentConfig {
  return {
    enabled: true,
    sizer: 'bytes',
    queue_size: sizeBytes,
    num_consumers: 10,
    batch: {
      sizer: 'bytes',
      min_size: Math.min(GOOD_REQUEST_BYTES, Math.floor(sizeBytes / 4)),
      max_size: Math.min(MAX_REQUEST_BYTES, sizeBytes),
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
