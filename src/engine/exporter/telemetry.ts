import type { Counter, MetricsRegistry } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import { ITEM_NOUN, type Signal } from '../../pdata/index.ts';

/** Counters of one exporter and signal, under the Collector's names. Source: exporterhelper documentation.md at 0.149. */
export interface ExporterTelemetry {
  readonly sent: Counter;
  /** Items given up after the last try. */
  readonly sendFailed: Counter;
  readonly enqueueFailed: Counter;
}

export function createExporterTelemetry(metrics: MetricsRegistry, id: ComponentId, signal: Signal): ExporterTelemetry {
  const { metric, people } = ITEM_NOUN[signal];
  const counter = (what: string, help: string) =>
    metrics.counter({ name: `otelcol_exporter_${what}_${metric}`, help }, { exporter: id });
  return {
    sent: counter('sent', `Number of ${people} the destination took.`),
    sendFailed: counter('send_failed', `Number of ${people} the exporter gave up sending.`),
    enqueueFailed: counter('enqueue_failed', `Number of ${people} the sending queue had no room for.`),
  };
}

/** Shows a queue's fill, in the unit of its sizer. */
export function observeQueue(
  metrics: MetricsRegistry,
  {
    id,
    signal,
    capacity,
    size,
  }: { readonly id: ComponentId; readonly signal: Signal; capacity(): number; size(): number },
): void {
  const labels = { exporter: id, data_type: signal };
  metrics.observe(
    { name: 'otelcol_exporter_queue_size', help: 'Current size of the sending queue, in the unit of its sizer.' },
    labels,
    size,
  );
  metrics.observe(
    { name: 'otelcol_exporter_queue_capacity', help: 'Capacity of the sending queue, in the unit of its sizer.' },
    labels,
    capacity,
  );
}

/** Shows what a queue on disk is like. */
export function observeDisk(
  metrics: MetricsRegistry,
  disk: {
    readonly id: ComponentId;
    readonly signal: Signal;
    bytes(): number;
    oldestSeconds(): number;
    unreadableBytes(): number;
    failing(): boolean;
  },
): void {
  const labels = { exporter: disk.id, data_type: disk.signal };
  const observe = (name: string, help: string, read: () => number, kind: 'gauge' | 'counter' = 'gauge') =>
    metrics.observe({ name: `sluice_queue_${name}`, help }, labels, read, kind);
  observe('disk_bytes', 'What the files of a queue take on disk.', disk.bytes);
  observe(
    'oldest_age_seconds',
    'How long the oldest request of a queue has been on disk; 0: it is empty.',
    disk.oldestSeconds,
  );
  observe(
    'unreadable_bytes_total',
    'Bytes of a queue that could not be read since the start.',
    disk.unreadableBytes,
    'counter',
  );
  observe('disk_failing', '1 while the disk takes nothing for a queue.', () => (disk.failing() ? 1 : 0));
}
