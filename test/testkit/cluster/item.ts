import type { Signal } from '../../../src/pdata/index.ts';
import { type DynamicMessage, decodeRequest, itemsOf } from '../otlp-proto.ts';

const NANOS = BigInt(Date.now()) * 1_000_000n;

/** A request with one item that carries `id`; a form for each signal, so that a rule may look for it. */
export function itemNamed(signal: Signal, id: string): Readonly<Record<string, unknown>> {
  switch (signal) {
    case 'traces':
      return { resourceSpans: [{ scopeSpans: [{ spans: [span(id)] }] }] };
    case 'metrics':
      return { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric(id)] }] }] };
    case 'logs':
      return { resourceLogs: [{ scopeLogs: [{ logRecords: [record(id)] }] }] };
  }
}

function span(id: string) {
  const times = { startTimeUnixNano: NANOS, endTimeUnixNano: NANOS };
  return { traceId: new Uint8Array(16).fill(7), spanId: new Uint8Array(8).fill(3), name: id, ...times };
}

function metric(id: string) {
  const attributes = [{ key: 'id', value: { value: { case: 'stringValue', value: id } } }];
  const point = { attributes, timeUnixNano: NANOS, value: { case: 'asDouble', value: 1 } };
  return { name: 'sent', data: { case: 'gauge', value: { dataPoints: [point] } } };
}

function record(id: string) {
  return { timeUnixNano: NANOS, body: { value: { case: 'stringValue', value: id } } };
}

/** The ids of the items of a request that `itemNamed` made; what came otherwise has none. */
export function idsIn(signal: Signal, body: Uint8Array): readonly string[] {
  return itemsOf(signal, decodeRequest(signal, body)).map((item) => idOf(signal, item));
}

function idOf(signal: Signal, item: DynamicMessage): string {
  switch (signal) {
    case 'traces':
      return item['name'];
    case 'metrics':
      return textOf(item['attributes'].find((one: DynamicMessage) => one['key'] === 'id')?.value);
    case 'logs':
      return textOf(item['body']);
  }
}

function textOf(value: DynamicMessage | undefined): string {
  return value?.['value'].case === 'stringValue' ? value['value'].value : '';
}

/** Attributes of the resources of the items with this id. */
export function resourcesOf(signal: Signal, body: Uint8Array, id: string): readonly Readonly<Record<string, string>>[] {
  const request = decodeRequest(signal, body);
  const groups = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' } as const;
  const all = request[groups[signal]] as readonly DynamicMessage[];
  return all
    .filter((one) => itemsOf(signal, { ...request, [groups[signal]]: [one] }).some((item) => idOf(signal, item) === id))
    .map(({ resource }) => {
      const attributes = (resource?.attributes ?? []) as readonly DynamicMessage[];
      return Object.fromEntries(attributes.map(({ key, value }) => [key, textOf(value)]));
    });
}
