import type { Signal } from './signal.ts';

/** How one field is written on the wire and in OTLP/JSON. `traceId` and `spanId` are bytes of a fixed length or none. */
export type FieldType =
  | 'string'
  | 'bytes'
  | 'traceId'
  | 'spanId'
  | 'bool'
  | 'uint32'
  | 'int32'
  | 'sint32'
  | 'enum'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double'
  | 'message';

export interface FieldSpec {
  readonly number: number;
  /** lowerCamelCase, as OTLP/JSON spells it. */
  readonly name: string;
  readonly type: FieldType;
  /** `packed` lists may also arrive unpacked. `oneof` members and `optional` fields keep their zero value. */
  readonly label: 'single' | 'optional' | 'oneof' | 'repeated' | 'packed';
  readonly message?: MessageName;
  /** Enum names of proto3 JSON. */
  readonly names?: Readonly<Record<string, number>>;
  /** The Collector writes `{}` for this message in JSON when it's absent. */
  readonly always?: true;
  /** Each occurrence is one item of telemetry. */
  readonly item?: true;
}

export type MessageName =
  | 'TracesRequest'
  | 'MetricsRequest'
  | 'LogsRequest'
  | 'ResourceSpans'
  | 'ResourceMetrics'
  | 'ResourceLogs'
  | 'ScopeSpans'
  | 'ScopeMetrics'
  | 'ScopeLogs'
  | 'Resource'
  | 'EntityRef'
  | 'InstrumentationScope'
  | 'KeyValue'
  | 'AnyValue'
  | 'ArrayValue'
  | 'KeyValueList'
  | 'Span'
  | 'SpanEvent'
  | 'SpanLink'
  | 'Status'
  | 'LogRecord'
  | 'Metric'
  | 'Gauge'
  | 'Sum'
  | 'Histogram'
  | 'ExponentialHistogram'
  | 'Summary'
  | 'NumberDataPoint'
  | 'HistogramDataPoint'
  | 'ExponentialHistogramDataPoint'
  | 'Buckets'
  | 'SummaryDataPoint'
  | 'ValueAtQuantile'
  | 'Exemplar';

export const REQUEST_MESSAGE: Readonly<Record<Signal, MessageName>> = {
  traces: 'TracesRequest',
  metrics: 'MetricsRequest',
  logs: 'LogsRequest',
};

const SPAN_KIND = {
  SPAN_KIND_UNSPECIFIED: 0,
  SPAN_KIND_INTERNAL: 1,
  SPAN_KIND_SERVER: 2,
  SPAN_KIND_CLIENT: 3,
  SPAN_KIND_PRODUCER: 4,
  SPAN_KIND_CONSUMER: 5,
};
const STATUS_CODE = { STATUS_CODE_UNSET: 0, STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 };
const AGGREGATION_TEMPORALITY = {
  AGGREGATION_TEMPORALITY_UNSPECIFIED: 0,
  AGGREGATION_TEMPORALITY_DELTA: 1,
  AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
};
const SEVERITY_NUMBER = Object.fromEntries([
  ['SEVERITY_NUMBER_UNSPECIFIED', 0],
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((level, group) =>
    ['', '2', '3', '4'].map((suffix, step) => [`SEVERITY_NUMBER_${level}${suffix}`, group * 4 + step + 1] as const),
  ),
]);

const field = (number: number, name: string, type: FieldType): FieldSpec => ({ number, name, type, label: 'single' });
const optional = (number: number, name: string, type: FieldType): FieldSpec => ({
  ...field(number, name, type),
  label: 'optional',
});
const oneof = (number: number, name: string, type: FieldType): FieldSpec => ({
  ...field(number, name, type),
  label: 'oneof',
});
const list = (number: number, name: string, type: FieldType): FieldSpec => ({
  ...field(number, name, type),
  label: 'repeated',
});
const packed = (number: number, name: string, type: FieldType): FieldSpec => ({
  ...field(number, name, type),
  label: 'packed',
});
const enumeration = (number: number, name: string, names: Readonly<Record<string, number>>): FieldSpec => ({
  ...field(number, name, 'enum'),
  names,
});
const child = (number: number, name: string, message: MessageName): FieldSpec => ({
  ...field(number, name, 'message'),
  message,
  always: true,
});
const children = (number: number, name: string, message: MessageName): FieldSpec => ({
  ...list(number, name, 'message'),
  message,
});
const items = (number: number, name: string, message: MessageName): FieldSpec => ({
  ...children(number, name, message),
  item: true,
});
const choice = (number: number, name: string, message: MessageName): FieldSpec => ({
  ...oneof(number, name, 'message'),
  message,
});

