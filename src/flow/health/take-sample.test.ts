import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXPOSITION_LIMITS, readExposition } from './exposition.ts';
import { takeSample } from './take-sample.ts';

const AT = 1_700_000_000_000;

function taken(text: string) {
  const result = takeSample(text, AT);
  if (result.status !== 'taken') throw new Error(result.problem);
  return result.sample;
}

/** Lines as a Collector 0.149 writes them with the reader that is rendered. */
const COLLECTOR = `# HELP otelcol_exporter_sent_spans Number of spans
# TYPE otelcol_exporter_sent_spans counter
otelcol_exporter_sent_spans{exporter="otlp_http/tracepipeline-shop.eu"} 600
otelcol_exporter_enqueue_failed_spans{exporter="otlp_http/tracepipeline-shop.eu"} 310
otelcol_exporter_send_failed_spans{error_permanent="true",exporter="otlp_http/tracepipeline-shop.eu"} 20
otelcol_exporter_send_failed_spans{error_permanent="false",exporter="otlp_http/tracepipeline-shop.eu"} 4
otelcol_exporter_sent_spans{exporter="otlp_http/tracepipeline-shop"} 7
otelcol_exporter_queue_capacity{data_type="traces",exporter="otlp_http/tracepipeline-shop.eu"} 100000
otelcol_exporter_queue_size{data_type="traces",exporter="otlp_http/tracepipeline-shop.eu"} 97660
otelcol_receiver_accepted_spans{receiver="otlp",transport="http"} 270
otelcol_receiver_accepted_spans{receiver="otlp",transport="grpc"} 30
otelcol_receiver_refused_spans{receiver="otlp",transport="http"} 330
otelcol_processor_refused_spans{processor="memory_limiter"} 300
otelcol_processor_refused_spans{processor="filter/x"} 5
otelcol_process_cpu_seconds 0.3
otelcol_process_memory_rss 9.289728e+07
otelcol_process_runtime_heap_alloc_bytes 1.7433064e+07
otelcol_process_uptime 12.081967062
target_info{service_name="otelcol"} 1
`;

