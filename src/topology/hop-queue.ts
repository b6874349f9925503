import type { PipelineGraph, QueueSetting } from '../pipeline/index.ts';
import { DURABLE_HOP_QUEUE_BYTES, HOP_QUEUE_BYTES } from './memory-budget.ts';

/**
 * The queue of an entry for one dispatcher, whatever the pipeline's own: what comes while the dispatcher starts again. What is
 * promised to be on disk is so in every process that acknowledges it.
 */
export function hopQueue({ queue, exporter }: PipelineGraph): QueueSetting {
  // Nothing in particular of the pipeline decides how a hop looks; it is there because of the pipeline.
  const source = exporter.source === undefined ? {} : { source: exporter.source };
  if (queue?.guarantee !== undefined) {
    // The volume is of the class that the pipeline asks for; its size is the pipeline's own affair.
    const { storageClass } = queue.disk ?? {};
    const disk = storageClass === undefined ? {} : { storageClass };
    // How old it may become is known to the dispatcher, which drops and counts.
    return {
      sizeBytes: DURABLE_HOP_QUEUE_BYTES,
      onFull: 'Block',
      maxAgeMs: 0,
      disk,
      guarantee: queue.guarantee,
      ...source,
    };
  }
  return { sizeBytes: HOP_QUEUE_BYTES, onFull: queue?.onFull === 'Block' ? 'Block' : 'DropNewest', ...source };
}

/** How long the engine keeps what it promised to deliver, unless the pipeline says otherwise: a day's outage. */
const DEFAULT_MAX_AGE_MS = 24 * 3_600_000;

/** What waits longer is dropped by the engine; 0: nothing is. The stock Collector knows no age. */
export function maxAgeMs({ maxAgeMs: asked, guarantee }: QueueSetting): number {
  return asked ?? (guarantee === undefined ? 0 : DEFAULT_MAX_AGE_MS);
}
