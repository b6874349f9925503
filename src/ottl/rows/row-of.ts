import { type FieldSpec, type MessageName, SCHEMA, tagOf, WireWriter, wireTypeOf } from '../../pdata/index.ts';
import type { ContextName, Row } from '../row.ts';
import type { Value } from '../value.ts';
import type { MessageView } from './message-view.ts';
import { RowView } from './row-view.ts';
import { writeKeyValue, writeTextField, writeValue } from './wire-value.ts';

/**
 * A message by the names that OTLP/JSON gives its fields. Numbers may be `number` or `bigint`, ids are bytes; attributes and
 * bodies are Values, in which maps may also be plain objects: there a `bigint` is an int and a `number` a double.
 */
export type MessageFields = { readonly [name: string]: unknown };

/** What a row is made of: the message itself, and what it stands in. */
export interface RowFields {
  readonly resource?: MessageFields;
  readonly scope?: MessageFields;
  readonly span?: MessageFields;
  readonly spanevent?: MessageFields;
  readonly log?: MessageFields;
  /** Has one of `gauge`, `sum`, `histogram`, `exponentialHistogram`, `summary`: that decides what data points are. */
  readonly metric?: MessageFields;
  readonly datapoint?: MessageFields;
  /** The URLs beside resource and scope. */
  readonly resourceSchemaUrl?: string;
  readonly scopeSchemaUrl?: string;
}

const POINTS: readonly MessageName[] = [
  'NumberDataPoint',
  'NumberDataPoint',
  'NumberDataPoint',
  'HistogramDataPoint',
  'ExponentialHistogramDataPoint',
  'SummaryDataPoint',
];

/** A row to try statements on, made of wire data as an SDK sends it: `rowOf('span', { span: { name: 'a' }, resource: … })`. */
export function rowOf(context: ContextName, fields: RowFields): Row {
  const arena = new WireWriter(1024);
  const row = new RowView(arena);
  const point = (view: MessageView, message: MessageName, content: MessageFields) => {
    const bytes = encodeMessage(message, content);
    view.point(bytes, 0, bytes.length);
  };
  point(row.resourceHolder, 'ResourceSpans', { resource: fields.resource, schemaUrl: fields.resourceSchemaUrl });
  point(row.scopeHolder, 'ScopeSpans', { scope: fields.scope, schemaUrl: fields.scopeSchemaUrl });
  if (context === 'span' || context === 'spanevent') point(row.item, 'Span', fields.span ?? {});
  if (context === 'spanevent') point(row.event, 'SpanEvent', fields.spanevent ?? {});
  if (context === 'log') point(row.item, 'LogRecord', fields.log ?? {});
  if (context === 'metric') point(row.item, 'Metric', fields.metric ?? {});
  if (context === 'datapoint') {
    point(row.item, 'Metric', fields.metric ?? { gauge: {} });
    row.pointKind = row.metricKind;
    point(row.point, POINTS[row.pointKind]!, fields.datapoint ?? {});
  }
  row.begin(context);
  return row;
}

/** Any message of OTLP. */
export function encodeMessage(message: MessageName, fields: MessageFields): Uint8Array {
  const writer = new WireWriter(256);
  writeMessage(writer, message, fields);
  return writer.finish();
}

function writeMessage(writer: WireWriter, message: MessageName, fields: MessageFields): void {
  for (const [name, value] of Object.entries(fields)) {
    const field = SCHEMA[message].find((one) => one.name === name);
    if (field === undefined) throw new Error(`${message} has no ${name}`);
    if (value !== undefined) writeField(writer, field, value);
  }
}

function writeField(writer: WireWriter, field: FieldSpec, value: unknown): void {
  if (field.message === 'KeyValue') {
    for (const [key, element] of entriesOf(value)) writeKeyValue(writer, field.number, key, toValue(element));
  } else if (field.label === 'repeated' || field.label === 'packed') {
    for (const element of value as readonly unknown[]) writeSingle(writer, field, element);
  } else writeSingle(writer, field, value);
}

function writeSingle(writer: WireWriter, field: FieldSpec, value: unknown): void {
  if (field.message !== undefined) {
    const mark = writer.beginMessage(field.number);
    if (field.message === 'AnyValue') writeValue(writer, toValue(value));
    else writeMessage(writer, field.message, value as MessageFields);
    writer.endMessage(mark);
  } else if (field.type === 'string') writeTextField(writer, field.number, value as string);
  else if (value instanceof Uint8Array) writer.bytesField(field.number, value);
  else {
    writer.varint(tagOf(field.number, wireTypeOf(field.type)));
    writeNumber(writer, field, value as number | bigint | boolean);
  }
}

function writeNumber(writer: WireWriter, { type }: FieldSpec, value: number | bigint | boolean): void {
  if (type === 'double') writer.double(Number(value));
  else if (type === 'fixed64' || type === 'sfixed64') writer.fixed64(BigInt(value));
  else if (type === 'fixed32') writer.fixed32(Number(value));
  else if (type === 'sint32') writer.varint64(BigInt(value) < 0n ? -2n * BigInt(value) - 1n : 2n * BigInt(value));
  else writer.varint64(BigInt(value));
}

function entriesOf(map: unknown): Iterable<readonly [string, unknown]> {
  return map instanceof Map ? map.entries() : Object.entries(map as object);
}

/** Plain objects become maps. */
function toValue(value: unknown): Value {
  if (Array.isArray(value)) return value.map(toValue);
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object' || value instanceof Uint8Array) return value as Value;
  const map = new Map<string, Value>();
  for (const [key, element] of entriesOf(value)) map.set(key, toValue(element));
  return map;
}
