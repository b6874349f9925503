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
import { compactBytes, type Signal } from '../../pdata/index.ts';
import type {
  LogDocument,
  LogListDocument,
  MetricListDocument,
  TraceDocument,
  TraceListDocument,
  ViewerRetention,
} from '../api.ts';
import { type Batch, BatchStore } from './batch-store.ts';
import {
  findLogs,
  findSeries,
  findTraces,
  type LogFilter,
  type SeriesFilter,
  servicesOf,
  type ViewerFilter,
} from './filter.ts';
import { type LogRow, logDocuments, logRows } from './log-view.ts';
import { pointRows, seriesDocument } from './metric-view.ts';
import { createNewestTimes, type NewestTime } from './newest-time.ts';
import { createRowCache, type InBatch } from './row-cache.ts';
import { buildTrace, spanRows } from './trace-view.ts';

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

export interface Viewer {
  /** Takes over `bytes`, an ExportXServiceRequest whose structure has been validated. */
  add(signal: Signal, bytes: Uint8Array, itemCount: number): void;
  retention(signal: Signal): ViewerRetention;
  /** Items that were kept once and made room, or were too many at once. */
  evicted(signal: Signal): number;
  /** The newest requests that hold at least `count` items together, where there are so many; the newest last. */
  newest(signal: Signal, count: number): readonly Uint8Array[];
  /** For telling a sender's clock from ours. */
  newestTime(signal: Signal): NewestTime | undefined;
  traces(filter: ViewerFilter): TraceListDocument;
  trace(traceId: string): TraceDocument | undefined;
  metrics(filter: SeriesFilter & { readonly points: number }): MetricListDocument;
  logs(filter: LogFilter): LogListDocument;
  clear(): void;
}

/** Rows derived from batches are dropped this long after the last query. */
const ROWS_KEPT_MS = 60_000;

export function createViewer(deps: { readonly clock: Clock; readonly limits?: ViewerLimits }): Viewer {
  const { clock, limits = defaultViewerLimits } = deps;
  const capacity = { traces: limits.spans, metrics: limits.points, logs: limits.logs };
  const store = new BatchStore({ items: capacity, bytes: limits.bytes });
  const spans = createRowCache(store, 'traces', (batch) => spanRows(decodeToObject('traces', batch.bytes)));
  const points = createRowCache(store, 'metrics', (batch) => pointRows(decodeToObject('metrics', batch.bytes)));
  const logs = createRowCache(store, 'logs', (batch) => logRows(decodeToObject('logs', batch.bytes), batch.receivedMs));
  let expiry: Timer | undefined;

  const keepRows = (): void => {
    expiry?.cancel();
    expiry = clock.after(ROWS_KEPT_MS, () => {
      spans.clear();
      points.clear();
      logs.clear();
    });
  };
  const retention = (signal: Signal): ViewerRetention => {
    const oldest = store.oldest(signal);
    return {
      kept: store.itemCount(signal),
      capacity: capacity[signal],
      oldest: oldest === undefined ? null : new Date(oldest.receivedMs).toISOString(),
    };
  };

  return {
    add: (signal, bytes, itemCount) => store.add(signal, compactBytes(bytes), itemCount, clock.nowMs()),
    retention,
    evicted: (signal) => store.evicted[signal],
    newest: (signal, count) => newestRequests(store, signal, count),
    newestTime: createNewestTimes(store),
    traces(filter) {
      keepRows();
      const rows = spans.rows().map(({ row }) => row);
      const found = findTraces(rows, filter);
      return {
        retention: retention('traces'),
        total: found.length,
        services: servicesOf(rows),
        items: found.slice(0, filter.limit),
      };
    },
    trace(traceId) {
      keepRows();
      const own = spans.rows().filter(({ row }) => row.traceId === traceId);
      const batches = new Set(own.map(({ batch }) => batch));
      return buildTrace(
        traceId,
        [...batches].map((batch) => decodeToObject('traces', batch.bytes)),
      );
    },
    metrics(filter) {
      keepRows();
      const rows = points.rows().map(({ row }) => row);
      const found = findSeries(rows, filter);
      return {
        retention: retention('metrics'),
        total: found.length,
        services: servicesOf(rows.map(({ series }) => series)),
        items: found.slice(0, filter.limit).map((series) => seriesDocument(series, filter.points)),
      };
    },
    logs(filter) {
      keepRows();
      const found = findLogs(logs.rows(), filter);
      return {
        retention: retention('logs'),
        total: found.length,
        services: servicesOf(logs.rows().map(({ row }) => row)),
        items: materialise(found.slice(0, filter.limit)),
      };
    },
    clear: () => store.clear(),
  };
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

function newestRequests(store: BatchStore, signal: Signal, count: number): readonly Uint8Array[] {
  const requests: Uint8Array[] = [];
  let items = 0;
  // A request holds at least one item.
  for (const { bytes, itemCount } of store.newest(signal, count).toReversed()) {
    if (items >= count) break;
    requests.unshift(bytes);
    items += itemCount;
  }
  return requests;
}
