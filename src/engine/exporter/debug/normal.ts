import {
  decodeToObject,
  type KeyValue,
  type LogRecord,
  type LogsData,
  type Metric,
  type MetricsData,
  type Span,
  type TracesData,
} from '../../../otlp/index.ts';
import type { Signal } from '../../../pdata/index.ts';
import { fixedText, shortText, valueText } from './value-text.ts';

/** A line per resource, scope and item. Source of the form: debugexporter internal/normal at 0.149. */
export function normalText(signal: Signal, bytes: Uint8Array): string {
  const data = decodeToObject(signal, bytes) as TracesData & MetricsData & LogsData;
  const lines: string[] = [];
  (data.resourceSpans ?? []).forEach(({ resource, schemaUrl, scopeSpans = [] }, i) => {
    lines.push(`ResourceTraces #${i}${bracketed(schemaUrl)}${attributesText(resource.attributes)}`);
    for (const { scope, schemaUrl: scopeUrl, spans = [] } of scopeSpans) {
      lines.push(`ScopeTraces #${i}${scopeText(scope, scopeUrl)}`, ...spans.map(spanLine));
    }
  });
  (data.resourceMetrics ?? []).forEach(({ resource, schemaUrl, scopeMetrics = [] }, i) => {
    lines.push(`ResourceMetrics #${i}${bracketed(schemaUrl)}${attributesText(resource.attributes)}`);
    for (const { scope, schemaUrl: scopeUrl, metrics = [] } of scopeMetrics) {
      lines.push(`ScopeMetrics #${i}${scopeText(scope, scopeUrl)}`, ...metrics.flatMap(metricLines));
    }
  });
  (data.resourceLogs ?? []).forEach(({ resource, schemaUrl, scopeLogs = [] }, i) => {
    lines.push(`ResourceLog #${i}${bracketed(schemaUrl)}${attributesText(resource.attributes)}`);
    for (const { scope, schemaUrl: scopeUrl, logRecords = [] } of scopeLogs) {
      lines.push(`ScopeLog #${i}${scopeText(scope, scopeUrl)}`, ...logRecords.map(logLine));
    }
  });
  return `${lines.join('\n')}\n`;
}

function spanLine({ name = '', traceId = '', spanId = '', attributes }: Span): string {
  return `${name} ${traceId} ${spanId}${attributesText(attributes)}`;
}

function logLine({ body, attributes }: LogRecord): string {
  return `${valueText(body)} ${pairs(attributes).join(' ')}`;
}

function metricLines({ name = '', gauge, sum, histogram, exponentialHistogram, summary }: Metric): string[] {
  const labels = (attributes: readonly KeyValue[] | undefined) => `${name}{${pairs(attributes).join(',')}}`;
  const numbers = gauge?.dataPoints ?? sum?.dataPoints ?? [];
  const distribution = (point: {
    count?: string;
    sum?: number | string;
    min?: number | string;
    max?: number | string;
  }) =>
    [
      `count=${point.count ?? 0}`,
      ...(['sum', 'min', 'max'] as const)
        .filter((key) => point[key] !== undefined)
        .map((key) => `${key}=${point[key]}`),
    ].join(' ');
  return [
    ...numbers.map((point) => {
      const value = point.asInt ?? (point.asDouble === undefined ? '' : shortText(point.asDouble));
      return `${labels(point.attributes)} ${value}`;
    }),
    ...(histogram?.dataPoints ?? []).map((point) => {
      const bounds = (point.explicitBounds ?? []).map((bound) => `le${shortText(bound)}=`);
      const buckets = (point.bucketCounts ?? []).map((count, i) => ` ${bounds[i] ?? ''}${count}`);
      return `${labels(point.attributes)} ${distribution(point)}${buckets.join('')}`;
    }),
    ...(exponentialHistogram?.dataPoints ?? []).map(
      (point) => `${labels(point.attributes)} ${distribution(point)}${exponentialBuckets(point)}`,
    ),
    ...(summary?.dataPoints ?? []).map((point) => {
      const quantiles = (point.quantileValues ?? []).map(
        ({ quantile, value }) => ` q${shortText(quantile)}=${shortText(value)}`,
      );
      return `${labels(point.attributes)} count=${point.count ?? 0} sum=${fixedText(point.sum)}${quantiles.join('')}`;
    }),
  ];
}

type ExponentialHistogramDataPoint = NonNullable<NonNullable<Metric['exponentialHistogram']>['dataPoints']>[number];

/** Buckets from the lowest value to the highest, each with its upper bound, as writeExponentialHistogramDataPoints has them. */
function exponentialBuckets({ scale = 0, zeroCount, positive, negative }: ExponentialHistogramDataPoint): string {
  const factor = Math.LN2 * 2 ** -scale;
  const below = (negative.bucketCounts ?? []).map(
    (count, i) => ` le${shortText(-Math.exp(((negative.offset ?? 0) + i) * factor))}=${count}`,
  );
  const above = (positive.bucketCounts ?? []).map(
    (count, i) => ` le${shortText(Math.exp(((positive.offset ?? 0) + i + 1) * factor))}=${count}`,
  );
  const zero = zeroCount === undefined || zeroCount === '0' ? '' : ` zero=${zeroCount}`;
  return `${below.reverse().join('')}${zero}${above.join('')}`;
}

function scopeText(
  scope: { name?: string; version?: string; attributes?: readonly KeyValue[] },
  schemaUrl: string | undefined,
): string {
  const { name = '', version = '' } = scope;
  const called = `${name}${version === '' ? '' : `@${version}`}`;
  return `${called === '' ? '' : ` ${called}`}${bracketed(schemaUrl)}${attributesText(scope.attributes)}`;
}

function bracketed(schemaUrl = ''): string {
  return schemaUrl === '' ? '' : ` [${schemaUrl}]`;
}

function attributesText(attributes: readonly KeyValue[] | undefined): string {
  return pairs(attributes)
    .map((pair) => ` ${pair}`)
    .join('');
}

function pairs(attributes: readonly KeyValue[] = []): string[] {
  return attributes.map(({ key = '', value }) => `${key}=${valueText(value)}`);
}
