import { ALL_SIGNALS, type CaseConfig, type DifferentialCase, send } from '../case.ts';
import { plainInput } from '../inputs.ts';

const one = { resources: 1, scopes: 1, items: 1 };

interface Sent {
  readonly label: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface RoutingOptions {
  readonly expected?: number;
  readonly includeMetadata?: boolean;
  readonly processors?: Readonly<Record<string, object>>;
  /** By default some are sent over gRPC, most over HTTP. */
  readonly protocol?: 'http';
}

/** Requests with headers through a routing connector into exporters `a`, `b` and `rest`, which the backend tells apart. */
function routingCase(
  name: string,
  routing: (signal: string) => object,
  sent: readonly Sent[],
  options: RoutingOptions = {},
): DifferentialCase {
  const { expected = sent.length, includeMetadata = true, processors = {}, protocol } = options;
  const names = ['a', 'b', 'rest'];
  return {
    name: `routing: ${name}`,
    config: ({ backendGrpc }): CaseConfig => ({
      receiver: { grpc: { include_metadata: includeMetadata }, http: { include_metadata: includeMetadata } },
      processors,
      connectors: Object.fromEntries(ALL_SIGNALS.map((signal) => [`routing/${signal}`, routing(signal)])),
      exporters: Object.fromEntries(
        names.map((exporter) => [
          `otlp_grpc/${exporter}`,
          { endpoint: backendGrpc, tls: { insecure: true }, headers: { 'x-exporter': exporter } },
        ]),
      ),
      pipelines: Object.fromEntries(
        ALL_SIGNALS.flatMap((signal) => [
          [signal, { processors: Object.keys(processors), exporters: [`routing/${signal}`] }],
          ...names.map((exporter) => [
            `${signal}/${exporter}`,
            { receivers: [`routing/${signal}`], exporters: [`otlp_grpc/${exporter}`] },
          ]),
        ]),
      ),
    }),
    steps: sent.flatMap(({ label, headers }, i) => {
      const signal = ALL_SIGNALS[i % 2 === 0 ? 0 : 2]!;
      const via = {
        protocol: protocol ?? (i % 3 === 0 ? 'grpc' : 'http'),
        ...(headers !== undefined && { headers }),
      } as const;
      return send(plainInput(signal, label, one), via);
    }),
    expectedItems: expected,
  };
}

const row = (condition: string, signal: string, pipelines: readonly string[], more: object = {}) => ({
  context: 'request',
  condition,
  pipelines: pipelines.map((name) => `${signal}/${name}`),
  ...more,
});

const tenants: readonly Sent[] = [
  { label: 'grpc acme', headers: { 'x-tenant': 'acme' } },
  { label: 'http acme', headers: { 'X-TENANT': 'acme' } },
  { label: 'http other', headers: { 'x-tenant': 'other' } },
  { label: 'grpc other', headers: { 'x-tenant': 'other' } },
  { label: 'http nobody' },
  { label: 'http empty', headers: { 'x-tenant': '' } },
  { label: 'grpc nobody' },
  { label: 'http two', headers: { 'x-tenant': 'acme,other' } },
];

export const routingCases: readonly DifferentialCase[] = [
  routingCase(
    'the first condition that is met, else the default',
    (signal) => ({
      table: [
        row('request["X-Tenant"] == "acme"', signal, ['a']),
        row('request["x-tenant"] != "third"', signal, ['b']),
      ],
      default_pipelines: [`${signal}/rest`],
    }),
    tenants,
  ),
  routingCase(
    'several pipelines, and what is copied goes on',
    (signal) => ({
      table: [
        row('request["X-Tenant"] == "acme"', signal, ['a'], { action: 'copy' }),
        row('request["X-Tenant"] == "other"', signal, ['a', 'b']),
      ],
      default_pipelines: [`${signal}/rest`],
      error_mode: 'ignore',
    }),
    tenants,
    { expected: tenants.length + 4 },
  ),
  routingCase(
    'without a default the rest goes nowhere',
    (signal) => ({ table: [row('request["X-Tenant"]=="acme"', signal, ['a'])] }),
    tenants,
    { expected: 2 },
  ),
  routingCase(
    'a header that every request has',
    (signal) => ({
      table: [row('request["Content-Type"] == "application/grpc"', signal, ['a'])],
      default_pipelines: [`${signal}/rest`],
    }),
    tenants,
  ),
  routingCase(
    'a batch processor in front takes the headers away',
    (signal) => ({
      table: [row('request["X-Tenant"] == "acme"', signal, ['a'])],
      default_pipelines: [`${signal}/rest`],
    }),
    tenants,
    { processors: { batch: { timeout: '50ms' } } },
  ),
  routingCase(
    'a batch processor that keeps them apart',
    (signal) => ({
      table: [row('request["X-Tenant"] == "acme"', signal, ['a'])],
      default_pipelines: [`${signal}/rest`],
    }),
    tenants,
    { processors: { batch: { timeout: '50ms', metadata_keys: ['X-Tenant'] } } },
  ),
  routingCase(
    'over gRPC, of a receiver that keeps no headers',
    (signal) => ({
      table: [row('request["X-Tenant"] == "acme"', signal, ['a'])],
      default_pipelines: [`${signal}/rest`],
    }),
    tenants.slice(0, 1),
    { includeMetadata: false },
  ),
  routingCase(
    'over HTTP, of a receiver that keeps no headers',
    (signal) => ({
      table: [row('request["X-Tenant"] == "acme"', signal, ['a'])],
      default_pipelines: [`${signal}/rest`],
    }),
    tenants,
    { includeMetadata: false, protocol: 'http' },
  ),
];
