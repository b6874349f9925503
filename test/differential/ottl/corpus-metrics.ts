import { keyValues } from './any-value.ts';

const T0 = 1_700_000_000_000_000_000n;

const times = (index: number) => ({ startTimeUnixNano: T0, timeUnixNano: T0 + BigInt(index) * 1_000_000_000n });

const number = (
  index: number,
  value: number | bigint | undefined,
  attributes: Parameters<typeof keyValues>[0] = {},
) => ({
  ...times(index),
  attributes: keyValues(attributes),
  value:
    value === undefined
      ? { case: undefined }
      : typeof value === 'bigint'
        ? { case: 'asInt', value }
        : { case: 'asDouble', value },
  flags: index % 2,
  exemplars: index % 3 === 1 ? [exemplar(index)] : [],
});

const exemplar = (index: number) => ({
  timeUnixNano: T0,
  filteredAttributes: keyValues({ e: BigInt(index) }),
  value: index % 2 === 0 ? { case: 'asInt', value: 7n } : { case: 'asDouble', value: 2.5 },
  spanId: new Uint8Array(8).fill(3),
  traceId: new Uint8Array(16).fill(4),
});

const histogram = (index: number, attributes: Parameters<typeof keyValues>[0], more: object = {}) => ({
  ...times(index),
  attributes: keyValues(attributes),
  count: BigInt(6 + index),
  sum: 12.5 * (index + 1),
  bucketCounts: [1n, 2n, BigInt(3 + index)],
  explicitBounds: [1, 5],
  exemplars: [exemplar(index)],
  min: 0.5,
  max: 9,
  ...more,
});

const exponential = (index: number, attributes: Parameters<typeof keyValues>[0], more: object = {}) => ({
  ...times(index),
  attributes: keyValues(attributes),
  count: 10n,
  sum: 99.5,
  scale: 1,
  zeroCount: 2n,
  positive: { offset: 1, bucketCounts: [1n, 0n, 3n, 4n] },
  negative: { offset: -2, bucketCounts: [1n, 1n] },
  flags: index,
  exemplars: [exemplar(index)],
  min: -3,
  max: 50,
  zeroThreshold: 0.01,
  ...more,
});

const summary = (index: number, attributes: Parameters<typeof keyValues>[0]) => ({
  ...times(index),
  attributes: keyValues(attributes),
  count: BigInt(5 + index),
  sum: 77.25 + index,
  quantileValues: [
    { quantile: 0.5, value: 10 },
    { quantile: 0.99, value: 42.5 },
  ],
  flags: 0,
});

const a = { host: 'a', core: 0n };
const b = { host: 'b', core: 1n };

const METRIC_LIST: readonly object[] = [
  {
    name: 'cpu.usage',
    description: 'how busy',
    unit: '1',
    metadata: keyValues({ origin: 'node' }),
    data: {
      case: 'gauge',
      value: { dataPoints: [number(0, 0.25, a), number(1, 0.75, b), number(2, Number.NaN, { host: 'a', core: 1n })] },
    },
  },
  {
    name: 'requests',
    unit: 's',
    data: {
      case: 'sum',
      value: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          number(0, 10n, a),
          number(0, 5n, { host: 'a', core: 1n }),
          number(0, 7n, b),
          number(1, -3n, {}),
          number(3, undefined, { host: 'c' }),
        ],
      },
    },
  },
  {
    name: 'edges',
    data: {
      case: 'sum',
      value: {
        aggregationTemporality: 1,
        isMonotonic: false,
        dataPoints: [
          number(0, 2n ** 63n - 1n, { host: 'a' }),
          number(0, -(2n ** 63n), { host: 'b' }),
          number(1, Number.POSITIVE_INFINITY, { host: 'a' }),
          number(1, -0, { host: 'b' }),
        ],
      },
    },
  },
  {
    name: 'latency',
    unit: 'ms',
    description: 'took',
    data: {
      case: 'histogram',
      value: {
        aggregationTemporality: 1,
        dataPoints: [
          histogram(0, a),
          histogram(0, { host: 'a', core: 1n }, { bucketCounts: [2n, 2n, 2n] }),
          histogram(1, b, { sum: undefined, min: undefined, max: undefined }),
          histogram(2, b, { bucketCounts: [], explicitBounds: [] }),
          histogram(2, { host: 'x' }, { bucketCounts: [1n, 1n, 1n, 1n], explicitBounds: [1, 2, 5] }),
        ],
      },
    },
  },
  {
    name: 'sizes',
    unit: 'By',
    data: {
      case: 'exponentialHistogram',
      value: {
        aggregationTemporality: 2,
        dataPoints: [
          exponential(0, a),
          exponential(0, { host: 'a', core: 1n }, { positive: undefined, negative: undefined, zeroCount: 0n }),
          exponential(1, b, { sum: undefined, min: undefined, max: undefined, scale: -1 }),
          exponential(1, { host: 'x' }, { scale: 3, positive: { offset: -4, bucketCounts: [9n, 8n, 7n] } }),
        ],
      },
    },
  },
  { name: 'rpc', unit: 's', data: { case: 'summary', value: { dataPoints: [summary(0, a), summary(1, b)] } } },
  { name: 'nothing', description: 'without data' },
  { name: 'empty.gauge', data: { case: 'gauge', value: { dataPoints: [] } } },
  {
    name: 'unspecified',
    data: { case: 'histogram', value: { aggregationTemporality: 0, dataPoints: [histogram(0, {})] } },
  },
];

export const METRICS = {
  resourceMetrics: [
    {
      resource: {
        attributes: keyValues({ 'service.name': 'shop', 'k8s.pod.name': 'shop-1' }),
        droppedAttributesCount: 2,
      },
      schemaUrl: 'https://schema/1',
      scopeMetrics: [
        {
          scope: { name: 'meter', version: '1', attributes: keyValues({ x: 1n }) },
          schemaUrl: 's',
          metrics: METRIC_LIST,
        },
        { metrics: METRIC_LIST.slice(0, 2) },
      ],
    },
    { scopeMetrics: [{ scope: { name: 'other' }, metrics: METRIC_LIST.slice(3, 6) }] },
    { resource: { attributes: keyValues({ 'service.name': 'idle' }) }, scopeMetrics: [] },
  ],
};
