import { ALL_SIGNALS, type DifferentialCase, everySignal, send, type Via } from '../case.ts';
import { lineCount, plainInput, richInput } from '../inputs.ts';

const EVERY_WAY: readonly Via[] = [
  { protocol: 'grpc' },
  { protocol: 'grpc', compression: 'gzip' },
  { protocol: 'grpc', compression: 'zstd' },
  { protocol: 'http' },
  { protocol: 'http', compression: 'gzip' },
  { protocol: 'http', compression: 'zstd' },
  { protocol: 'http', encoding: 'json' },
  { protocol: 'http', encoding: 'json', compression: 'gzip' },
  { protocol: 'http', encoding: 'json', compression: 'zstd' },
];

const RICH_ITEMS = lineCount(...ALL_SIGNALS.map(richInput));
const few = { resources: 2, scopes: 2, items: 2 };
const FEW_ITEMS = { traces: 8, metrics: 24, logs: 8 } as const;
const FEW_TOTAL = FEW_ITEMS.traces + FEW_ITEMS.metrics + FEW_ITEMS.logs;

const richFromEverywhere = EVERY_WAY.flatMap((via) => ALL_SIGNALS.map((signal) => send(richInput(signal), via)));
const fewOfAll = ALL_SIGNALS.map((signal) => send(plainInput(signal, 'few', few), { protocol: 'grpc' }));

function grpcOut(compression: string): DifferentialCase {
  return {
    name: `otlp_grpc with compression ${compression}: every signal, in by every protocol, encoding and compression`,
    config: ({ backendGrpc }) => ({
      exporters: {
        otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true }, compression, headers: { 'X-Tenant': 'a b' } },
      },
      pipelines: everySignal({ exporters: ['otlp_grpc'] }),
    }),
    steps: richFromEverywhere,
    expectedItems: EVERY_WAY.length * RICH_ITEMS,
  };
}

function httpOut(compression: string, more: object = {}, label = ''): DifferentialCase {
  return {
    name: `otlp_http with compression ${compression}${label}: every signal, in by every protocol, encoding and compression`,
    config: ({ backendHttp }) => ({
      exporters: {
        otlp_http: {
          endpoint: backendHttp,
          compression,
          headers: { Authorization: 'Bearer t', 'X-Tenant': 'a' },
          ...more,
        },
      },
      pipelines: everySignal({ exporters: ['otlp_http'] }),
    }),
    steps: richFromEverywhere,
    expectedItems: EVERY_WAY.length * RICH_ITEMS,
  };
}

