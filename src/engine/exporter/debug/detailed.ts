import {
  decodeToObject,
  type InstrumentationScope,
  type LogRecord,
  type LogsData,
  type MetricsData,
  type Resource,
  type Span,
  type TracesData,
} from '../../../otlp/index.ts';
import type { Signal } from '../../../pdata/index.ts';
import { attributeLines } from './attribute-lines.ts';
import { metricLines } from './detailed-metrics.ts';
import { timeText, typedText } from './value-text.ts';

/** Every field of every item. Source of the form: debugexporter internal/otlptext at 0.149. */
export function detailedText(signal: Signal, bytes: Uint8Array): string {
  const data = decodeToObject(signal, bytes) as TracesData & MetricsData & LogsData;
  const lines: string[] = [];
  (data.resourceSpans ?? []).forEach((entry, i) => {
    lines.push(`ResourceSpans #${i}`, ...resourceLines(entry));
    (entry.scopeSpans ?? []).forEach((scoped, j) => {
      lines.push(`ScopeSpans #${j}`, `ScopeSpans SchemaURL: ${scoped.schemaUrl ?? ''}`, ...scopeLines(scoped.scope));
      (scoped.spans ?? []).forEach((span, k) => {
        lines.push(`Span #${k}`, ...spanLines(span));
      });
    });
  });
  (data.resourceMetrics ?? []).forEach((entry, i) => {
    lines.push(`ResourceMetrics #${i}`, ...resourceLines(entry));
    (entry.scopeMetrics ?? []).forEach((scoped, j) => {
      lines.push(
        `ScopeMetrics #${j}`,
        `ScopeMetrics SchemaURL: ${scoped.schemaUrl ?? ''}`,
        ...scopeLines(scoped.scope),
      );
      (scoped.metrics ?? []).forEach((metric, k) => {
        lines.push(`Metric #${k}`, ...metricLines(metric));
      });
    });
  });
  (data.resourceLogs ?? []).forEach((entry, i) => {
    lines.push(`ResourceLog #${i}`, ...resourceLines(entry));
    (entry.scopeLogs ?? []).forEach((scoped, j) => {
      lines.push(`ScopeLogs #${j}`, `ScopeLogs SchemaURL: ${scoped.schemaUrl ?? ''}`, ...scopeLines(scoped.scope));
      (scoped.logRecords ?? []).forEach((record, k) => {
        lines.push(`LogRecord #${k}`, ...logLines(record));
      });
    });
  });
  return `${lines.join('\n')}\n`;
}

function resourceLines({
  resource,
  schemaUrl = '',
}: {
  readonly resource: Resource;
  readonly schemaUrl?: string;
}): string[] {
  return [`Resource SchemaURL: ${schemaUrl}`, ...attributeLines('Resource attributes', resource.attributes)];
}

function scopeLines({ name = '', version = '', attributes }: InstrumentationScope): string[] {
  return [`InstrumentationScope ${name} ${version}`, ...attributeLines('InstrumentationScope attributes', attributes)];
}

const SPAN_KIND = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const STATUS_CODE = ['Unset', 'Ok', 'Error'];

function field(name: string, value: string | number): string {
  return `    ${name.padEnd(15)}: ${value}`;
}

function spanLines(span: Span): string[] {
  return [
    field('Trace ID', span.traceId ?? ''),
    field('Parent ID', span.parentSpanId ?? ''),
    field('ID', span.spanId ?? ''),
    field('Name', span.name ?? ''),
    field('Kind', SPAN_KIND[span.kind ?? 0] ?? ''),
    ...(span.traceState ? [field('TraceState', span.traceState)] : []),
    field('Start time', timeText(span.startTimeUnixNano)),
    field('End time', timeText(span.endTimeUnixNano)),
    field('Status code', STATUS_CODE[span.status.code ?? 0] ?? ''),
    field('Status message', span.status.message ?? ''),
    field('DroppedAttributesCount', span.droppedAttributesCount ?? 0),
    field('DroppedEventsCount', span.droppedEventsCount ?? 0),
    field('DroppedLinksCount', span.droppedLinksCount ?? 0),
    ...attributeLines('Attributes', span.attributes),
    ...eventLines(span),
    ...linkLines(span),
  ];
}

function eventLines({ events = [] }: Span): string[] {
  if (events.length === 0) return [];
  const lines = events.flatMap((event, i) => [
    `SpanEvent #${i}`,
    `     -> Name: ${event.name ?? ''}`,
    `     -> Timestamp: ${timeText(event.timeUnixNano)}`,
    `     -> DroppedAttributesCount: ${event.droppedAttributesCount ?? 0}`,
    ...attributeLines('     -> Attributes:', event.attributes, '     '),
  ]);
  return ['Events:', ...lines];
}

function linkLines({ links = [] }: Span): string[] {
  if (links.length === 0) return [];
  const lines = links.flatMap((link, i) => [
    `SpanLink #${i}`,
    `     -> Trace ID: ${link.traceId ?? ''}`,
    `     -> ID: ${link.spanId ?? ''}`,
    `     -> TraceState: ${link.traceState ?? ''}`,
    `     -> DroppedAttributesCount: ${link.droppedAttributesCount ?? 0}`,
    ...attributeLines('     -> Attributes:', link.attributes, '     '),
  ]);
  return ['Links:', ...lines];
}

const SEVERITY = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** 1 to 24 as the Collector names them: Trace, Trace2 … Fatal4. */
function severityText(number: number): string {
  if (number < 1 || number > 24) return 'Unspecified';
  const word = SEVERITY[Math.floor((number - 1) / 4)]!;
  const step = ((number - 1) % 4) + 1;
  return `${word[0]}${word.slice(1).toLowerCase()}${step === 1 ? '' : step}`;
}

function logLines(record: LogRecord): string[] {
  const severity = record.severityNumber ?? 0;
  return [
    `ObservedTimestamp: ${timeText(record.observedTimeUnixNano)}`,
    `Timestamp: ${timeText(record.timeUnixNano)}`,
    `SeverityText: ${record.severityText ?? ''}`,
    `SeverityNumber: ${severityText(severity)}(${severity})`,
    ...(record.eventName ? [`EventName: ${record.eventName}`] : []),
    `Body: ${typedText(record.body)}`,
    ...attributeLines('Attributes', record.attributes),
    `Trace ID: ${record.traceId ?? ''}`,
    `Span ID: ${record.spanId ?? ''}`,
    `Flags: ${record.flags ?? 0}`,
  ];
}
