/** The messages of OTLP as template parts; field numbers are those of opentelemetry-proto 1.x. */
import { ITEM_LABEL_KEY } from './identity.ts';
import {
  type AttributeValue,
  anyValue,
  attributes,
  double,
  doubleBytes,
  eightBytes,
  fixed64Bytes,
  integer,
  message,
  text,
} from './wire-field.ts';
import { type Part, slot } from './wire-template.ts';

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** One resource with one scope; `items` are spans, metrics or log records as fields 2 of the scope message. */
export function resourceGroup(resource: Attributes, scope: string, items: readonly Part[]): Part {
  return message(
    1,
    message(1, attributes(1, resource)),
    message(2, message(1, text(1, scope), text(2, '1.0.0')), ...items),
  );
}

export interface SpanPart {
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Positions in this request. */
  readonly trace: number;
  readonly span: number;
  readonly parent?: number;
  /** Nanoseconds relative to the request's time; a span lies in the past of its request. */
  readonly startNs: number;
  readonly durationNs: number;
  readonly attributes: Attributes;
  readonly events?: readonly { readonly name: string; readonly atNs: number; readonly attributes: Attributes }[];
  readonly error?: string;
}

export function span(part: SpanPart): Part {
  return message(
    2,
    message(1, slot('traceId', part.trace)),
    message(2, slot('spanId', part.span)),
    part.parent === undefined ? [] : message(4, slot('spanId', part.parent)),
    text(5, part.name),
    integer(6, part.kind),
    eightBytes(7, slot('time', part.startNs)),
    eightBytes(8, slot('time', part.startNs + part.durationNs)),
    attributes(9, part.attributes),
    (part.events ?? []).map((event) =>
      message(11, eightBytes(1, slot('time', event.atNs)), text(2, event.name), attributes(3, event.attributes)),
    ),
    part.error === undefined ? [] : message(15, text(2, part.error), integer(3, 2)),
  );
}

export interface LogPart {
  readonly body: string;
  readonly severity: Severity;
  readonly item: number;
  readonly atNs: number;
  readonly attributes: Attributes;
  readonly trace?: number;
  readonly span?: number;
}

const SEVERITY_NUMBER = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17 } as const;
export type Severity = keyof typeof SEVERITY_NUMBER;

export function logRecord(part: LogPart): Part {
  return message(
    2,
    eightBytes(1, slot('time', part.atNs)),
    integer(2, SEVERITY_NUMBER[part.severity]),
    text(3, part.severity),
    message(5, anyValue(part.body)),
    itemLabel(6, part.item),
    attributes(6, part.attributes),
    part.trace === undefined ? [] : message(9, slot('traceId', part.trace)),
    part.span === undefined ? [] : message(10, slot('spanId', part.span)),
    eightBytes(11, slot('time', part.atNs)),
  );
}

/** The attribute that makes a log record or a bench point one of a kind. */
function itemLabel(field: number, item: number): Part {
  return message(field, text(1, ITEM_LABEL_KEY), message(2, message(1, slot('itemLabel', item))));
}

export interface MetricPart {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly PointPart[];
}

/** `item` labels the point; without it the point is told apart by its attributes and time. */
export interface PointPart {
  readonly attributes: Attributes;
  readonly item?: number;
}

/** A cumulative monotonic sum that grows by `increment` a request. */
export function sumMetric(part: MetricPart, increment: number): Part {
  const points = part.points.map((point) =>
    message(
      1,
      eightBytes(2, slot('startTime')),
      eightBytes(3, slot('time')),
      eightBytes(6, slot('counter', increment)),
      pointAttributes(7, point),
    ),
  );
  return metric(part, message(7, points, integer(2, 2), integer(3, 1)));
}

export function gaugeMetric(part: MetricPart, mean: number): Part {
  const points = part.points.map((point) =>
    message(1, eightBytes(3, slot('time')), eightBytes(4, slot('gauge', mean)), pointAttributes(7, point)),
  );
  return metric(part, message(5, points));
}

export interface Buckets {
  readonly bounds: readonly number[];
  /** One more than bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** A delta histogram: the same distribution in every request is then valid as it stands. */
export function histogramMetric(part: MetricPart, { bounds, counts, sum }: Buckets): Part {
  const total = counts.reduce((a, b) => a + b, 0);
  const points = part.points.map((point) =>
    message(
      1,
      eightBytes(2, slot('time', -1e9)),
      eightBytes(3, slot('time')),
      eightBytes(4, fixed64Bytes(total)),
      double(5, sum),
      message(6, ...counts.map(fixed64Bytes)),
      message(7, ...bounds.map(doubleBytes)),
      pointAttributes(9, point),
    ),
  );
  return metric(part, message(9, points, integer(2, 1)));
}

function pointAttributes(field: number, point: PointPart): Part {
  return [point.item === undefined ? [] : itemLabel(field, point.item), attributes(field, point.attributes)];
}

function metric(part: MetricPart, data: Part): Part {
  return message(2, text(1, part.name), text(3, part.unit), data);
}
