import type { ComponentConfig, ComponentId } from '../../otelcol/index.ts';
import type { QueueSetting } from '../../pipeline/index.ts';
import type { QueueHome } from './queue-storage.ts';

/**
 * Largest request to a backend. gRPC servers refuse messages beyond 4 MiB unless told otherwise; the distance leaves room
 * for what the Collector's size estimate leaves out when it splits.
 */
const MAX_REQUEST_BYTES = 4_000_000;

/** From this size on a request is worth sending at once; smaller ones wait for company. */
const GOOD_REQUEST_BYTES = 512 * 1024;

/** How long an item waits for company, at each of the two places: within 200 ms people see what they sent. */
const WAIT = '100ms';

/** Wire bytes that items may have on average before a batch no longer fits into its queue. */
const GENEROUS_ITEM_BYTES = 64 * 1024;

const LOCAL_BATCH_ITEMS = 1024;

/**
 * The batch in front of a queue, or of an output that needs none. It answers the senders in the queue's place: without it
 * one full queue refuses the senders of every pipeline. It counts items, as the Collector's does, so it is kept small
 * enough for its queue, which never takes what is larger than itself; the queue gathers the bytes for a good request.
 */
export function batchProcessor(queueBytes: number | undefined): ComponentConfig {
  const fitting = queueBytes === undefined ? LOCAL_BATCH_ITEMS : Math.floor(queueBytes / GENEROUS_ITEM_BYTES);
  const items = Math.max(16, Math.min(8192, fitting));
  return { timeout: WAIT, send_batch_size: items, send_batch_max_size: items };
}

/** A queue in bytes, and requests in bytes. All four batch keys stand there: what is left out counts items, or has no limit. */
export function sendingQueue({ sizeBytes }: Pick<QueueSetting, 'sizeBytes'>): ComponentConfig {
  return {
    enabled: true,
    sizer: 'bytes',
    queue_size: sizeBytes,
    num_consumers: 10,
    batch: {
      sizer: 'bytes',
      min_size: Math.min(GOOD_REQUEST_BYTES, Math.floor(sizeBytes / 4)),
      max_size: Math.min(MAX_REQUEST_BYTES, sizeBytes),
      flush_timeout: WAIT,
    },
  };
}

/**
 * A queue on disk. Requests stay as they were acknowledged: merged ones would share the fate of one that the backend refuses
 * for good. Only what is too large for a backend is divided, which is why there is a batch without a least size. A full queue
 * refuses its sender at once, with a status that lets it try again; waiting would hold up the senders of all pipelines.
 */
function diskQueue(queue: QueueSetting, storage: ComponentId): ComponentConfig {
  const { sizeBytes, guarantee } = queue;
  const merging = guarantee === undefined ? {} : { min_size: 0 };
  const { batch, ...memory } = sendingQueue(queue) as { readonly batch: object };
  return {
    ...memory,
    storage,
    block_on_overflow: false,
    queue_size: sizeBytes,
    num_consumers: DISK_CONSUMERS,
    batch: { ...batch, ...merging },
  };
}

/** As many requests, of at most 4 MB, as the memory of a queue on disk is budgeted for. */
const DISK_CONSUMERS = 4;

/** The queue of a hop. What must not get lost comes out of the Collector's as it came in: the dispatcher takes any size. */
export function hopQueueSettings(
  queue: QueueSetting,
  storage: ComponentId | undefined,
  home: QueueHome,
): ComponentConfig {
  const settings = queueSettings(queue, storage, home);
  if (storage === undefined || home.program === 'sluice') return settings;
  const { batch: _, ...rest } = settings as { readonly batch: object };
  return rest;
}

/** The queue of a pipeline, wherever it is. `storage`: the extension that keeps it, where one does. */
export function queueSettings(queue: QueueSetting, storage: ComponentId | undefined, home: QueueHome): ComponentConfig {
  if (storage === undefined) return sendingQueue(queue);
  return home.program === 'sluice' ? engineQueue(queue, storage) : diskQueue(queue, storage);
}

/**
 * A queue that the engine keeps. Requests are merged even where nothing may be lost: what a backend rejects is divided again,
 * until what it will never take stands alone.
 */
function engineQueue(queue: QueueSetting, storage: ComponentId): ComponentConfig {
  const { batch, ...rest } = sendingQueue(queue) as { readonly batch: object };
  if (queue.disk === undefined) return { ...rest, storage, batch };
  return { ...rest, storage, batch: { ...batch, max_size: Math.min(ENGINE_REQUEST_BYTES, queue.sizeBytes) } };
}

/** Ten requests at once fit into the memory that a queue on disk is budgeted for. */
const ENGINE_REQUEST_BYTES = 2_000_000;

/** Tries go on for ever where nothing may be lost. Never off: a Collector that stops forgets what it was not to try again. */
export function retrySettings({ guarantee }: Pick<QueueSetting, 'guarantee'> = {}, usual = RETRY): ComponentConfig {
  return guarantee === undefined ? usual : { ...usual, max_elapsed_time: '0s' };
}

/** Upstream's intervals: a backend may be away for five minutes. */
export const RETRY: ComponentConfig = {
  enabled: true,
  initial_interval: '5s',
  max_interval: '30s',
  max_elapsed_time: '300s',
};

/** A dispatcher is away for seconds, while it starts again. */
export const HOP_RETRY: ComponentConfig = {
  enabled: true,
  initial_interval: '200ms',
  max_interval: '5s',
  max_elapsed_time: '300s',
};

/** A request of remote write, in data points, and what one takes on the wire on average. */
const REMOTE_WRITE_ITEMS = 512;
const POINT_BYTES = 128;

/** In front of a queue that counts requests: they are to be few, so that the queue outlasts an outage at low rates, too. */
export function remoteWriteBatch(): ComponentConfig {
  return { timeout: '1s', send_batch_size: REMOTE_WRITE_ITEMS, send_batch_max_size: REMOTE_WRITE_ITEMS };
}

/** The Collector's queue of remote write counts requests and has no other measure; one that the engine keeps has bytes. */
export function remoteWriteQueue(
  { sizeBytes }: Pick<QueueSetting, 'sizeBytes'>,
  storage?: ComponentId,
): ComponentConfig {
  if (storage !== undefined) return { enabled: true, sizer: 'bytes', queue_size: sizeBytes, storage };
  return { enabled: true, queue_size: Math.ceil(sizeBytes / (REMOTE_WRITE_ITEMS * POINT_BYTES)) };
}
