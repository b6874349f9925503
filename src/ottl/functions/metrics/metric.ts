import type { MessageName } from '../../../pdata/index.ts';
import type { Row } from '../../row.ts';
import * as rows from '../../rows/index.ts';
import { decodeFields, encodeFields } from './codec.ts';

export const METRIC_KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;
export type MetricKind = (typeof METRIC_KINDS)[number];

/** As the Collector names them. */
export const KIND_NAMES: Readonly<Record<MetricKind, string>> = {
  gauge: 'Gauge',
  sum: 'Sum',
  histogram: 'Histogram',
  exponentialHistogram: 'ExponentialHistogram',
  summary: 'Summary',
};

export const TEMPORALITY = { unspecified: 0, delta: 1, cumulative: 2 } as const;

/** A metric taken apart down to its data points, which stay bytes. */
export interface Metric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** KeyValues. */
  readonly metadata: readonly Uint8Array[];
  /** Absent for a metric without data. */
  readonly kind: MetricKind | undefined;
  readonly temporality: number;
  readonly monotonic: boolean;
  readonly points: readonly Uint8Array[];
}

const MESSAGES: Readonly<Record<MetricKind, MessageName>> = {
  gauge: 'Gauge',
  sum: 'Sum',
  histogram: 'Histogram',
  exponentialHistogram: 'ExponentialHistogram',
  summary: 'Summary',
};

export const POINTS: Readonly<Record<MetricKind, MessageName>> = {
  gauge: 'NumberDataPoint',
  sum: 'NumberDataPoint',
  histogram: 'HistogramDataPoint',
  exponentialHistogram: 'ExponentialHistogramDataPoint',
  summary: 'SummaryDataPoint',
};

interface MetricFields extends Partial<Record<MetricKind, Uint8Array>> {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly metadata: readonly Uint8Array[];
}

interface DataFields {
  readonly dataPoints: readonly Uint8Array[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

/** The metric of a row of context metric or datapoint, as it is now. */
export function readMetric(row: Row): Metric {
  const { name, description, unit, metadata, ...data } = decodeFields<MetricFields>('Metric', rows.metricContent(row));
  const kind = METRIC_KINDS.find((one) => data[one] !== undefined);
  const head = { name, description, unit, metadata };
  if (kind === undefined) return { ...head, kind, temporality: 0, monotonic: false, points: [] };
  const {
    dataPoints,
    aggregationTemporality = 0,
    isMonotonic = false,
  } = decodeFields<DataFields>(MESSAGES[kind], data[kind]!);
  return { ...head, kind, temporality: aggregationTemporality, monotonic: isMonotonic, points: dataPoints };
}

/** Puts another metric in the place of the row's, in the context metric. */
export function replaceMetric(row: Row, metric: Metric): void {
  rows.replaceMetric(row, encodeMetric(metric));
}

/** Adds a metric to the scope of the row's; statements that come later in the walk see it. */
export function appendMetric(row: Row, metric: Metric): void {
  rows.appendMetric(row, encodeMetric(metric));
}

function encodeMetric({ name, description, unit, metadata, kind, temporality, monotonic, points }: Metric): Uint8Array {
  const head = { name, description, unit, metadata };
  if (kind === undefined) return encodeFields('Metric', head);
  const data = { dataPoints: points, aggregationTemporality: temporality, isMonotonic: monotonic };
  return encodeFields('Metric', { ...head, [kind]: encodeFields(MESSAGES[kind], data) });
}
