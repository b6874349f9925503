import type { LogRecord, LogsData } from '../../otlp/index.ts';
import type { LogDocument } from '../api.ts';
import { attributeDocuments, describeValue, searchText, serviceName } from './attributes.ts';
import { formatNanos, parseNanos } from './unix-nanos.ts';

/** What lists and filters need of a log record; the rest is decoded again for those that are shown. */
export interface LogRow {
  readonly time: bigint;
  readonly service: string;
  readonly traceId: string;
  /** Position in the batch. */
  readonly index: number;
  /** Lower case. */
  readonly text: string;
}

type LogVisitor = (record: LogRecord, resource: LogDocument['resource'], service: string) => void;

export function logRows(decoded: LogsData, receivedMs: number): readonly LogRow[] {
  const rows: LogRow[] = [];
  eachLog(decoded, (record, resource, service) => {
    rows.push({
      time: logTime(record, receivedMs),
      service,
      traceId: record.traceId ?? '',
      index: rows.length,
      text: [
        logBody(record).toLowerCase(),
        severityName(record).toLowerCase(),
        searchText(attributeDocuments(record.attributes)),
        searchText(resource),
      ].join('\n'),
    });
  });
  return rows;
}

export function logDocuments(decoded: LogsData, receivedMs: number): readonly LogDocument[] {
  const documents: LogDocument[] = [];
  eachLog(decoded, (record, resource, service) => {
    documents.push({
      time: formatNanos(logTime(record, receivedMs)),
      severity: severityName(record),
      severityNumber: record.severityNumber ?? 0,
      body: logBody(record),
      service,
      traceId: record.traceId ?? '',
      spanId: record.spanId ?? '',
      attributes: attributeDocuments(record.attributes),
      resource,
    });
  });
  return documents;
}

function eachLog(decoded: LogsData, visit: LogVisitor): void {
  for (const { resource, scopeLogs } of decoded.resourceLogs ?? []) {
    const attributes = attributeDocuments(resource.attributes);
    const service = serviceName(attributes);
    for (const { logRecords } of scopeLogs ?? []) {
      for (const record of logRecords ?? []) visit(record, attributes, service);
    }
  }
}

/** Time of the event, else when it was observed, else when it came here. */
function logTime(record: LogRecord, receivedMs: number): bigint {
  return parseNanos(record.timeUnixNano) || parseNanos(record.observedTimeUnixNano) || BigInt(receivedMs) * 1_000_000n;
}

/** Events often have a name and no body. */
function logBody(record: LogRecord): string {
  return describeValue(record.body).value || (record.eventName ?? '');
}

/** The sender's word, else the short name of the number's range: https://opentelemetry.io/docs/specs/otel/logs/data-model/#displaying-severity */
function severityName({ severityText, severityNumber }: LogRecord): string {
  if (severityText !== undefined && severityText !== '') return severityText;
  if (severityNumber === undefined || severityNumber < 1 || severityNumber > 24) return '';
  return ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'][Math.floor((severityNumber - 1) / 4)];
}
