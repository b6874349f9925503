import type { TraceSummary } from '../api.ts';
import type { LogRow } from './log-view.ts';
import { groupSeries, type PointRow, type SeriesRows } from './metric-view.ts';
import type { InBatch } from './row-cache.ts';
import { type SpanRow, summariseTraces } from './trace-view.ts';
import { compareNanos } from './unix-nanos.ts';

export interface ViewerFilter {
  /** Part of a name, attribute or id, in any case. */
  readonly q?: string;
  readonly service?: string;
  readonly limit: number;
}

export interface SeriesFilter extends ViewerFilter {
  /** The whole name. */
  readonly name?: string;
}

export interface LogFilter extends ViewerFilter {
  readonly traceId?: string;
}

/** Traces with a span that matches, the newest first. */
export function findTraces(rows: readonly SpanRow[], filter: ViewerFilter): readonly TraceSummary[] {
  const needle = needleOf(filter);
  const matches = (row: SpanRow) =>
    (row.text.includes(needle) || row.traceId === needle || row.spanId === needle) && isOfService(row, filter);
  return summariseTraces(rows)
    .filter((trace) => trace.rows.some(matches))
    .map(({ summary }) => summary);
}

/** Series by name, service and attributes. */
export function findSeries(rows: readonly PointRow[], filter: SeriesFilter): readonly SeriesRows[] {
  const needle = needleOf(filter);
  return groupSeries(rows).filter(
    ({ series, text }) =>
      text.includes(needle) &&
      (filter.name === undefined || series.name === filter.name) &&
      isOfService(series, filter),
  );
}

/** Log records, the newest first; of those with equal times the one that came last. */
export function findLogs(rows: readonly InBatch<LogRow>[], filter: LogFilter): readonly InBatch<LogRow>[] {
  const needle = needleOf(filter);
  return rows
    .filter(
      ({ row }) =>
        isOfService(row, filter) &&
        (filter.traceId === undefined || row.traceId === filter.traceId) &&
        (row.text.includes(needle) || row.traceId === needle),
    )
    .sort(
      (a, b) =>
        compareNanos(b.row.time, a.row.time) || b.batch.sequence - a.batch.sequence || b.row.index - a.row.index,
    );
}

/** Names to choose from, each once. */
export function servicesOf(rows: readonly { readonly service: string }[]): readonly string[] {
  return [...new Set(rows.map((row) => row.service))].filter((name) => name !== '').sort();
}

function needleOf({ q = '' }: ViewerFilter): string {
  return q.toLowerCase();
}

function isOfService(row: { readonly service: string }, { service }: ViewerFilter): boolean {
  return service === undefined || row.service === service;
}