const attributes = (number: number): FieldSpec => children(number, 'attributes', 'KeyValue');
const droppedAttributes = (number: number): FieldSpec => field(number, 'droppedAttributesCount', 'uint32');
const pointTimes = [field(2, 'startTimeUnixNano', 'fixed64'), field(3, 'timeUnixNano', 'fixed64')];
const numberValue = (asDouble: number, asInt: number): FieldSpec[] => [
  oneof(asDouble, 'asDouble', 'double'),
  oneof(asInt, 'asInt', 'sfixed64'),
];

/**
 * OTLP 1.x: every message below an export request, with its fields in the order in which the Collector writes them as JSON.
 * Field 1000 of ResourceX, deprecated since 2022, is carried as an unknown field. Profiles only: `keyStrindex`, `stringValueStrindex`.
 */
export const SCHEMA: Readonly<Record<MessageName, readonly FieldSpec[]>> = {
  TracesRequest: [children(1, 'resourceSpans', 'ResourceSpans')],
  MetricsRequest: [children(1, 'resourceMetrics', 'ResourceMetrics')],
  LogsRequest: [children(1, 'resourceLogs', 'ResourceLogs')],
  ResourceSpans: [
    child(1, 'resource', 'Resource'),
    children(2, 'scopeSpans', 'ScopeSpans'),
    field(3, 'schemaUrl', 'string'),
  ],
  ResourceMetrics: [
    child(1, 'resource', 'Resource'),
    children(2, 'scopeMetrics', 'ScopeMetrics'),
    field(3, 'schemaUrl', 'string'),
  ],
  ResourceLogs: [
    child(1, 'resource', 'Resource'),
    children(2, 'scopeLogs', 'ScopeLogs'),
    field(3, 'schemaUrl', 'string'),
  ],
  ScopeSpans: [child(1, 'scope', 'InstrumentationScope'), items(2, 'spans', 'Span'), field(3, 'schemaUrl', 'string')],
  ScopeMetrics: [
    child(1, 'scope', 'InstrumentationScope'),
    children(2, 'metrics', 'Metric'),
    field(3, 'schemaUrl', 'string'),
  ],
  ScopeLogs: [
    child(1, 'scope', 'InstrumentationScope'),
    items(2, 'logRecords', 'LogRecord'),
    field(3, 'schemaUrl', 'string'),
  ],
  Resource: [attributes(1), droppedAttributes(2), children(3, 'entityRefs', 'EntityRef')],
  EntityRef: [
    field(1, 'schemaUrl', 'string'),
    field(2, 'type', 'string'),
    list(3, 'idKeys', 'string'),
    list(4, 'descriptionKeys', 'string'),
  ],
  InstrumentationScope: [
    field(1, 'name', 'string'),
    field(2, 'version', 'string'),
    attributes(3),
    droppedAttributes(4),
  ],
  KeyValue: [field(1, 'key', 'string'), child(2, 'value', 'AnyValue'), field(3, 'keyStrindex', 'int32')],
  AnyValue: [
    oneof(1, 'stringValue', 'string'),
    oneof(2, 'boolValue', 'bool'),
    oneof(3, 'intValue', 'int64'),
    oneof(4, 'doubleValue', 'double'),
    choice(5, 'arrayValue', 'ArrayValue'),
    choice(6, 'kvlistValue', 'KeyValueList'),
    oneof(7, 'bytesValue', 'bytes'),
    oneof(8, 'stringValueStrindex', 'int32'),
  ],
  ArrayValue: [children(1, 'values', 'AnyValue')],
  KeyValueList: [children(1, 'values', 'KeyValue')],
  Span: [
    field(1, 'traceId', 'traceId'),
    field(2, 'spanId', 'spanId'),
    field(3, 'traceState', 'string'),
    field(4, 'parentSpanId', 'spanId'),
    field(16, 'flags', 'fixed32'),
    field(5, 'name', 'string'),
    enumeration(6, 'kind', SPAN_KIND),
    field(7, 'startTimeUnixNano', 'fixed64'),
    field(8, 'endTimeUnixNano', 'fixed64'),
    attributes(9),
    droppedAttributes(10),
    children(11, 'events', 'SpanEvent'),
    field(12, 'droppedEventsCount', 'uint32'),
    children(13, 'links', 'SpanLink'),
    field(14, 'droppedLinksCount', 'uint32'),
    child(15, 'status', 'Status'),
  ],
  SpanEvent: [field(1, 'timeUnixNano', 'fixed64'), field(2, 'name', 'string'), attributes(3), droppedAttributes(4)],
  SpanLink: [
    field(1, 'traceId', 'traceId'),
    field(2, 'spanId', 'spanId'),
    field(3, 'traceState', 'string'),
    attributes(4),
    droppedAttributes(5),
    field(6, 'flags', 'fixed32'),
  ],
  Status: [field(2, 'message', 'string'), enumeration(3, 'code', STATUS_CODE)],
  LogRecord: [
    field(1, 'timeUnixNano', 'fixed64'),
    field(11, 'observedTimeUnixNano', 'fixed64'),
    enumeration(2, 'severityNumber', SEVERITY_NUMBER),
    field(3, 'severityText', 'string'),
    child(5, 'body', 'AnyValue'),
    attributes(6),
    droppedAttributes(7),
    field(8, 'flags', 'fixed32'),
    field(9, 'traceId', 'traceId'),
    field(10, 'spanId', 'spanId'),
    field(12, 'eventName', 'string'),
  ],
  Metric: [
    field(1, 'name', 'string'),
    field(2, 'description', 'string'),
    field(3, 'unit', 'string'),
    choice(5, 'gauge', 'Gauge'),
    choice(7, 'sum', 'Sum'),
    choice(9, 'histogram', 'Histogram'),
    choice(10, 'exponentialHistogram', 'ExponentialHistogram'),
    choice(11, 'summary', 'Summary'),
    children(12, 'metadata', 'KeyValue'),
  ],
  Gauge: [items(1, 'dataPoints', 'NumberDataPoint')],
  Sum: [
    items(1, 'dataPoints', 'NumberDataPoint'),
    enumeration(2, 'aggregationTemporality', AGGREGATION_TEMPORALITY),
    field(3, 'isMonotonic', 'bool'),
  ],
  Histogram: [
    items(1, 'dataPoints', 'HistogramDataPoint'),
    enumeration(2, 'aggregationTemporality', AGGREGATION_TEMPORALITY),
  ],
  ExponentialHistogram: [
    items(1, 'dataPoints', 'ExponentialHistogramDataPoint'),
    enumeration(2, 'aggregationTemporality', AGGREGATION_TEMPORALITY),
  ],
  Summary: [items(1, 'dataPoints', 'SummaryDataPoint')],
  NumberDataPoint: [
    attributes(7),
    ...pointTimes,
    ...numberValue(4, 6),
    children(5, 'exemplars', 'Exemplar'),
    field(8, 'flags', 'uint32'),
  ],
  HistogramDataPoint: [
    attributes(9),
    ...pointTimes,
    field(4, 'count', 'fixed64'),
    optional(5, 'sum', 'double'),
    packed(6, 'bucketCounts', 'fixed64'),
    packed(7, 'explicitBounds', 'double'),
    children(8, 'exemplars', 'Exemplar'),
    field(10, 'flags', 'uint32'),
    optional(11, 'min', 'double'),
    optional(12, 'max', 'double'),
  ],
  ExponentialHistogramDataPoint: [
    attributes(1),
    ...pointTimes,
    field(4, 'count', 'fixed64'),
    optional(5, 'sum', 'double'),
    field(6, 'scale', 'sint32'),
    field(7, 'zeroCount', 'fixed64'),
    child(8, 'positive', 'Buckets'),
    child(9, 'negative', 'Buckets'),
    field(10, 'flags', 'uint32'),
    children(11, 'exemplars', 'Exemplar'),
    optional(12, 'min', 'double'),
    optional(13, 'max', 'double'),
    field(14, 'zeroThreshold', 'double'),
  ],
  Buckets: [field(1, 'offset', 'sint32'), packed(2, 'bucketCounts', 'uint64')],
  SummaryDataPoint: [
    attributes(7),
    ...pointTimes,
    field(4, 'count', 'fixed64'),
    field(5, 'sum', 'double'),
    children(6, 'quantileValues', 'ValueAtQuantile'),
    field(8, 'flags', 'uint32'),
  ],
  ValueAtQuantile: [field(1, 'quantile', 'double'), field(2, 'value', 'double')],
  Exemplar: [
    children(7, 'filteredAttributes', 'KeyValue'),
    field(2, 'timeUnixNano', 'fixed64'),
    ...numberValue(3, 6),
    field(5, 'traceId', 'traceId'),
    field(4, 'spanId', 'spanId'),
  ],
};
