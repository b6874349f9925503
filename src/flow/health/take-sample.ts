import type { Signal } from '../../pdata/index.ts';
import { readExposition, type Series } from './exposition.ts';
import type {
  ExporterFigures,
  FluentBitInputFigures,
  FluentBitOutputFigures,
  IntakeFigures,
  MetricsSample,
  ProcessFigures,
} from './metrics-sample.ts';

export type TakenSample =
  | { readonly status: 'taken'; readonly sample: MetricsSample }
  | { readonly status: 'unreadable'; readonly problem: string };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Draft {
  readonly exporters: Map<string, Mutable<ExporterFigures>>;
  readonly intake: Map<Signal, Mutable<IntakeFigures>>;
  readonly usage: Mutable<ProcessFigures>;
  readonly outputs: Map<string, Mutable<FluentBitOutputFigures>>;
  readonly inputs: Map<string, Mutable<FluentBitInputFigures>>;
}

type Take = (draft: Draft, series: Series) => void;

const ITEMS: readonly (readonly [noun: string, signal: Signal])[] = [
  ['spans', 'traces'],
  ['metric_points', 'metrics'],
  ['log_records', 'logs'],
];

/** By name without `_total`: a Collector writes it or not, depending on the settings of its reader. */
const TAKES: ReadonlyMap<string, Take> = new Map<string, Take>([
  ...ITEMS.flatMap(([noun, signal]): readonly (readonly [string, Take])[] => [
    [`otelcol_exporter_sent_${noun}`, ofExporter('sent')],
    [`otelcol_exporter_send_failed_${noun}`, ofExporter('sendFailed')],
    [`otelcol_exporter_enqueue_failed_${noun}`, ofExporter('enqueueFailed')],
    [`otelcol_receiver_accepted_${noun}`, ofIntake(signal, 'accepted')],
    [`otelcol_receiver_refused_${noun}`, ofIntake(signal, 'refused')],
    [`otelcol_processor_refused_${noun}`, ofLimiter(signal)],
  ]),
  ['otelcol_exporter_queue_size', ofExporter('queueSize')],
  ['otelcol_exporter_queue_capacity', ofExporter('queueCapacity')],
  ['sluice_queue_disk_failing', bothOf(ofExporter('diskTrouble'), ofExporter('diskFailing'))],
  ['sluice_queue_unreadable_bytes', ofExporter('diskTrouble')],
  ['sluice_dead_letters_bytes', ofExporter('deadLetterBytes')],
  ['otelcol_process_cpu_seconds', ofProcess('cpuSeconds')],
  ['otelcol_process_memory_rss', ofProcess('rssBytes')],
  ['otelcol_process_memory_rss_bytes', ofProcess('rssBytes')],
  ['otelcol_process_runtime_heap_alloc_bytes', ofProcess('heapBytes')],
  ['otelcol_process_uptime', ofProcess('uptimeSeconds')],
  ['otelcol_process_uptime_seconds', ofProcess('uptimeSeconds')],
  ['fluentbit_uptime', ofProcess('uptimeSeconds')],
  ['fluentbit_output_proc_records', ofOutput('sentRecords')],
  ['fluentbit_output_proc_bytes', ofOutput('sentBytes')],
  ['fluentbit_output_dropped_records', ofOutput('droppedRecords')],
  ['fluentbit_output_retries', ofOutput('retries')],
  ['fluentbit_output_retries_failed', ofOutput('retriesFailed')],
  ['fluentbit_output_errors', ofOutput('errors')],
  ['fluentbit_output_chunk_available_capacity_percent', ofOutput('freePercent')],
  ['fluentbit_input_bytes', ofInput('bytes')],
  ['fluentbit_input_storage_chunks_down', ofInput('chunksDown')],
]);

/** Reads the metrics of a Collector, of the engine or of a Fluent Bit. */
export function takeSample(text: string, atMs: number): TakenSample {
  const read = readExposition(text, (name) => TAKES.has(plainName(name)));
  if (read.status === 'unreadable') return read;
  const draft: Draft = {
    exporters: new Map(),
    intake: new Map(),
    usage: { cpuSeconds: 0, rssBytes: 0, heapBytes: 0 },
    outputs: new Map(),
    inputs: new Map(),
  };
  // What is no number says nothing: it is left at 0, as if the series were not there.
  for (const series of read.series) {
    if (Number.isFinite(series.value)) TAKES.get(plainName(series.name))!(draft, series);
  }
  return { status: 'taken', sample: finish(draft, atMs) };
}

function finish({ exporters, intake, usage, outputs, inputs }: Draft, atMs: number): MetricsSample {
  const isFluentBit = outputs.size > 0 || inputs.size > 0;
  return {
    atMs,
    exporters: Object.fromEntries(exporters),
    intake: Object.fromEntries(intake),
    usage,
    ...(isFluentBit ? { fluentBit: { outputs: Object.fromEntries(outputs), inputs: Object.fromEntries(inputs) } } : {}),
  };
}

function plainName(name: string): string {
  return name.endsWith('_total') ? name.slice(0, -'_total'.length) : name;
}

/** Several series of one exporter, such as one for each kind of error, add up. */
function ofExporter(field: keyof ExporterFigures): Take {
  return ({ exporters }, { labels, value }) => {
    const figures = entryOf(
      exporters,
      labels['exporter'],
      (): Mutable<ExporterFigures> => ({
        sent: 0,
        sendFailed: 0,
        enqueueFailed: 0,
        queueSize: 0,
        queueCapacity: 0,
      }),
    );
    if (figures !== undefined) figures[field] = (figures[field] ?? 0) + value;
  };
}

function bothOf(one: Take, other: Take): Take {
  return (draft, series) => {
    one(draft, series);
    other(draft, series);
  };
}

function ofIntake(signal: Signal, field: keyof IntakeFigures): Take {
  return ({ intake }, { value }) => {
    const figures = entryOf(intake, signal, () => ({ accepted: 0, refused: 0, refusedByLimiter: 0 }))!;
    figures[field] += value;
  };
}

function ofLimiter(signal: Signal): Take {
  const add = ofIntake(signal, 'refusedByLimiter');
  return (draft, series) => {
    if (/^memory_limiter(\/|$)/.test(series.labels['processor'] ?? '')) add(draft, series);
  };
}

function ofProcess(field: keyof ProcessFigures): Take {
  return ({ usage }, { value }) => {
    usage[field] = value;
  };
}

function ofOutput(field: keyof FluentBitOutputFigures): Take {
  return ({ outputs }, { labels, value }) => {
    const figures = entryOf(
      outputs,
      labels['name'],
      (): Mutable<FluentBitOutputFigures> => ({
        sentRecords: 0,
        sentBytes: 0,
        droppedRecords: 0,
        retries: 0,
        retriesFailed: 0,
        errors: 0,
      }),
    );
    if (figures !== undefined) figures[field] = value;
  };
}

function ofInput(field: keyof FluentBitInputFigures): Take {
  return ({ inputs }, { labels, value }) => {
    const figures = entryOf(inputs, labels['name'], () => ({ bytes: 0, chunksDown: 0 }));
    if (figures !== undefined) figures[field] = value;
  };
}

function entryOf<K, V>(map: Map<K, V>, key: K | undefined, make: () => V): V | undefined {
  if (key === undefined) return undefined;
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
