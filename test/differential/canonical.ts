import type { Signal } from '../../src/pdata/index.ts';
import type { DynamicMessage } from '../testkit/otlp-proto.ts';

/** A message as plain data: 64-bit integers and bytes as text, empty messages and default values left out. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

export interface CanonicalOptions {
  /** Keeps unknown fields and a -0 where 0 is the default. The Collector forgets both: compared only where that is the subject. */
  readonly exact?: boolean;
}

/**
 * The items of a request, each with its resource and scope, as one line of JSON: what is left when the grouping of items, which
 * batching may change, is taken away. A resource or scope without items has a line of its own.
 */
export function itemLines(signal: Signal, request: DynamicMessage, options: CanonicalOptions = {}): string[] {
  const shape = SHAPE[signal];
  const lines: string[] = [];
  for (const group of request[shape.resources] as DynamicMessage[]) {
    const resource = pick(group, ['resource', 'schemaUrl'], options);
    const scopes = group[shape.scopes] as DynamicMessage[];
    if (scopes.length === 0) lines.push(JSON.stringify({ resource }));
    for (const scoped of scopes) {
      const scope = pick(scoped, ['scope', 'schemaUrl'], options);
      const items = (scoped[shape.items] as DynamicMessage[]).flatMap((item) =>
        signal === 'metrics' ? pointsOf(item, options) : [plain(item, options) ?? {}],
      );
      if (items.length === 0) lines.push(JSON.stringify({ resource, scope }));
      for (const item of items) lines.push(JSON.stringify({ resource, scope, item }));
    }
  }
  return lines;
}

const SHAPE: Readonly<Record<Signal, { readonly resources: string; readonly scopes: string; readonly items: string }>> =
  {
    traces: { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' },
    metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' },
    logs: { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' },
  };

/** A metric once for each of its points, or once without when it has none. */
function pointsOf(metric: DynamicMessage, options: CanonicalOptions): Plain[] {
  const { data, ...rest } = metric as DynamicMessage & { data: { case?: string; value?: DynamicMessage } };
  const head = plain(rest as unknown as DynamicMessage, options) ?? {};
  if (data.case === undefined) return [head];
  const { dataPoints = [], ...kind } = data.value as DynamicMessage & { dataPoints?: DynamicMessage[] };
  const shared = {
    ...(head as object),
    type: data.case,
    kind: plain(kind as unknown as DynamicMessage, options) ?? {},
  };
  if (dataPoints.length === 0) return [shared];
  return dataPoints.map((point) => ({ ...shared, point: plain(point, options) ?? {} }));
}

function pick(message: DynamicMessage, keys: readonly string[], options: CanonicalOptions): Plain {
  const found = keys.map((key) => [key, plain(message[key], options)] as const);
  return Object.fromEntries(found.filter((entry) => entry[1] !== undefined)) as Plain;
}

/** Undefined for what protobuf does not tell from an absent field. */
function plain(value: unknown, options: CanonicalOptions): Plain | undefined {
  if (value === undefined || value === null || value === '' || value === false || value === 0n) return undefined;
  if (typeof value === 'number') return value === 0 && options.exact !== true ? undefined : plainNumber(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return value.length === 0 ? undefined : `hex:${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) {
    return value.length === 0 ? undefined : value.map((element) => elementOf(element, options));
  }
  if (typeof value === 'object') return plainObject(value as Readonly<Record<string, unknown>>, options);
  return value as Plain;
}

/** An element of a list or member of a oneof is there even when it has its type's default value. */
function elementOf(value: unknown, options: CanonicalOptions): Plain {
  if (typeof value === 'number') return plainNumber(value) ?? 0;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return String(value);
  return plain(value, options) ?? (typeof value === 'string' || value instanceof Uint8Array ? '' : {});
}

function plainNumber(value: number): Plain | undefined {
  if (Object.is(value, -0)) return 'double:-0';
  if (!Number.isFinite(value)) return `double:${value}`;
  return value === 0 ? undefined : value;
}

function plainObject(message: Readonly<Record<string, unknown>>, options: CanonicalOptions): Plain | undefined {
  if (typeof message['case'] === 'string') return { [message['case']]: elementOf(message['value'], options) };
  const entries: [string, Plain][] = [];
  for (const key of Object.keys(message).sort()) {
    if (key === '$typeName' || key === 'case') continue;
    if (key === '$unknown' && options.exact !== true) continue;
    const optional = OPTIONAL_FIELDS.has(key) && message[key] !== undefined;
    const child = optional ? elementOf(message[key], options) : plain(message[key], options);
    if (child !== undefined) entries.push([key, child]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Fields with explicit presence: a `sum` of 0 is not an absent sum. Of other messages `sum` (a summary's) is never optional. */
const OPTIONAL_FIELDS: ReadonlySet<string> = new Set(['sum', 'min', 'max']);
