import { type DifferentialCase, everySignal, type Step, send } from '../case.ts';
import { plainInput } from '../inputs.ts';

const log = plainInput('logs', 'from a page', { resources: 1, scopes: 1, items: 1 });

const ANSWER_HEADERS = [
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-allow-credentials',
  'access-control-max-age',
];

function preflight(name: string, headers: Readonly<Record<string, string>>): Step {
  return { kind: 'http', name, path: '/v1/logs', method: 'OPTIONS', body: '', headers, answerHeaders: ANSWER_HEADERS };
}

const asking = (origin: string, more: Readonly<Record<string, string>> = {}) => ({
  origin,
  'access-control-request-method': 'POST',
  ...more,
});

const post = (name: string, origin: string): Step => ({
  kind: 'http',
  name,
  path: '/v1/logs',
  body: log.bytes,
  headers: { 'content-type': 'application/x-protobuf', origin },
  answerHeaders: ANSWER_HEADERS,
});

function corsCase(name: string, cors: object, steps: readonly Step[], expectedItems: number): DifferentialCase {
  return {
    name: `cors: ${name}`,
    config: ({ backendGrpc }) => ({
      receiver: { http: { cors } },
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
      pipelines: everySignal({ exporters: ['otlp_grpc'] }),
    }),
    steps,
    expectedItems,
  };
}

const PAGES = ['http://shop.example.org', 'http://localhost:3000', 'https://localhost:3000', 'http://evil.org'];
const pages = PAGES.flatMap((origin) => [
  preflight(`preflight of ${origin}`, asking(origin)),
  preflight(
    `preflight of ${origin} with headers`,
    asking(origin, { 'access-control-request-headers': 'content-type,x-tenant' }),
  ),
  post(`post of ${origin}`, origin),
]);

export const corsCases: readonly DifferentialCase[] = [
  corsCase(
    'origins with and without a wildcard',
    { allowed_origins: ['http://shop.example.org', 'http://localhost:*'], allowed_headers: ['X-Tenant'], max_age: 600 },
    pages,
    PAGES.length,
  ),
  corsCase('every origin and header', { allowed_origins: ['*'], allowed_headers: ['*'] }, pages, PAGES.length),
  corsCase('without allowed headers', { allowed_origins: ['*'] }, pages, PAGES.length),
  corsCase(
    'no origin is switched off',
    { allowed_headers: ['*'] },
    [...pages, send(log, { protocol: 'http' })],
    PAGES.length + 1,
  ),
];
