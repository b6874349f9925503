import type { Signal } from '../../src/pdata/index.ts';
import { decodeRequest, encodeRequest, itemsOf } from '../testkit/otlp-proto.ts';
import { itemLines } from './canonical.ts';

/** Requests that the cases send, as protobuf. Everything is fixed: a case that fails, fails again. */
export interface Input {
  readonly signal: Signal;
  readonly bytes: Uint8Array;
}

const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const TIME = 1_700_000_000_123_456_789n;

const text = (key: string, value: string) => ({ key, value: { value: { case: 'stringValue', value } } });
const int = (key: string, value: bigint) => ({ key, value: { value: { case: 'intValue', value } } });
const double = (key: string, value: number) => ({ key, value: { value: { case: 'doubleValue', value } } });
const bool = (key: string, value: boolean) => ({ key, value: { value: { case: 'boolValue', value } } });

/** Every type a value may have, with the edges of each. */
export const EVERY_VALUE = [
  text('text', 'häuser 日本 😀'),
  text('text.empty', ''),
  bool('bool.true', true),
  bool('bool.false', false),
  int('int.max', MAX_INT64),
  int('int.min', MIN_INT64),
  int('int.above-2^53', 2n ** 53n + 1n),
  int('int.zero', 0n),
  double('double', 1.5),
  double('double.tiny', 5e-324),
  double('double.huge', 1.7976931348623157e308),
  double('double.nan', Number.NaN),
  double('double.inf', Number.POSITIVE_INFINITY),
  double('double.-inf', Number.NEGATIVE_INFINITY),
  { key: 'bytes', value: { value: { case: 'bytesValue', value: Uint8Array.of(0, 255, 1, 254) } } },
  {
    key: 'list',
    value: {
      value: {
        case: 'arrayValue',
        value: { values: [text('', 'a').value, int('', 7n).value, bool('', false).value, double('', 0).value] },
      },
    },
  },
  { key: 'map', value: { value: { case: 'kvlistValue', value: { values: [text('inner', 'x'), int('n', 1n)] } } } },
  { key: 'empty' },
];

const id = (size: number, seed: number) => Uint8Array.from({ length: size }, (_, i) => (seed * 31 + i * 7 + 1) % 256);

function resource(service: string, more: readonly object[] = []) {
  return { attributes: [text('service.name', service), text('host.name', `host-${service}`), ...more] };
}
const scope = (name: string) => ({
  name,
  version: '1.2.3',
  attributes: [text('scope.key', name)],
  droppedAttributesCount: 3,
});

/** One span with everything a span can have, in two resources and scopes. */
function richTraces(): Input {
  const span = (seed: number) => ({
    traceId: id(16, seed),
    spanId: id(8, seed),
    parentSpanId: seed % 2 === 0 ? new Uint8Array() : id(8, seed + 100),
    traceState: 'vendor=value,other=1',
    flags: 0x301,
    name: `GET /items/${seed}`,
    kind: seed % 6,
    startTimeUnixNano: TIME,
    endTimeUnixNano: MAX_UINT64,
    attributes: EVERY_VALUE,
    droppedAttributesCount: 2 ** 32 - 1,
    events: [
      {
        timeUnixNano: TIME + 1n,
        name: 'exception',
        attributes: [text('exception.type', 'E')],
        droppedAttributesCount: 1,
      },
      { name: 'bare' },
    ],
    droppedEventsCount: 4,
    links: [
      {
        traceId: id(16, 77),
        spanId: id(8, 78),
        traceState: 'a=b',
        attributes: [int('n', -1n)],
        flags: 1,
        droppedAttributesCount: 2,
      },
    ],
    droppedLinksCount: 5,
    status: { code: seed % 3, message: 'it broke' },
  });
  return traces([
    {
      resource: { ...resource('shop', EVERY_VALUE), droppedAttributesCount: 9 },
      scopeSpans: [
        { scope: scope('lib-a'), spans: [span(1), span(2)], schemaUrl: 'https://example.org/scope/1' },
        { scope: scope('lib-b'), spans: [span(3)] },
      ],
      schemaUrl: 'https://example.org/resource/1',
    },
    { resource: resource('cart'), scopeSpans: [{ spans: [span(4), { name: 'no ids' }] }] },
  ]);
}

