import type {
  Buckets,
  Exemplar,
  ExponentialHistogramDataPoint,
  HistogramDataPoint,
  Metric,
  NumberDataPoint,
  SummaryDataPoint,
} from '../../../otlp/index.ts';
import { attributeLines } from './attribute-lines.ts';
import { fixedText, timeText } from './value-text.ts';

const TEMPORALITY = ['Unspecified', 'Delta', 'Cumulative'];

export function metricLines(metric: Metric): string[] {
  const { name = '', description = '', unit = '', metadata } = metric;
  return [
    'Descriptor:',
    `     -> Name: ${name}`,
    `     -> Description: ${description}`,
    `     -> Unit: ${unit}`,
    `     -> DataType: ${dataType(metric)}`,
    ...attributeLines('     -> Metadata', metadata, '     '),
    ...dataLines(metric),
  ];
}

function dataType({ gauge, sum, histogram, exponentialHistogram, summary }: Metric): string {
  if (gauge !== undefined) return 'Gauge';
  if (sum !== undefined) return 'Sum';
  if (histogram !== undefined) return 'Histogram';
  if (exponentialHistogram !== undefined) return 'ExponentialHistogram';
  return summary === undefined ? 'Empty' : 'Summary';
}

function dataLines({ gauge, sum, histogram, exponentialHistogram, summary }: Metric): string[] {
  const temporality = (value: number | undefined) => `     -> AggregationTemporality: ${TEMPORALITY[value ?? 0] ?? ''}`;
  if (gauge !== undefined) return points('NumberDataPoints', gauge.dataPoints, numberLines);
  if (sum !== undefined) {
    const monotonic = `     -> IsMonotonic: ${sum.isMonotonic ?? false}`;
    return [
      monotonic,
      temporality(sum.aggregationTemporality),
      ...points('NumberDataPoints', sum.dataPoints, numberLines),
    ];
  }
  if (histogram !== undefined) {
    return [
      temporality(histogram.aggregationTemporality),
      ...points('HistogramDataPoints', histogram.dataPoints, histogramLines),
    ];
  }
  if (exponentialHistogram !== undefined) {
    const { aggregationTemporality, dataPoints } = exponentialHistogram;
    return [
      temporality(aggregationTemporality),
      ...points('ExponentialHistogramDataPoints', dataPoints, exponentialLines),
    ];
  }
  return points('SummaryDataPoints', summary?.dataPoints, summaryLines);
}

type Point = Pick<NumberDataPoint, 'attributes' | 'startTimeUnixNano' | 'timeUnixNano'>;

function points<P extends Point>(heading: string, all: readonly P[] = [], lines: (point: P) => string[]): string[] {
  return all.flatMap((point, i) => [
    `${heading} #${i}`,
    ...attributeLines('Data point attributes', point.attributes),
    `StartTimestamp: ${timeText(point.startTimeUnixNano)}`,
    `Timestamp: ${timeText(point.timeUnixNano)}`,
    ...lines(point),
  ]);
}

function numberLines(point: NumberDataPoint): string[] {
  const value = point.asInt ?? (point.asDouble === undefined ? undefined : fixedText(point.asDouble));
  return [...(value === undefined ? [] : [`Value: ${value}`]), ...exemplarLines(point.exemplars)];
}

function distributionLines(point: HistogramDataPoint | ExponentialHistogramDataPoint): string[] {
  return [
    `Count: ${point.count ?? 0}`,
    ...(point.sum === undefined ? [] : [`Sum: ${fixedText(point.sum)}`]),
    ...(point.min === undefined ? [] : [`Min: ${fixedText(point.min)}`]),
    ...(point.max === undefined ? [] : [`Max: ${fixedText(point.max)}`]),
  ];
}

function histogramLines(point: HistogramDataPoint): string[] {
  return [
    ...distributionLines(point),
    ...(point.explicitBounds ?? []).map((bound, i) => `ExplicitBounds #${i}: ${fixedText(bound)}`),
    ...(point.bucketCounts ?? []).map((count, i) => `Buckets #${i}, Count: ${count}`),
    ...exemplarLines(point.exemplars),
  ];
}

function exponentialLines(point: ExponentialHistogramDataPoint): string[] {
  const bound = (index: number) => Math.exp(index * Math.LN2 * 2 ** -(point.scale ?? 0));
  const buckets = ({ offset = 0, bucketCounts = [] }: Buckets) =>
    bucketCounts.map((count, i) => ({ count, lower: bound(offset + i), upper: bound(offset + i + 1) }));
  return [
    ...distributionLines(point),
    ...buckets(point.negative)
      .reverse()
      .map(({ count, lower, upper }) => `Bucket [${fixedText(-upper)}, ${fixedText(-lower)}), Count: ${count}`),
    ...(point.zeroCount === undefined ? [] : [`Bucket [0, 0], Count: ${point.zeroCount}`]),
    ...buckets(point.positive).map(
      ({ count, lower, upper }) => `Bucket (${fixedText(lower)}, ${fixedText(upper)}], Count: ${count}`,
    ),
    ...exemplarLines(point.exemplars),
  ];
}

function summaryLines(point: SummaryDataPoint): string[] {
  return [
    `Count: ${point.count ?? 0}`,
    `Sum: ${fixedText(point.sum)}`,
    ...(point.quantileValues ?? []).map(
      ({ quantile, value }, i) => `QuantileValue #${i}: Quantile ${fixedText(quantile)}, Value ${fixedText(value)}`,
    ),
  ];
}

function exemplarLines(exemplars: readonly Exemplar[] = []): string[] {
  if (exemplars.length === 0) return [];
  const lines = exemplars.flatMap((exemplar, i) => [
    `Exemplar #${i}`,
    `     -> Trace ID: ${exemplar.traceId ?? ''}`,
    `     -> Span ID: ${exemplar.spanId ?? ''}`,
    `     -> Timestamp: ${timeText(exemplar.timeUnixNano)}`,
    `     -> Value: ${exemplar.asInt ?? fixedText(exemplar.asDouble)}`,
    ...attributeLines('     -> FilteredAttributes', exemplar.filteredAttributes, '     '),
  ]);
  return ['Exemplars:', ...lines];
}
