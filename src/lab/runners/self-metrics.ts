import { readExposition, type Series } from '../../flow/index.ts';
import { pipelineOfExporter } from './collector-config.ts';

/** What one process says of one pipeline, since it began. */
export interface PipelineFigures {
  /** Items lost, by cause. */
  readonly dropped: Readonly<Record<string, number>>;
  /** In the unit of the queue. */
  readonly queueSize: number;
  /** Items held; undefined where the program counts bytes or requests alone. */
  readonly queuedItems: number | undefined;
}

/** By key of the pipeline: `tracepipeline-healthy`. */
export type SelfMetrics = Readonly<Record<string, PipelineFigures>>;

interface Draft {
  readonly dropped: Record<string, number>;
  queueSize: number;
  queuedItems: number | undefined;
}

const ITEMS = '(?:spans|metric_points|log_records)';
const NAMES =
  /^(?:otelcol_exporter_(?:queue_size|(?:enqueue|send)_failed_(?:spans|metric_points|log_records))|sluice_pipeline_items_(?:dropped|queued))(?:_total)?$/;
const ENQUEUE_FAILED = new RegExp(`^otelcol_exporter_enqueue_failed_${ITEMS}`);
const SEND_FAILED = new RegExp(`^otelcol_exporter_send_failed_${ITEMS}`);

/** Undefined when the process does not answer. */
export async function readSelfMetrics(port: number, host = '127.0.0.1'): Promise<SelfMetrics | undefined> {
  try {
    const answer = await fetch(`http://${host}:${port}/metrics`, { signal: AbortSignal.timeout(2000) });
    return parseSelfMetrics(await answer.text());
  } catch {
    return undefined;
  }
}

/**
 * The engine tells causes, and items that it holds; of the Collector's counters the cause is what the name says: a full queue,
 * or sending that was given up. Throws when the text is no exposition.
 */
export function parseSelfMetrics(text: string): SelfMetrics {
  const read = readExposition(text, (name) => NAMES.test(name));
  if (read.status === 'unreadable') throw new Error(`the metrics of a gateway cannot be read: ${read.problem}`);
  const isEngine = read.series.some(({ name }) => name.startsWith('sluice_pipeline_'));
  const drafts: Record<string, Draft> = {};
  for (const series of read.series) take(drafts, series, isEngine);
  return drafts;
}

function take(drafts: Record<string, Draft>, { name, labels, value }: Series, isEngine: boolean): void {
  const key = pipelineOfExporter(labels['exporter'] ?? labels['pipeline'] ?? '');
  if (key === undefined || !Number.isFinite(value)) return;
  drafts[key] ??= { dropped: {}, queueSize: 0, queuedItems: undefined };
  const draft = drafts[key];
  if (name.startsWith('otelcol_exporter_queue_size')) draft.queueSize += value;
  else if (name.startsWith('sluice_pipeline_items_queued')) draft.queuedItems = (draft.queuedItems ?? 0) + value;
  else {
    const cause = causeOf(name, labels, isEngine);
    if (cause !== undefined && value > 0) draft.dropped[cause] = (draft.dropped[cause] ?? 0) + value;
  }
}

function causeOf(name: string, labels: Readonly<Record<string, string>>, isEngine: boolean): string | undefined {
  if (name.startsWith('sluice_pipeline_')) return labels['cause'];
  // The engine counts these under the Collector's names too; its causes say more.
  if (isEngine) return undefined;
  if (ENQUEUE_FAILED.test(name)) return 'queue_full';
  return SEND_FAILED.test(name) ? 'given_up' : undefined;
}