/** `resourceCount` resources with `scopeCount` scopes of `spanCount` small spans each; names are unique within `label`. */
function plainTraces(label: string, counts: Counts): Input {
  return traces(
    grid(label, counts, (name, n) => ({
      scope: scope(name),
      spans: range(n).map((i) => ({
        traceId: id(16, i),
        spanId: id(8, i),
        name: `${name}-${i}`,
        startTimeUnixNano: TIME,
        endTimeUnixNano: TIME + 5n,
        attributes: [int('index', BigInt(i))],
      })),
    })).map(({ resource, scopes }) => ({ resource, scopeSpans: scopes })),
  );
}

export interface Counts {
  readonly resources: number;
  readonly scopes: number;
  readonly items: number;
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

function grid(label: string, counts: Counts, scoped: (name: string, items: number) => object) {
  return range(counts.resources).map((r) => ({
    resource: resource(`${label}-${r}`),
    scopes: range(counts.scopes).map((s) => scoped(`${label}-${r}-${s}`, counts.items)),
  }));
}

/** Every kind of metric with every kind of point, exemplars and 64-bit edges. */
function richMetrics(): Input {
  const exemplars = [
    {
      timeUnixNano: TIME,
      value: { case: 'asDouble', value: 0.25 },
      spanId: id(8, 1),
      traceId: id(16, 1),
      filteredAttributes: [text('f', 'x')],
    },
    { timeUnixNano: TIME, value: { case: 'asInt', value: MIN_INT64 } },
  ];
  const base = {
    attributes: [text('route', '/a'), bool('ok', true)],
    startTimeUnixNano: TIME,
    timeUnixNano: TIME + 10n,
  };
  const number = [
    { ...base, value: { case: 'asInt', value: MAX_INT64 }, exemplars, flags: 1 },
    { ...base, value: { case: 'asDouble', value: -0.125 } },
    { ...base, value: { case: 'asDouble', value: 0 } },
    { ...base, value: { case: 'asInt', value: 0n } },
    { ...base, flags: 1 },
  ];
  const histogram = {
    ...base,
    count: MAX_UINT64,
    sum: 0,
    bucketCounts: [0n, 1n, MAX_UINT64],
    explicitBounds: [0, 10.5],
    exemplars,
    min: -1,
    max: 0,
  };
  const exponential = {
    ...base,
    count: 12n,
    sum: 3.5,
    scale: -3,
    zeroCount: 2n,
    positive: { offset: -7, bucketCounts: [1n, 0n, 3n] },
    negative: { offset: 2, bucketCounts: [MAX_UINT64] },
    flags: 0,
    exemplars,
    min: 0,
    max: 9.5,
    zeroThreshold: 1e-9,
  };
  const summary = {
    ...base,
    count: 4n,
    sum: 0,
    quantileValues: [{ quantile: 0.5, value: 1 }, { quantile: 1, value: 0 }, {}],
  };
  const kinds = [
    { case: 'gauge', value: { dataPoints: number } },
    { case: 'sum', value: { dataPoints: number, aggregationTemporality: 2, isMonotonic: true } },
    { case: 'sum', value: { dataPoints: number.slice(0, 1), aggregationTemporality: 1 } },
    { case: 'histogram', value: { dataPoints: [histogram, { ...base, count: 0n }], aggregationTemporality: 1 } },
    { case: 'exponentialHistogram', value: { dataPoints: [exponential, { ...base }], aggregationTemporality: 2 } },
    { case: 'summary', value: { dataPoints: [summary] } },
  ];
  const metrics = kinds.map((data, i) => ({
    name: `metric.${i}.${data.case}`,
    description: `of kind ${data.case}`,
    unit: '{thing}/s',
    metadata: [text('prometheus.type', 'x')],
    data,
  }));
  return requests('metrics', 'resourceMetrics', [
    {
      resource: resource('shop', EVERY_VALUE),
      scopeMetrics: [{ scope: scope('meter'), metrics, schemaUrl: 'https://example.org/m' }],
    },
    { resource: resource('cart'), scopeMetrics: [{ metrics: metrics.slice(0, 2) }] },
  ]);
}

/** Like plainTraces; each metric has three points, so that a batch boundary can fall inside a metric. */
function plainMetrics(label: string, counts: Counts): Input {
  const kindOf = (i: number) => (['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const)[i % 5]!;
  const point = (i: number, n: number) => ({
    attributes: [int('point', BigInt(n))],
    timeUnixNano: TIME,
    ...(i % 5 < 2 ? { value: { case: 'asInt', value: BigInt(n) } } : { count: BigInt(n) }),
  });
  const shared = (i: number) => ([1, 2, 3].includes(i % 5) ? { aggregationTemporality: 2 } : {});
  return requests(
    'metrics',
    'resourceMetrics',
    grid(label, counts, (name, n) => ({
      scope: scope(name),
      metrics: range(n).map((i) => ({
        name: `${name}-${i}`,
        unit: 's',
        data: { case: kindOf(i), value: { ...shared(i), dataPoints: range(3).map((p) => point(i, p)) } },
      })),
    })).map(({ resource, scopes }) => ({ resource, scopeMetrics: scopes })),
  );
}

/** Bodies of every type, severities, ids, an unknown severity number. */
function richLogs(): Input {
  const logRecords = EVERY_VALUE.map(({ value }, i) => ({
    timeUnixNano: TIME + BigInt(i),
    observedTimeUnixNano: MAX_UINT64,
    severityNumber: i % 25,
    severityText: 'INFO2',
    ...(value === undefined ? {} : { body: value }),
    attributes: EVERY_VALUE,
    droppedAttributesCount: 7,
    flags: 1,
    traceId: id(16, i),
    spanId: id(8, i),
    eventName: i % 2 === 0 ? 'user.login' : '',
  }));
  return requests('logs', 'resourceLogs', [
    {
      resource: resource('shop', EVERY_VALUE),
      scopeLogs: [{ scope: scope('logger'), logRecords, schemaUrl: 'https://example.org/l' }],
    },
    { resource: resource('cart'), scopeLogs: [{ logRecords: [{}, { severityNumber: 24 }] }] },
  ]);
}

function plainLogs(label: string, counts: Counts): Input {
  return requests(
    'logs',
    'resourceLogs',
    grid(label, counts, (name, n) => ({
      scope: scope(name),
      logRecords: range(n).map((i) => ({
        timeUnixNano: TIME,
        body: { value: { case: 'stringValue', value: `${name}-${i}` } },
      })),
    })).map(({ resource, scopes }) => ({ resource, scopeLogs: scopes })),
  );
}

/** A request of each signal for `label`. */
export function plainInput(signal: Signal, label: string, counts: Counts): Input {
  return { traces: plainTraces, metrics: plainMetrics, logs: plainLogs }[signal](label, counts);
}

export function richInput(signal: Signal): Input {
  return { traces: richTraces, metrics: richMetrics, logs: richLogs }[signal]();
}

/** Lines the input has at the backend. A request without items is answered and goes no further. */
export function lineCount(...inputs: readonly Input[]): number {
  return inputs.reduce((sum, { signal, bytes }) => {
    const request = decodeRequest(signal, bytes);
    return itemsOf(signal, request).length === 0 ? sum : sum + itemLines(signal, request).length;
  }, 0);
}

function traces(resourceSpans: readonly object[]): Input {
  return requests('traces', 'resourceSpans', resourceSpans);
}

export function requests(signal: Signal, key: string, groups: readonly object[]): Input {
  return { signal, bytes: encodeRequest(signal, { [key]: groups }) };
}