describe('what the metrics of a Collector say', () => {
  it('is given to the exporter that is meant, dots in its name and all', () => {
    const { exporters } = taken(COLLECTOR);
    expect(exporters['otlp_http/tracepipeline-shop.eu']).toEqual({
      sent: 600,
      sendFailed: 24,
      enqueueFailed: 310,
      queueSize: 97660,
      queueCapacity: 100000,
    });
    expect(exporters['otlp_http/tracepipeline-shop']).toMatchObject({ sent: 7, enqueueFailed: 0, queueCapacity: 0 });
  });

  it('is that a queue on disk may hold more than it says', () => {
    const engine = [
      'otelcol_exporter_queue_size{data_type="traces",exporter="otlp_grpc/kept"} 0',
      'sluice_queue_disk_failing{data_type="traces",exporter="otlp_grpc/kept"} 1',
      'sluice_queue_unreadable_bytes_total{data_type="traces",exporter="otlp_grpc/kept"} 512',
    ];
    expect(taken(engine.join('\n')).exporters['otlp_grpc/kept']).toMatchObject({
      queueSize: 0,
      diskTrouble: 513,
      diskFailing: 1,
    });
  });

  it('is what is kept of what a backend rejected', () => {
    const engine = 'sluice_dead_letters_bytes{exporter="otlp_grpc/kept"} 4096';
    expect(taken(engine).exporters['otlp_grpc/kept']).toMatchObject({ deadLetterBytes: 4096 });
  });

  it('adds up what came in, and tells what the memory limiter refused', () => {
    const { intake, usage } = taken(COLLECTOR);
    expect(intake).toEqual({ traces: { accepted: 300, refused: 330, refusedByLimiter: 300 } });
    expect(usage).toEqual({
      cpuSeconds: 0.3,
      rssBytes: 92_897_280,
      heapBytes: 17_433_064,
      uptimeSeconds: 12.081967062,
    });
  });

  it('is the same with and without _total, units and scopes', () => {
    const typed = COLLECTOR.replace(/^(otelcol_\w+_(?:spans|seconds))(?=[{ ])/gm, '$1_total')
      .replace('otelcol_process_uptime ', 'otelcol_process_uptime_seconds_total ')
      .replace('memory_rss ', 'memory_rss_bytes ')
      .replaceAll('{exporter=', '{otel_scope_name="x",otel_scope_version="",exporter=');
    expect(typed).not.toEqual(COLLECTOR);
    expect(taken(typed)).toEqual(taken(COLLECTOR));
  });

  it('keeps figures apart by signal', () => {
    const { exporters, intake } = taken(
      'otelcol_exporter_sent_log_records{exporter="a"} 1\notelcol_receiver_refused_metric_points{receiver="otlp"} 2\n',
    );
    expect(exporters['a']?.sent).toBe(1);
    expect(intake.metrics?.refused).toBe(2);
  });

  it('understands names that a label must escape', () => {
    const { exporters } = taken('otelcol_exporter_sent_spans{exporter="a\\\\b\\"},c"} 3\n');
    expect(Object.keys(exporters)).toEqual(['a\\b"},c']);
  });
});

describe('what the metrics of a Fluent Bit say', () => {
  it('is read from what version 5.1.1 wrote', () => {
    const text = readFileSync(join(import.meta.dirname, 'recorded/fluent-bit-5.1.1-60s.txt'), 'utf8');
    const { fluentBit, usage } = taken(text);
    expect(usage.uptimeSeconds).toBe(59);
    expect(fluentBit?.outputs).toMatchObject({
      healthy: { sentRecords: 235_600, droppedRecords: 0, retries: 0, freePercent: 100 },
      dead: { sentRecords: 0, sentBytes: 0, droppedRecords: 234_706, retries: 118, errors: 0, retriesFailed: 0 },
    });
    expect(fluentBit?.inputs).toMatchObject({ dead: { bytes: 160_181_290, chunksDown: 1 } });
  });
});

describe('a text that is not what it should be', () => {
  it.each([
    ['<html>', 'line 1 does not begin with a name'],
    ['up 1\notelcol_process_cpu_seconds', 'line 2 is no sample'],
    ['otelcol_process_cpu_seconds 0x10', 'line 1 is no sample'],
    ['otelcol_process_cpu_seconds 1 2 3', 'line 1 is no sample'],
    ['otelcol_exporter_sent_spans{exporter="a} 1', 'line 1 is no sample'],
    ['otelcol_exporter_sent_spans{exporter=a} 1', 'line 1 is no sample'],
    ['a'.repeat(EXPOSITION_LIMITS.characters + 1), 'it is too long'],
    ['otelcol_process_uptime 1\n'.repeat(EXPOSITION_LIMITS.series + 1), 'it has too many series'],
  ])('%.40s… is not used at all', (text, problem) => {
    expect(takeSample(text, AT)).toEqual({ status: 'unreadable', problem });
  });

  it('does not throw, hang or take what is no number, whatever it is', () => {
    const piece = fc.constantFrom(
      'otelcol_exporter_sent_spans',
      '{',
      '}',
      'exporter=',
      '"',
      'a',
      '\\',
      ',',
      ' ',
      '1',
      'NaN',
      '\n',
      '+Inf',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 60 }), (pieces) => {
        const result = takeSample(pieces.join(''), AT);
        if (result.status === 'unreadable') return;
        for (const { sent } of Object.values(result.sample.exporters)) expect(Number.isFinite(sent)).toBe(true);
      }),
    );
  });

  it('is read back as it was written, whatever stands in labels', () => {
    const label = fc.string({ maxLength: 20 }).filter((text) => !/[\r]/.test(text));
    fc.assert(
      fc.property(label, fc.double({ noNaN: true, noDefaultInfinity: true }), (value, figure) => {
        const written = value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
        const read = readExposition(`a{x="1",l="${written}"} ${figure + 0}\n`, () => true);
        expect(read).toMatchObject({ status: 'read', series: [{ labels: { l: value }, value: figure + 0 }] });
      }),
    );
  });
});
