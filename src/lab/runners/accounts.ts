import type { Backend, RunPlan } from '../run.ts';
import type { SinkProcess } from './load-process.ts';
import { pipelineKey } from './manifests.ts';
import type { NamedSettings } from './named-settings.ts';
import type { SelfMetrics } from './self-metrics.ts';
import type { SenderProgress } from './senders.ts';

/** What one pipeline was given and what became of it, in items of the measurement. */
export interface PipelineAccount {
  readonly backend: Backend;
  /** By senders, acknowledged and sent in all; what waited from before counts in both. */
  readonly acknowledged: number;
  readonly offered: number;
  /** Different items that the backend has. */
  readonly delivered: number;
  /** Items that the backend named in partial successes. */
  readonly rejectedInPart: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly queued: QueuedItems;
}

export interface QueuedItems {
  readonly items: number;
  /** Counted by the program itself; otherwise estimated from bytes or batches. */
  readonly exact: boolean;
}

export interface Counted {
  readonly sent: readonly SenderProgress[];
  readonly sinks: ReadonlyMap<string, SinkProcess>;
  readonly settings: NamedSettings;
  /** What the processes said when the measurement began, and at its end. */
  readonly before: readonly SelfMetrics[];
  readonly metrics: readonly SelfMetrics[];
}

export function accountsOf(plan: RunPlan, counted: Counted): Promise<readonly PipelineAccount[]> {
  return Promise.all(plan.backends.map((backend) => accountOf(backend, counted)));
}

async function accountOf(
  backend: Backend,
  { sent, sinks, settings, before, metrics }: Counted,
): Promise<PipelineAccount> {
  const stats = (await sinks.get(backend.name)!.stats()).signals[backend.signal];
  const senders = sent.filter(({ signal }) => signal === backend.signal);
  const sum = (count: (report: SenderProgress['report']) => number) =>
    senders.reduce((total, { report }) => total + count(report), 0);
  const bytesPerItem =
    sum(({ bytes }) => bytes) /
    Math.max(
      1,
      sum((report) => report.sent),
    );
  const [atStart, atEnd] = [sumFigures(before, backend), sumFigures(metrics, backend)];
  const waited = queuedItems(atStart, settings, bytesPerItem);
  const queued = queuedItems(atEnd, settings, bytesPerItem);
  const dropped = Object.entries(atEnd.dropped).map(
    ([cause, items]) => [cause, items - (atStart.dropped[cause] ?? 0)] as const,
  );
  return {
    backend,
    acknowledged: acknowledgedItems(sent, backend) + waited.items,
    offered: sum((report) => report.sent) + waited.items,
    delivered: stats.unique,
    rejectedInPart: stats.rejected,
    dropped: Object.fromEntries(dropped.filter(([, items]) => items > 0)),
    queued: { items: queued.items, exact: queued.exact && waited.exact },
  };
}

/** What senders of the backend's signal were told is taken. */
export function acknowledgedItems(sent: readonly SenderProgress[], { signal }: Backend): number {
  return sent.filter((one) => one.signal === signal).reduce((sum, { report }) => sum + report.accepted, 0);
}

export interface SummedFigures {
  readonly dropped: Readonly<Record<string, number>>;
  readonly queueSize: number;
  readonly queuedItems: number | undefined;
}

/** Sums of what processes said of one pipeline. */
export function sumFigures(metrics: readonly SelfMetrics[], backend: Backend): SummedFigures {
  const figures = metrics.map((one) => one[pipelineKey(backend)]).filter((one) => one !== undefined);
  const dropped: Record<string, number> = {};
  for (const one of figures)
    for (const [cause, items] of Object.entries(one.dropped)) dropped[cause] = (dropped[cause] ?? 0) + items;
  return {
    dropped,
    queueSize: figures.reduce((sum, { queueSize }) => sum + queueSize, 0),
    queuedItems: figures.every(({ queuedItems }) => queuedItems !== undefined)
      ? figures.reduce((sum, { queuedItems }) => sum + queuedItems!, 0)
      : undefined,
  };
}

/** Batches of the settings that count them are full under load. */
const UPSTREAM_BATCH_ITEMS = 512;

function queuedItems(
  { queueSize, queuedItems: items }: SummedFigures,
  settings: NamedSettings,
  bytesPerItem: number,
): QueuedItems {
  if (items !== undefined) return { items, exact: true };
  if (queueSize === 0) return { items: 0, exact: true };
  const estimate = settings.countsBatches ? queueSize * UPSTREAM_BATCH_ITEMS : queueSize / bytesPerItem;
  return { items: Math.round(estimate), exact: false };
}
