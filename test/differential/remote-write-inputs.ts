import { encodeRequest } from '../testkit/otlp-proto.ts';

type Data = Readonly<Record<string, unknown>>;

const CUMULATIVE = 2;
const DELTA = 1;
const START = 1_700_000_000_000_000_000n;
const TIME = 1_700_000_060_123_456_789n;

export const attribute = (key: string, value: string | number | boolean) => ({
  key,
  value: {
    value:
      typeof value === 'string'
        ? { case: 'stringValue', value }
        : typeof value === 'boolean'
          ? { case: 'boolValue', value }
          : { case: 'doubleValue', value },
  },
});

const base = (more: Data = {}) => ({ startTimeUnixNano: START, timeUnixNano: TIME, ...more });
export const asDouble = (value: number, more: Data = {}) => ({ ...base(more), value: { case: 'asDouble', value } });
export const asInt = (value: bigint, more: Data = {}) => ({ ...base(more), value: { case: 'asInt', value } });

type Named = Readonly<{ name: string; unit?: string; description?: string }>;

export const gauge = (named: Named, ...dataPoints: Data[]) => ({
  ...named,
  data: { case: 'gauge', value: { dataPoints } },
});
export const sum = (named: Named & { isMonotonic?: boolean; delta?: boolean }, ...dataPoints: Data[]) => {
  const { isMonotonic = true, delta = false, ...rest } = named;
  const value = { dataPoints, isMonotonic, aggregationTemporality: delta ? DELTA : CUMULATIVE };
  return { ...rest, data: { case: 'sum', value } };
};
export const histogram = (named: Named, ...dataPoints: Data[]) => ({
  ...named,
  data: { case: 'histogram', value: { dataPoints, aggregationTemporality: CUMULATIVE } },
});
export const exponential = (named: Named, ...dataPoints: Data[]) => ({
  ...named,
  data: { case: 'exponentialHistogram', value: { dataPoints, aggregationTemporality: CUMULATIVE } },
});
export const summary = (named: Named, ...dataPoints: Data[]) => ({
  ...named,
  data: { case: 'summary', value: { dataPoints } },
});

const RESOURCE = [
  attribute('service.name', 'checkout'),
  attribute('service.namespace', 'shop'),
  attribute('service.instance.id', 'i-1'),
  attribute('host.name', 'node.1'),
  attribute('_private', 'yes'),
  attribute('a..b', 'twice'),
];

export function metricsRequest(metrics: readonly Data[], attributes: readonly Data[] = RESOURCE): Uint8Array {
  const scope = { name: 'lib', version: '1.2', attributes: [attribute('kind.of', 'auto')] };
  return encodeRequest('metrics', {
    resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope, metrics }] }],
  });
}

const exemplars = [
  {
    timeUnixNano: TIME,
    value: { case: 'asDouble', value: 0.3 },
    traceId: new Uint8Array(16).fill(1),
    spanId: new Uint8Array(8).fill(2),
    filteredAttributes: [attribute('path', '/')],
  },
  { timeUnixNano: TIME, value: { case: 'asInt', value: 7n }, filteredAttributes: [attribute('x', 'y'.repeat(200))] },
];

const stale = { flags: 1 };
const of = (...pairs: [string, string | number | boolean][]) => ({
  attributes: pairs.map(([k, v]) => attribute(k, v)),
});

