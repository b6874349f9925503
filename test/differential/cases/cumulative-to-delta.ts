import { type CaseConfig, type DifferentialCase, send } from '../case.ts';
import type { Input } from '../inputs.ts';
import {
  asDouble,
  asInt,
  attribute,
  exponential,
  gauge,
  histogram,
  metricsRequest,
  sum,
} from '../remote-write-inputs.ts';

const PAST = 1_700_000_000_000_000_000n;
/** Later than the start of whatever runs this test. */
const FUTURE = 4_000_000_000_000_000_000n;
const SECOND = 1_000_000_000n;

const input = (...metrics: Parameters<typeof metricsRequest>[0][number][]): Input => ({
  signal: 'metrics',
  bytes: metricsRequest(metrics),
});
/** The second point of a series, and so on. */
const at = (n: number, start = PAST) => ({ startTimeUnixNano: start, timeUnixNano: start + BigInt(n) * SECOND });
const of = (key: string, value: string) => ({ attributes: [attribute(key, value)] });

const hist = (n: number, counts: readonly bigint[], more: object = {}, start = PAST) => ({
  ...at(n, start),
  count: counts.reduce((all, one) => all + one, 0n),
  sum: n * 1.5,
  min: 0.1,
  max: 9,
  explicitBounds: counts.slice(1).map((_, i) => i + 1),
  bucketCounts: [...counts],
  ...more,
});
const exp = (n: number, more: object, start = PAST) => ({ ...at(n, start), sum: n, min: 1, max: 2, ...more });

const SUMS: readonly Input[] = [
  input(
    sum({ name: 'a' }, asInt(10n, at(1)), asInt(5n, { ...at(1), ...of('k', 'v') })),
    sum({ name: 'new' }, asDouble(2.5, at(1, FUTURE))),
    sum({ name: 'level', isMonotonic: false }, asInt(4n, at(1))),
    sum({ name: 'already', delta: true }, asInt(4n, at(1))),
    gauge({ name: 'g' }, asInt(4n, at(1))),
  ),
  input(
    sum({ name: 'a' }, asInt(15n, at(2)), asInt(5n, { ...at(2), ...of('k', 'v') })),
    sum({ name: 'new' }, asDouble(4, at(2, FUTURE)), asDouble(1, at(0, FUTURE))),
    gauge({ name: 'g' }, asInt(5n, at(2))),
  ),
  input(
    sum({ name: 'a' }, asInt(3n, at(3)), asDouble(1, at(3))),
    sum({ name: 'gone' }, asInt(3n, { ...at(3), flags: 1 })),
  ),
  input(sum({ name: 'a' }, asInt(9n, at(4))), sum({ name: 'nan' }, asDouble(Number.NaN, at(4)))),
];

const HISTOGRAMS: readonly Input[] = [
  input(histogram({ name: 'h' }, hist(1, [1n, 2n, 3n]), hist(1, [1n, 1n], of('form', 'changes')))),
  input(histogram({ name: 'h' }, hist(2, [2n, 2n, 5n]), hist(2, [1n, 1n, 1n], of('form', 'changes')))),
  input(histogram({ name: 'h' }, hist(3, [1n, 0n, 0n]), hist(3, [2n, 1n, 4n], of('form', 'changes')))),
  input(histogram({ name: 'h' }, hist(4, [4n, 0n, 1n], { sum: undefined }))),
  input(histogram({ name: 'h' }, hist(5, [4n, 0n, 2n], { sum: Number.NaN }))),
  input(histogram({ name: 'h' }, hist(1, [4n, 1n], {}, FUTURE), { ...at(6), flags: 1 })),
];

const EXPONENTIAL: readonly Input[] = [
  input(
    exponential({ name: 'e' }, exp(1, { count: 4n, scale: 2, positive: { offset: -1, bucketCounts: [1n, 1n, 2n] } })),
  ),
  input(
    exponential(
      { name: 'e' },
      exp(2, { count: 9n, scale: 2, zeroCount: 1n, positive: { offset: -2, bucketCounts: [1n, 1n, 1n, 5n] } }),
    ),
  ),
  input(
    exponential(
      { name: 'e' },
      exp(3, { count: 12n, scale: 1, zeroCount: 1n, positive: { offset: -1, bucketCounts: [4n, 7n] } }),
    ),
  ),
  input(
    exponential(
      { name: 'e' },
      exp(4, { count: 14n, scale: 1, zeroCount: 5n, zeroThreshold: 0.8, positive: { offset: 0, bucketCounts: [9n] } }),
    ),
  ),
  input(exponential({ name: 'e' }, exp(5, { count: 2n, scale: 1, positive: { offset: 0, bucketCounts: [2n] } }))),
  input(exponential({ name: 'e' }, exp(6, { count: 20n, scale: 3, positive: { offset: 0, bucketCounts: [9n] } }))),
];

const config =
  (settings: object) =>
  ({ backendGrpc }: { readonly backendGrpc: string }): CaseConfig => ({
    processors: { cumulativetodelta: settings },
    exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
    pipelines: { metrics: { processors: ['cumulativetodelta'], exporters: ['otlp_grpc'] } },
  });

const subject = (
  name: string,
  {
    settings = {},
    inputs,
    items,
  }: { readonly settings?: object; readonly inputs: readonly Input[]; readonly items: number },
): DifferentialCase => ({
  name: `cumulativetodelta: ${name}`,
  config: config(settings),
  steps: inputs.map((one) => send(one, { protocol: 'grpc' })),
  expectedItems: items,
  // Where nothing is left the Collector sends an empty request, and its processor counts what the engine's does not.
  exceptFacets: ['requests', 'seriesNames', 'selfMetrics'],
});

export const cumulativeToDeltaCases: readonly DifferentialCase[] = [
  subject('sums', { inputs: SUMS, items: 10 }),
  subject('histograms', { inputs: HISTOGRAMS, items: 6 }),
  subject('exponential histograms', { inputs: EXPONENTIAL, items: 3 }),
  subject('first points are kept', {
    settings: { initial_value: 'keep' },
    inputs: [...SUMS, ...HISTOGRAMS, ...EXPONENTIAL],
    items: 25,
  }),
  subject('first points are dropped', {
    settings: { initial_value: 'drop' },
    inputs: [...SUMS, ...HISTOGRAMS],
    items: 14,
  }),
  subject('only some metrics', {
    settings: { include: { match_type: 'strict', metrics: ['a', 'h'] }, exclude: { metric_types: ['histogram'] } },
    inputs: [...SUMS, ...HISTOGRAMS],
    items: 22,
  }),
  subject('all but what a pattern names', {
    settings: { exclude: { match_type: 'regexp', metrics: ['^n', 'e$'] }, include: { metric_types: ['Sum'] } },
    inputs: [...SUMS, ...EXPONENTIAL],
    items: 18,
  }),
];