export const exporterCases: readonly DifferentialCase[] = [
  ...['none', 'gzip', 'zstd', 'snappy'].map(grpcOut),
  ...['none', 'gzip', 'zstd', 'snappy'].map((compression) => httpOut(compression)),
  httpOut('gzip', { encoding: 'json' }, ' and encoding json'),
  {
    name: 'otlp and otlphttp, the old names, with default settings',
    config: ({ backendGrpc, backendHttp }) => ({
      exporters: {
        otlp: { endpoint: `http://${backendGrpc}`, tls: { insecure: true }, headers: { 'x-exporter': 'grpc' } },
        otlphttp: { endpoint: `${backendHttp}/`, headers: { 'x-exporter': 'http' } },
      },
      pipelines: everySignal({ exporters: ['otlp', 'otlphttp'] }),
    }),
    steps: fewOfAll,
    expectedItems: 2 * FEW_TOTAL,
  },
  {
    name: 'otlp_http with a path in its endpoint and endpoints of its own per signal',
    config: ({ backendHttp }) => ({
      exporters: {
        otlp_http: { endpoint: `${backendHttp}/tenant/a`, logs_endpoint: `${backendHttp}/elsewhere/logs` },
      },
      pipelines: everySignal({ exporters: ['otlp_http'] }),
    }),
    steps: fewOfAll,
    expectedItems: FEW_TOTAL,
  },
  {
    name: 'exporters without a queue',
    config: ({ backendGrpc, backendHttp }) => ({
      exporters: {
        otlp_grpc: {
          endpoint: backendGrpc,
          tls: { insecure: true },
          sending_queue: { enabled: false },
          headers: { 'x-exporter': 'grpc' },
        },
        otlp_http: { endpoint: backendHttp, sending_queue: { enabled: false }, headers: { 'x-exporter': 'http' } },
      },
      pipelines: everySignal({ exporters: ['otlp_grpc', 'otlp_http'] }),
    }),
    steps: fewOfAll,
    expectedItems: 2 * FEW_TOTAL,
  },
  {
    name: 'several exporters of one pipeline and several pipelines of one receiver',
    config: ({ backendGrpc, backendHttp }) => ({
      exporters: {
        'otlp_grpc/a': { endpoint: backendGrpc, tls: { insecure: true }, headers: { 'x-exporter': 'a' } },
        'otlp_grpc/b': { endpoint: backendGrpc, tls: { insecure: true }, headers: { 'x-exporter': 'b' } },
        'otlp_http/c': { endpoint: backendHttp, headers: { 'x-exporter': 'c' } },
      },
      processors: { 'resource/two': { attributes: [{ key: 'pipeline', value: 'two', action: 'insert' }] } },
      pipelines: {
        'traces/one': { exporters: ['otlp_grpc/a', 'otlp_http/c'] },
        'traces/two': { processors: ['resource/two'], exporters: ['otlp_grpc/b'] },
        metrics: { exporters: ['otlp_grpc/a', 'otlp_grpc/b'] },
        logs: { exporters: ['otlp_http/c'] },
      },
    }),
    steps: fewOfAll,
    expectedItems: 3 * FEW_ITEMS.traces + 2 * FEW_ITEMS.metrics + FEW_ITEMS.logs,
  },
  {
    name: 'forward connector: a shared input stage before two pipelines',
    config: ({ backendGrpc }) => ({
      connectors: { 'forward/in': null },
      processors: {
        memory_limiter: { check_interval: '1s', limit_mib: 4000, spike_limit_mib: 500 },
        'resource/shared': { attributes: [{ key: 'cluster', value: 'c1', action: 'upsert' }] },
        'resource/own': { attributes: [{ key: 'own', value: 'b', action: 'upsert' }] },
      },
      exporters: {
        'otlp_grpc/a': { endpoint: backendGrpc, tls: { insecure: true }, headers: { 'x-exporter': 'a' } },
        'otlp_grpc/b': { endpoint: backendGrpc, tls: { insecure: true }, headers: { 'x-exporter': 'b' } },
      },
      pipelines: Object.fromEntries(
        ALL_SIGNALS.flatMap((signal) => [
          [`${signal}/in`, { processors: ['memory_limiter', 'resource/shared'], exporters: ['forward/in'] }],
          [`${signal}/a`, { receivers: ['forward/in'], exporters: ['otlp_grpc/a'] }],
          [`${signal}/b`, { receivers: ['forward/in'], processors: ['resource/own'], exporters: ['otlp_grpc/b'] }],
        ]),
      ),
    }),
    steps: fewOfAll,
    expectedItems: 2 * FEW_TOTAL,
  },
  {
    name: 'empty requests and groups without items',
    config: ({ backendGrpc }) => ({
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
      pipelines: everySignal({ exporters: ['otlp_grpc'] }),
    }),
    steps: ALL_SIGNALS.flatMap((signal) => [
      send({ signal, bytes: new Uint8Array() }, { protocol: 'grpc' }),
      send({ signal, bytes: new Uint8Array() }, { protocol: 'http' }),
      send({ signal, bytes: new Uint8Array() }, { protocol: 'http', encoding: 'json' }),
      send(plainInput(signal, 'one', { resources: 1, scopes: 1, items: 1 }), { protocol: 'http', encoding: 'json' }),
    ]),
    expectedItems: 1 + 3 + 1,
  },
];
