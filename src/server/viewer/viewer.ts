/**
 * The in-memory viewer behind the Explore pages.
 *
 * - Adding is cheap: wire bytes are kept as they came, and nothing is decoded until somebody asks.
 * - Memory is bounded: by items and bytes for what is kept; what queries derive from it is kept only while somebody
 *   looks, and is bounded by what it was derived from.
 * - It is a viewer, not a backend: no queries beyond a filter, and the oldest goes first.
 */
import type { Clock, Timer } from '../../lib/index.ts';
import { decodeToObject } from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type {
  LogDocument,
  LogListDocument,
  MetricListDocument,
  TraceDocument,
  TraceListDocument,
  ViewerRetention,
} from '../api.ts';
import { type Batch, BatchStore } from './batch-store.ts';
import { type LogRow, logDocuments, logRows } from './log-view.ts';
import { groupSeries, type PointRow, pointRows, type SeriesRows, seriesDocument } from './metric-view.ts';
import { buildTrace, type SpanRow, spanRows, summariseTraces } from './trace-view.ts';
import { compareNanos } from './unix-nanos.ts';

export interface ViewerLimits {
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
  readonly bytes: number;
}

const defaultViewerLimits: ViewerLimits = {
  spans: 10_000,
  logs: 10_000,
  points: 50_000,
  bytes: 64 * 1024 * 1024,
};

export interface ViewerFilter {
  /** Part of a name, attribute or id, in any case. */
  readonly q?: string;
  readonly service?: string;
  readonly limit: number;
}

export interface Viewer {
  /** Takes over `bytes`, an ExportXServiceRequest whose structure has been validated. */
  add(signal: Signal, bytes: Uint8Array, itemCount: number): void;
  retention(signal: Signal): ViewerRetention;
  /** Items that were kept once and made room, or were too many at once. */
  evicted(signal: Signal): number;
  traces(filter: ViewerFilter): TraceListDocument;
  trace(traceId: string): TraceDocument | undefined;
  metrics(filter: ViewerFilter & { readonly name?: string; readonly points: number }): MetricListDocument;
  logs(filter: ViewerFilter & { readonly traceId?: string }): LogListDocument;
  clear(): void;
}

/** Rows derived from batches are dropped this long after the last query. */
const ROWS_KEPT_MS = 60_000;

export function createViewer(deps: { readonly clock: Clock; readonly limits?: ViewerLimits }): Viewer {
  const { clock, limits = defaultViewerLimits } = deps;
  const store = new BatchStore({
    items: { traces: limits.spans, metrics: limits.points, logs: limits.logs },
    bytes: limits.bytes,
  });
  const spans = createRowCache(store, 'traces', (batch) => spanRows(decodeToObject('traces', batch.bytes)));
  const points = createRowCache(store, 'metrics', (batch) => pointRows(decodeToObject('metrics', batch.bytes)));
  const logs = createRowCache(store, 'logs', (batch) => logRows(decodeToObject('logs', batch.bytes), batch.receivedMs));
  let expiry: Timer | undefined;

  const query = <T>(run: () => T): T => {
    expiry?.cancel();
    expiry = clock.after(ROWS_KEPT_MS, () => {
      spans.clear();
      points.clear();
      logs.clear();
    });
    return run();
  };
  const retention = (signal: Signal): ViewerRetention => {
    const oldest = store.oldest(signal);
    return {
      kept: store.itemCount(signal),
      capacity: { traces: limits.spans, metrics: limits.points, logs: limits.logs }[signal],
      oldest: oldest === undefined ? null : new Date(oldest.receivedMs).toISOString(),
    };
  };

  return {
    add: (signal, bytes, itemCount) => store.add(signal, compact(bytes), itemCount, clock.nowMs()),
    retention,
    evicted: (signal) => store.evicted[signal],
    traces: (filter) =>
      query(() => {
        const needle = filter.q?.toLowerCase() ?? '';
        const found = summariseTraces(spans.rows().map(({ row }) => row)).filter(({ rows }) =>
          rows.some((row) => matchesSpan(row, needle) && matchesService(row, filter.service)),
        );
        const items = found.slice(0, filter.limit).map(({ summary }) => summary);
        return {
          retention: retention('traces'),
          total: found.length,
          services: servicesOf(spans.rows().map(({ row }) => row)),
          items,
        };
      }),
    trace: (traceId) =>
      query(() => {
        const batches = new Set(
          spans
            .rows()
            .filter(({ row }) => row.traceId === traceId)
            .map(({ batch }) => batch),
        );
        return buildTrace(
          traceId,
          [...batches].map((batch) => decodeToObject('traces', batch.bytes)),
        );
      }),
    metrics: (filter) =>
      query(() => {
        const needle = filter.q?.toLowerCase() ?? '';
        const all = groupSeries(points.rows().map(({ row }) => row));
        const found = all.filter(
          (candidate) =>
            matchesSeries(candidate, needle, filter.name) && matchesService(candidate.series, filter.service),
        );
        const items = found.slice(0, filter.limit).map((series) => seriesDocument(series, filter.points));
        return {
          retention: retention('metrics'),
          total: found.length,
          services: servicesOf(all.map(({ series }) => series)),
          items,
        };
      }),
    logs: (filter) =>
      query(() => {
        const needle = filter.q?.toLowerCase() ?? '';
        const found = logs
          .rows()
          .filter(
            ({ row }) =>
              matchesService(row, filter.service) &&
              (filter.traceId === undefined || row.traceId === filter.traceId) &&
              (row.text.includes(needle) || row.traceId === needle),
          );
        const newest = found
          .toSorted(
            (a, b) =>
              compareNanos(b.row.time, a.row.time) || b.batch.sequence - a.batch.sequence || b.row.index - a.row.index,
          )
          .slice(0, filter.limit);
        return {
          retention: retention('logs'),
          total: found.length,
          services: servicesOf(logs.rows().map(({ row }) => row)),
          items: materialise(newest),
        };
      }),
    clear: () => store.clear(),
  };
}

