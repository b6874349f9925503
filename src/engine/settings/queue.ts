import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import type { ComponentConfig, ComponentId } from '../../otelcol/index.ts';
import { Count, Duration, durationMs, oneOf, settingsObject } from './schema.ts';

/** What a queue's capacity, or the size of a batch, is measured in. */
export type Sizer = 'requests' | 'items' | 'bytes';

/** A parsed `sending_queue`. */
export interface QueueSettings {
  readonly numConsumers: number;
  readonly capacity: number;
  readonly sizer: Sizer;
  /** Full: let the sender wait for room instead of refusing it. */
  readonly blockOnOverflow: boolean;
  /** The sender hears what became of its data; the queue only bounds how much waits. */
  readonly waitForResult: boolean;
  readonly batch?: BatchSettings;
  /** The extension that says where the queue is kept, and what a full one does. */
  readonly storage?: ComponentId;
}

/** A parsed `sending_queue.batch`. */
export interface BatchSettings {
  readonly flushTimeoutMs: number;
  readonly minSize: number;
  /** 0: no limit. */
  readonly maxSize: number;
  readonly sizer: Sizer;
}

export const QueueConfig = settingsObject({
  enabled: Type.Boolean(),
  num_consumers: Type.Integer({ minimum: 1 }),
  queue_size: Type.Integer({ minimum: 1 }),
  sizer: oneOf('requests', 'items', 'bytes'),
  block_on_overflow: Type.Boolean(),
  wait_for_result: Type.Boolean(),
  storage: Type.String(),
  batch: settingsObject({
    flush_timeout: Duration,
    min_size: Count,
    max_size: Count,
    sizer: oneOf('items', 'bytes'),
  }),
});
type QueueConfig = Static<typeof QueueConfig>;

/** Source: exporterhelper NewDefaultQueueConfig at 0.149. */
export const defaultQueue: QueueSettings = {
  numConsumers: 10,
  capacity: 1000,
  sizer: 'requests',
  blockOnOverflow: false,
  waitForResult: false,
};

/** What a `batch` section means for the keys it leaves out; without the section nothing is batched. */
const defaultQueueBatch: BatchSettings = { flushTimeoutMs: 200, minSize: 8192, maxSize: 0, sizer: 'items' };

/** Undefined when the queue is switched off. */
export function parseQueue(config: QueueConfig = {}): QueueSettings | undefined {
  if (config.enabled === false) return undefined;
  return {
    numConsumers: config.num_consumers ?? defaultQueue.numConsumers,
    capacity: config.queue_size ?? defaultQueue.capacity,
    sizer: config.sizer ?? defaultQueue.sizer,
    blockOnOverflow: config.block_on_overflow ?? defaultQueue.blockOnOverflow,
    waitForResult: config.wait_for_result ?? defaultQueue.waitForResult,
    ...(config.batch !== undefined && { batch: parseBatch(config.batch, config.sizer) }),
    ...(config.storage !== undefined && { storage: config.storage as ComponentId }),
  };
}

/** The queue's sizer, where it is written, is the default of the batch's. */
function parseBatch(batch: NonNullable<QueueConfig['batch']>, queueSizer: Sizer | undefined): BatchSettings {
  return {
    flushTimeoutMs: durationMs(batch.flush_timeout, defaultQueueBatch.flushTimeoutMs),
    minSize: batch.min_size ?? defaultQueueBatch.minSize,
    maxSize: batch.max_size ?? defaultQueueBatch.maxSize,
    sizer: batch.sizer ?? queueSizer ?? defaultQueueBatch.sizer,
  };
}

const QUEUE_SECTIONS = ['sending_queue', 'remote_write_queue'] as const;

/** Where the settings of an exporter name a storage for a queue that is switched on. */
export function storageReference(
  settings: ComponentConfig | null | undefined,
): { readonly storage: ComponentId; readonly section: string; readonly queue: QueueConfig } | undefined {
  for (const section of QUEUE_SECTIONS) {
    const queue = settings?.[section] as QueueConfig | null | undefined;
    if (typeof queue?.storage !== 'string' || queue.enabled === false) continue;
    return { storage: queue.storage as ComponentId, section, queue };
  }
  return undefined;
}

/** Source: queuebatch Config.Validate at 0.149. */
export function checkQueue(config: QueueConfig | undefined): Issue[] {
  const queue = parseQueue(config);
  if (config === undefined || queue === undefined) return [];
  const { batch } = queue;
  const issues: Issue[] = [];
  if (queue.storage !== undefined && queue.waitForResult) {
    const message = '`wait_for_result` and `storage` exclude each other: what is on disk is answered when it is there';
    issues.push({ code: 'SL0114', severity: 'error', message, path: ['sending_queue', 'wait_for_result'] });
  }
  if (batch === undefined) return issues;
  const add = (key: string, message: string) =>
    issues.push({ code: 'SL0105', severity: 'error', message, path: ['sending_queue', 'batch', key] });
  const { sizer, capacity } = queue;
  if (batch.sizer === 'requests')
    add('sizer', '`batch.sizer` must be items or bytes; write it, since the queue counts requests');
  if (batch.flushTimeoutMs <= 0) add('flush_timeout', '`flush_timeout` must be greater than 0');
  if (batch.maxSize > 0 && batch.maxSize < batch.minSize)
    add('max_size', '`max_size` must not be less than `min_size`');
  if (batch.sizer === sizer && batch.minSize > capacity)
    add('min_size', '`min_size` must not be greater than `queue_size`');
  return issues;
}
