import type { Signal } from '../../pdata/index.ts';

/**
 * OTLP/JSON as plain objects, written as the Collector writes it: ids in lower-case hex, 64-bit integers as decimal
 * strings, enums as numbers, bytes in base64, defaults left out.
 */
export interface TracesData {
  readonly resourceSpans?: readonly ResourceSpans[];
}
export interface MetricsData {
  readonly resourceMetrics?: readonly ResourceMetrics[];
}
export interface LogsData {
  readonly resourceLogs?: readonly ResourceLogs[];
}

export interface DataOf extends Record<Signal, unknown> {
  readonly traces: TracesData;
  readonly metrics: MetricsData;
  readonly logs: LogsData;
}

/** A 64-bit integer in decimal; doubles would round it. */
export type Integer64 = string;
export type Double = number | 'NaN' | 'Infinity' | '-Infinity';

export interface ResourceSpans {
  readonly resource: Resource;
  readonly scopeSpans?: readonly ScopeSpans[];
  readonly schemaUrl?: string;
}
export interface ResourceMetrics {
  readonly resource: Resource;
  readonly scopeMetrics?: readonly ScopeMetrics[];
  readonly schemaUrl?: string;
}
export interface ResourceLogs {
  readonly resource: Resource;
  readonly scopeLogs?: readonly ScopeLogs[];
  readonly schemaUrl?: string;
}
export interface ScopeSpans {
  readonly scope: InstrumentationScope;
  readonly spans?: readonly Span[];
  readonly schemaUrl?: string;
}
export interface ScopeMetrics {
  readonly scope: InstrumentationScope;
  readonly metrics?: readonly Metric[];
  readonly schemaUrl?: string;
}
export interface ScopeLogs {
  readonly scope: InstrumentationScope;
  readonly logRecords?: readonly LogRecord[];
  readonly schemaUrl?: string;
}

interface WithAttributes {
  readonly attributes?: readonly KeyValue[];
  readonly droppedAttributesCount?: number;
}
export interface Resource extends WithAttributes {
  readonly entityRefs?: readonly EntityRef[];
}
export interface EntityRef {
  readonly schemaUrl?: string;
  readonly type?: string;
  readonly idKeys?: readonly string[];
  readonly descriptionKeys?: readonly string[];
}
export interface InstrumentationScope extends WithAttributes {
  readonly name?: string;
  readonly version?: string;
}
export interface KeyValue {
  readonly key?: string;
  readonly value: AnyValue;
  readonly keyStrindex?: number;
}
/** At most one member is set; none is the empty value. */
export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: Integer64;
  readonly doubleValue?: Double;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
  readonly bytesValue?: string;
  readonly stringValueStrindex?: number;
}

export interface Span extends WithAttributes {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly traceState?: string;
  readonly parentSpanId?: string;
  readonly flags?: number;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: Integer64;
  readonly endTimeUnixNano?: Integer64;
  readonly events?: readonly SpanEvent[];
  readonly droppedEventsCount?: number;
  readonly links?: readonly SpanLink[];
  readonly droppedLinksCount?: number;
  readonly status: Status;
}
export interface SpanEvent extends WithAttributes {
  readonly timeUnixNano?: Integer64;
  readonly name?: string;
}
export interface SpanLink extends WithAttributes {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly traceState?: string;
  readonly flags?: number;
}
export interface Status {
  readonly message?: string;
  readonly code?: number;
}

export interface LogRecord extends WithAttributes {
  readonly timeUnixNano?: Integer64;
  readonly observedTimeUnixNano?: Integer64;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body: AnyValue;
  readonly flags?: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
}

/** At most one of the five kinds is set. */
export interface Metric {
  readonly name?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly gauge?: Gauge;
  readonly sum?: Sum;
  readonly histogram?: Histogram;
  readonly exponentialHistogram?: ExponentialHistogram;
  readonly summary?: Summary;
  readonly metadata?: readonly KeyValue[];
}
export interface Gauge {
  readonly dataPoints?: readonly NumberDataPoint[];
}
export interface Sum {
  readonly dataPoints?: readonly NumberDataPoint[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}
export interface Histogram {
  readonly dataPoints?: readonly HistogramDataPoint[];
  readonly aggregationTemporality?: number;
}
export interface ExponentialHistogram {
  readonly dataPoints?: readonly ExponentialHistogramDataPoint[];
  readonly aggregationTemporality?: number;
}
export interface Summary {
  readonly dataPoints?: readonly SummaryDataPoint[];
}

interface DataPoint {
  readonly attributes?: readonly KeyValue[];
  readonly startTimeUnixNano?: Integer64;
  readonly timeUnixNano?: Integer64;
  readonly flags?: number;
}
interface Distribution extends DataPoint {
  readonly count?: Integer64;
  readonly sum?: Double;
  readonly min?: Double;
  readonly max?: Double;
  readonly exemplars?: readonly Exemplar[];
}
export interface NumberDataPoint extends DataPoint {
  readonly asDouble?: Double;
  readonly asInt?: Integer64;
  readonly exemplars?: readonly Exemplar[];
}
export interface HistogramDataPoint extends Distribution {
  readonly bucketCounts?: readonly Integer64[];
  readonly explicitBounds?: readonly Double[];
}
export interface ExponentialHistogramDataPoint extends Distribution {
  readonly scale?: number;
  readonly zeroCount?: Integer64;
  readonly positive: Buckets;
  readonly negative: Buckets;
  readonly zeroThreshold?: Double;
}
export interface Buckets {
  readonly offset?: number;
  readonly bucketCounts?: readonly Integer64[];
}
export interface SummaryDataPoint extends DataPoint {
  readonly count?: Integer64;
  readonly sum?: Double;
  readonly quantileValues?: readonly { readonly quantile?: Double; readonly value?: Double }[];
}
export interface Exemplar {
  readonly filteredAttributes?: readonly KeyValue[];
  readonly timeUnixNano?: Integer64;
  readonly asDouble?: Double;
  readonly asInt?: Integer64;
  readonly spanId?: string;
  readonly traceId?: string;
}
