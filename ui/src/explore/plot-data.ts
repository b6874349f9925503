import type { MetricSeries } from '../../../src/server/api.ts';

/** How the points of a series become a line. */
export type PlotView = 'value' | 'rate' | 'average' | 'count';

export interface PlotData {
  /** Seconds since the epoch, ascending. */
  readonly times: readonly number[];
  /** Null where there is nothing to draw. */
  readonly values: readonly (number | null)[];
}

/** The views a series has, the best one first. */
export function viewsOf(series: Pick<MetricSeries, 'type' | 'monotonic' | 'temporality'>): readonly PlotView[] {
  switch (series.type) {
    case 'gauge':
      return ['value'];
    case 'sum':
      return series.monotonic === true ? ['value', 'rate'] : ['value'];
    default:
      return ['average', 'count', 'rate'];
  }
}

/** Points as one line; several points of one moment stay in their order. */
export function plotData(series: MetricSeries, view: PlotView): PlotData {
  const points = series.points.map((point) => ({ ...point, at: Date.parse(point.time) / 1000 }));
  const isDelta = series.temporality === 'delta';
  const values = points.map((point, index) => valueAt(view, { point, before: points[index - 1], isDelta }));
  return { times: points.map((point) => point.at), values };
}

interface Point {
  readonly at: number;
  readonly value: number | null;
  readonly count?: string;
  readonly sum?: number;
}

interface Step {
  readonly point: Point;
  readonly before: Point | undefined;
  readonly isDelta: boolean;
}

function valueAt(view: PlotView, { point, before, isDelta }: Step): number | null {
  switch (view) {
    case 'value':
      return point.value;
    case 'count':
      return countOf(point);
    case 'average':
      return average(point, isDelta ? undefined : before);
    case 'rate':
      return rate(point, before, isDelta);
  }
}

function countOf(point: Point): number | null {
  return point.count === undefined ? point.value : Number(point.count);
}

/** Mean of what came since the point before, or of everything when the counter began anew. */
function average(point: Point, before: Point | undefined): number | null {
  if (point.sum === undefined) return null;
  const count = Number(point.count ?? 0);
  const newCount = count - Number(before?.count ?? 0);
  if (before?.sum !== undefined && newCount > 0) return (point.sum - before.sum) / newCount;
  return count === 0 ? null : point.sum / count;
}

/** Per second since the point before; a counter that fell began anew. */
function rate(point: Point, before: Point | undefined, isDelta: boolean): number | null {
  if (before === undefined || point.at <= before.at) return null;
  const now = countOf(point);
  const then = countOf(before);
  if (now === null || then === null) return null;
  const increase = isDelta ? now : now >= then ? now - then : now;
  return increase / (point.at - before.at);
}
