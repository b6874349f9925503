import type { HistogramDataPoint, Metric, MetricsData, NumberDataPoint, Sum } from '../../otlp/index.ts';
import type { MetricSeries } from '../api.ts';
import { attributeDocuments, searchText, serviceName } from './attributes.ts';
import { compareNanos, formatNanos, parseNanos } from './unix-nanos.ts';

/** Of the five kinds of points, what is read here. */
type Point = Pick<
  NumberDataPoint & HistogramDataPoint,
  'attributes' | 'timeUnixNano' | 'asDouble' | 'asInt' | 'count' | 'sum'
>;
type Points = Pick<Sum, 'aggregationTemporality' | 'isMonotonic'> & { readonly dataPoints?: readonly Point[] };

const METRIC_TYPES = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;
const TEMPORALITIES = [undefined, 'delta', 'cumulative'] as const;

/** One data point and the series it belongs to. */
export interface PointRow {
  /** Same for all points of a series. */
  readonly key: string;
  readonly series: Omit<MetricSeries, 'points'>;
  readonly time: bigint;
  readonly value: Omit<MetricSeries['points'][number], 'time'>;
  /** Lower case. */
  readonly text: string;
}

export interface SeriesRows {
  /** Description of the newest point: senders may change it. */
  readonly series: PointRow['series'];
  readonly rows: readonly PointRow[];
  readonly text: string;
}

export function pointRows(decoded: MetricsData): readonly PointRow[] {
  const rows: PointRow[] = [];
  for (const { resource, scopeMetrics } of decoded.resourceMetrics ?? []) {
    const resourceAttributes = attributeDocuments(resource.attributes);
    const service = serviceName(resourceAttributes);
    const resourceText = searchText(resourceAttributes);
    for (const { metrics } of scopeMetrics ?? []) {
      for (const metric of metrics ?? []) rows.push(...metricRows(metric, service, resourceText));
    }
  }
  return rows;
}

/** Series by name, service and attributes. */
export function groupSeries(rows: Iterable<PointRow>): readonly SeriesRows[] {
  return [...Map.groupBy(rows, (row) => row.key).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => {
      const newest = own[own.length - 1];
      return { series: newest.series, rows: own, text: newest.text };
    });
}

export function seriesDocument({ series, rows }: SeriesRows, pointLimit: number): MetricSeries {
  const points = rows
    .toSorted((a, b) => compareNanos(a.time, b.time))
    .slice(-pointLimit)
    .map((row) => ({ time: formatNanos(row.time), ...row.value }));
  return { ...series, points };
}

function metricRows(metric: Metric, service: string, resourceText: string): readonly PointRow[] {
  return METRIC_TYPES.flatMap((type) => {
    const data: Points | undefined = metric[type];
    return (data?.dataPoints ?? []).map((point) =>
      pointRow(metric, { type, data: data ?? {}, point, service, resourceText }),
    );
  });
}

function pointRow(
  metric: Metric,
  context: {
    readonly type: MetricSeries['type'];
    readonly data: Points;
    readonly point: Point;
    readonly service: string;
    readonly resourceText: string;
  },
): PointRow {
  const { type, data, point, service, resourceText } = context;
  const attributes = attributeDocuments(point.attributes).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const name = metric.name ?? '';
  const temporality = TEMPORALITIES[data.aggregationTemporality ?? 0];
  return {
    key: JSON.stringify([name, service, type, attributes.map(({ key, value }) => [key, value])]),
    series: {
      name,
      description: metric.description ?? '',
      unit: metric.unit ?? '',
      type,
      ...(temporality === undefined ? {} : { temporality }),
      ...(type === 'sum' ? { monotonic: data.isMonotonic ?? false } : {}),
      service,
      attributes,
    },
    time: parseNanos(point.timeUnixNano),
    value: pointValue(type, point),
    text: `${name.toLowerCase()}\n${searchText(attributes)}\n${resourceText}`,
  };
}

function pointValue(type: MetricSeries['type'], point: Point): PointRow['value'] {
  if (type === 'gauge' || type === 'sum') return { value: finiteNumber(point.asDouble ?? point.asInt) };
  const sum = finiteNumber(point.sum);
  return { value: null, count: String(point.count ?? 0), ...(sum === null ? {} : { sum }) };
}

/** JSON has no NaN and no infinity; a plot has no place for them either. */
function finiteNumber(value: number | string | undefined): number | null {
  const number = value === undefined ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : null;
}