/** A slice of a much larger buffer would keep all of it alive, and the byte bound would not be one. */
function compact(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength * 2 < bytes.buffer.byteLength ? bytes.slice() : bytes;
}

/** Decodes every batch that is needed once, whatever number of its records is shown. */
function materialise(rows: readonly InBatch<LogRow>[]): readonly LogDocument[] {
  const decoded = new Map<Batch, readonly LogDocument[]>();
  return rows.map(({ batch, row }) => {
    const documents = decoded.get(batch) ?? logDocuments(decodeToObject('logs', batch.bytes), batch.receivedMs);
    decoded.set(batch, documents);
    return documents[row.index];
  });
}

function matchesSpan(row: SpanRow, needle: string): boolean {
  return row.text.includes(needle) || row.traceId === needle || row.spanId === needle;
}

function servicesOf(rows: readonly { readonly service: string }[]): readonly string[] {
  return [...new Set(rows.map((row) => row.service))].filter((name) => name !== '').sort();
}

function matchesService(row: { readonly service: string }, service: string | undefined): boolean {
  return service === undefined || row.service === service;
}

function matchesSeries({ series, text }: SeriesRows, needle: string, name: string | undefined): boolean {
  return text.includes(needle) && (name === undefined || series.name === name);
}

interface InBatch<Row> {
  readonly batch: Batch;
  readonly row: Row;
}

interface RowCache<Row> {
  /** Rows of all batches of the signal, oldest batch first. */
  rows(): readonly InBatch<Row>[];
  clear(): void;
}

/** Decodes each batch once between two calls of `clear`; forgets rows whose batch has left the store. */
function createRowCache<Row extends SpanRow | PointRow | LogRow>(
  store: BatchStore,
  signal: Signal,
  decode: (batch: Batch) => readonly Row[],
): RowCache<Row> {
  let byBatch = new Map<Batch, readonly InBatch<Row>[]>();
  let all: readonly InBatch<Row>[] = [];
  let version: string | undefined;
  return {
    rows() {
      if (version === store.version(signal)) return all;
      const kept = new Map<Batch, readonly InBatch<Row>[]>();
      for (const batch of store.batches(signal)) {
        kept.set(batch, byBatch.get(batch) ?? decode(batch).map((row) => ({ batch, row })));
      }
      byBatch = kept;
      all = [...kept.values()].flat();
      version = store.version(signal);
      return all;
    },
    clear() {
      byBatch = new Map();
      all = [];
      version = undefined;
    },
  };
}