/** By what they show. */
export const REMOTE_WRITE_INPUTS: Readonly<Record<string, Uint8Array>> = {
  'gauges and sums': metricsRequest([
    gauge({ name: 'temp', unit: 'Cel' }, asDouble(21.5, of(['room', 'a'])), asInt(-3n, of(['room', 'b']))),
    gauge({ name: 'load.ratio', unit: '1' }, asDouble(0.5)),
    sum({ name: 'requests', unit: '{request}', description: 'Requests.' }, asInt(9_007_199_254_740_993n)),
    sum({ name: 'bytes.sent.total', unit: 'By' }, asDouble(1e21)),
    sum({ name: 'open', isMonotonic: false }, asInt(4n)),
    sum({ name: 'speed', unit: 'm/s' }, asDouble(1)),
  ]),
  'odd names': metricsRequest([
    gauge({ name: '9lives', unit: 'ms' }, asDouble(1, of(['9', 'digit'], ['_under', 'u'], ['__x__', 'reserved']))),
    gauge({ name: 'häuser.größe', unit: 'KiBy/h' }, asDouble(1, of(['straße', 's'], ['a.b', '1'], ['a_b', '2']))),
    gauge({ name: 'a__b::c', unit: 'foo/{bar}' }, asDouble(1, of(['', 'empty name'])), asDouble(2)),
    gauge({ name: '___' }, asDouble(1)),
    gauge({ name: 'ünïcödé/%' }, asDouble(3, of(['ok', true], ['num', 1.5], ['big', 1e300]))),
  ]),
  'doubles that are no numbers, and series that end': metricsRequest([
    gauge({ name: 'nan' }, asDouble(Number.NaN)),
    gauge({ name: 'inf' }, asDouble(Number.POSITIVE_INFINITY, of(['n', 1])), asDouble(-0, of(['n', 2]))),
    gauge({ name: 'gone' }, { ...base(stale) }),
    sum({ name: 'ended' }, asInt(3n, stale)),
    histogram({ name: 'h' }, { ...base(stale), count: 0n, explicitBounds: [1], bucketCounts: [0n, 0n] }),
    summary({ name: 's' }, { ...base(stale), quantileValues: [{ quantile: 0.5, value: 0 }] }),
    exponential({ name: 'e' }, { ...base(stale), scale: 1 }),
  ]),
  histograms: metricsRequest([
    histogram(
      { name: 'latency', unit: 's', description: 'How long.' },
      {
        ...base(),
        count: 6n,
        sum: 3.5,
        explicitBounds: [0.005, 0.1, 1e-7, 2.5e21],
        bucketCounts: [1n, 2n, 0n, 1n, 2n],
      },
      { ...base(of(['one', 'bucket'])), count: 1n, explicitBounds: [], bucketCounts: [1n] },
    ),
  ]),
  summaries: metricsRequest([
    summary(
      { name: 'gc', unit: 's' },
      {
        ...base(),
        count: 3n,
        sum: 1.5,
        quantileValues: [
          { quantile: 0.5, value: 0.2 },
          { quantile: 0.99, value: 1 },
        ],
      },
    ),
  ]),
  'exponential histograms': metricsRequest([
    exponential(
      { name: 'size', unit: 'By' },
      {
        ...base(),
        count: 20n,
        sum: 99,
        scale: 3,
        zeroCount: 2n,
        positive: { offset: -2, bucketCounts: [1n, 0n, 0n, 0n, 4n, 0n, 2n, 0n] },
        negative: { offset: 5, bucketCounts: [3n, 1n] },
      },
      {
        ...base(of(['fine', 'yes'])),
        count: 6n,
        sum: 9,
        scale: 10,
        positive: { offset: 3, bucketCounts: [1n, 1n, 1n, 1n, 1n, 1n] },
      },
      { ...base(of(['coarse', 'yes'])), count: 1n, scale: -5, positive: { offset: 0, bucketCounts: [1n] } },
    ),
  ]),
  'delta is left out': metricsRequest([
    sum({ name: 'delta', delta: true }, asInt(1n)),
    gauge({ name: 'kept' }, asInt(1n)),
  ]),
  'a resource without service': metricsRequest([gauge({ name: 'g' }, asInt(1n))], [attribute('host.name', 'h')]),
  'only a service': metricsRequest([gauge({ name: 'g' }, asInt(1n))], [attribute('service.name', 's')]),
};

/** An attribute of the name of a label that a bucket has. */
export const LE_INPUT: Uint8Array = metricsRequest([
  histogram({ name: 'h' }, { ...base(of(['le', 'own'])), count: 1n, explicitBounds: [], bucketCounts: [1n] }),
]);

/** A zero bucket of a width of its own. */
export const ZERO_THRESHOLD_INPUT: Uint8Array = metricsRequest([
  exponential({ name: 'e' }, { ...base(), count: 1n, scale: 1, zeroThreshold: 0.5, zeroCount: 1n }),
]);

/** Version 1.0 alone: the Collector sends exemplars with it only. */
export const EXEMPLAR_INPUT: Uint8Array = metricsRequest([
  sum({ name: 'sold' }, asInt(3n, { exemplars })),
  histogram(
    { name: 'latency', unit: 's' },
    { ...base({ exemplars }), count: 6n, sum: 3, explicitBounds: [0.5, 5], bucketCounts: [1n, 2n, 3n] },
  ),
  exponential({ name: 'e' }, { ...base({ exemplars }), count: 1n, scale: 1, positive: { bucketCounts: [1n] } }),
]);
