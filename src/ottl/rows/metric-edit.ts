/** For functions that make metrics into others: a metric as a whole, encoded, in the contexts metric and datapoint. */
import { tagOf, WIRE_TYPE } from '../../pdata/index.ts';
import type { Row } from '../row.ts';
import type { RowView } from './row-view.ts';

const METRICS = tagOf(2, WIRE_TYPE.lengthDelimited);
/** What a metric costs beside its bytes, so that a statement that copies the copies as well comes to an end soon. */
const METRIC_COST = 1024;

/** The content of the current Metric message, with all that statements did to it so far. */
export function metricContent(row: Row): Uint8Array {
  const { item } = row as RowView;
  item.settle();
  const { arena } = item;
  const from = arena.length;
  item.writeContent(arena);
  const content = arena.buffer.slice(from, arena.length);
  arena.truncate(from);
  return content;
}

/** Only in the context metric: rows of data points stand in what this replaces. */
export function replaceMetric(row: Row, content: Uint8Array): void {
  const { item } = row as RowView;
  const from = item.arena.length;
  item.arena.raw(content);
  item.rewrite(from);
}

/** Adds a metric to the scope of the current one. Its turn comes, as in the Collector, after those that are there. */
export function appendMetric(row: Row, content: Uint8Array): void {
  const { scopeHolder } = row as RowView;
  (row as RowView).spend(content.length + METRIC_COST);
  const field = scopeHolder.beginField(METRICS);
  scopeHolder.arena.raw(content);
  scopeHolder.endField(-1, METRICS, field);
}
