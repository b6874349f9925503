import type { MetricsRegistry } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';

/** Source: batchprocessor metadata.yaml at 0.149, as are the names. */
const SIZE_BOUNDS = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 20_000, 30_000,
  50_000, 100_000,
];

export interface BatchTelemetry {
  /** Another combination of metadata is batched. */
  combination(): void;
  sent(trigger: 'size' | 'timeout', itemCount: number): void;
}

export function createBatchTelemetry(metrics: MetricsRegistry, id: ComponentId): BatchTelemetry {
  const labels = { processor: id };
  const size = metrics.histogram(
    { name: 'otelcol_processor_batch_batch_send_size', help: 'Number of items in a batch that was sent.' },
    SIZE_BOUNDS,
    labels,
  );
  const triggers = {
    size: metrics.counter(
      {
        name: 'otelcol_processor_batch_batch_size_trigger_send',
        help: 'Number of times a batch was sent for its size.',
      },
      labels,
    ),
    timeout: metrics.counter(
      { name: 'otelcol_processor_batch_timeout_trigger_send', help: 'Number of times a batch was sent for its age.' },
      labels,
    ),
  };
  const cardinality = metrics.gauge(
    { name: 'otelcol_processor_batch_metadata_cardinality', help: 'Number of metadata combinations batched apart.' },
    labels,
  );
  let combinations = 0;
  return {
    combination() {
      combinations += 1;
      cardinality.set(combinations);
    },
    sent(trigger, itemCount) {
      triggers[trigger].add(1);
      size.observe(itemCount);
    },
  };
}
