import { describe, expect, it } from 'vitest';
import { parseSelfMetrics } from './self-metrics.ts';

describe('parseSelfMetrics', () => {
  it('reads the causes and held items of the engine, and not its counters of the same losses', () => {
    const text = `otelcol_exporter_enqueue_failed_spans_total{exporter="otlp_grpc/tracepipeline-dead"} 30
otelcol_exporter_queue_size{exporter="otlp_grpc/tracepipeline-dead",data_type="traces"} 2048
sluice_pipeline_items_dropped_total{pipeline="traces/tracepipeline-dead",cause="queue_full"} 30
sluice_pipeline_items_dropped_total{pipeline="traces/tracepipeline-dead",cause="expired"} 0
sluice_pipeline_items_queued{pipeline="traces/tracepipeline-dead"} 12
`;
    expect(parseSelfMetrics(text)).toEqual({
      'tracepipeline-dead': { dropped: { queue_full: 30 }, queueSize: 2048, queuedItems: 12 },
    });
  });

  it('reads the counters of the Collector, with and without _total, and knows no items of its queue', () => {
    const text = `otelcol_exporter_enqueue_failed_log_records{exporter="otlp_grpc/logpipeline-a"} 5
otelcol_exporter_send_failed_log_records_total{exporter="otlp_grpc/logpipeline-a"} 7
otelcol_exporter_queue_size{exporter="otlp_grpc/logpipeline-a"} 3
otelcol_exporter_queue_size{exporter="otlp_grpc/logs"} 9
otelcol_receiver_accepted_spans{receiver="otlp"} 100
`;
    expect(parseSelfMetrics(text)).toEqual({
      'logpipeline-a': { dropped: { queue_full: 5, given_up: 7 }, queueSize: 3, queuedItems: undefined },
    });
  });

  it('refuses what is no exposition', () => {
    expect(() => parseSelfMetrics('<html>')).toThrow('cannot be read');
  });
});
