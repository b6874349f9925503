import type { FunctionSpec } from '../../function.ts';
import type { MessageView } from '../../rows/message-view.ts';
import type { RowView } from '../../rows/row-view.ts';
import { parameters } from '../argument.ts';
import { decodeFields, encodeFields } from './codec.ts';
import { readMetric } from './metric.ts';
import type { HistogramPoint } from './points.ts';

/** Bounds this close are the same. */
const EPSILON = 1e-12;

export const MERGE_HISTOGRAM_BUCKETS: FunctionSpec = {
  name: 'merge_histogram_buckets',
  parameters: parameters(['bound', 'float']),
  contexts: ['datapoint'],
  doc: 'Removes a bound of a histogram, so that the two buckets beside it become one.',
  example: 'merge_histogram_buckets(0.25)',
  create([bound]) {
    return (row) => {
      if (readMetric(row).kind !== 'histogram') return undefined;
      // The rows that reach a function are RowViews: only the rows module makes any.
      const { point } = row as RowView;
      const merged = withoutBound(
        decodeFields<HistogramPoint>('HistogramDataPoint', contentOf(point)),
        bound as number,
      );
      if (merged === undefined) return undefined;
      const from = point.arena.length;
      point.arena.raw(encodeFields('HistogramDataPoint', merged));
      point.rewrite(from);
      return undefined;
    };
  },
};

function withoutBound(point: HistogramPoint, bound: number): HistogramPoint | undefined {
  const { explicitBounds, bucketCounts } = point;
  if (explicitBounds.length + 1 !== bucketCounts.length) return undefined;
  const at = explicitBounds.findIndex((one) => Math.abs(one - bound) < EPSILON);
  if (at < 0) return undefined;
  const sum = BigInt.asUintN(64, bucketCounts[at]! + bucketCounts[at + 1]!);
  return {
    ...point,
    explicitBounds: explicitBounds.toSpliced(at, 1),
    bucketCounts: bucketCounts.toSpliced(at, 2, sum),
  };
}

function contentOf(view: MessageView): Uint8Array {
  view.settle();
  const { arena } = view;
  const from = arena.length;
  view.writeContent(arena);
  const content = arena.buffer.slice(from, arena.length);
  arena.truncate(from);
  return content;
}
