/** For functions that make metrics into others: a metric as a whole, encoded, in the contexts metric and datapoint. */
import { tagOf, WIRE_TYPE } from '../../pdata/index.ts';
import { EvaluationError } from '../function.ts';
import type { Row } from '../row.ts';
import type { RowView } from './row-view.ts';

const METRICS = tagOf(2, WIRE_TYPE.lengthDelimited);
/** A statement that copies the copies as well would never come to an end. */
const MAX_METRICS_IN_SCOPE = 100_000;

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
  if (scopeHolder.count >= MAX_METRICS_IN_SCOPE) {
    throw new EvaluationError(`the scope has ${MAX_METRICS_IN_SCOPE} metrics: is what a statement adds adding more?`);
  }
  const field = scopeHolder.beginField(METRICS);
  scopeHolder.arena.raw(content);
  scopeHolder.endField(-1, METRICS, field);
}
