import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { GRPC_METHOD, type HttpAnswer, sendGrpc, sendHttp } from '../../../test/testkit/senders.ts';
import { systemClock } from '../../lib/index.ts';
import type { IngestAttempt, OtlpHandler, OtlpRequest } from '../request.ts';
import type { Authenticate, CorsPolicy } from '../security.ts';
import { defaultGrpcAccept, defaultHttpAccept, type GrpcAccept, type HttpAccept } from './limits.ts';
import { createOtlpServer } from './otlp-server.ts';

const TRACE = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] });
const PROTO = { 'content-type': 'application/x-protobuf' };
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Accepts {
  readonly grpc?: Partial<GrpcAccept>;
  readonly http?: Partial<HttpAccept>;
}

async function start({ grpc, http }: Accepts, handler: OtlpHandler = () => ({ status: 'ok' })) {
  const requests: OtlpRequest[] = [];
  const attempts: IngestAttempt[] = [];
  const server = createOtlpServer(
    {
      accepts: { grpc: { ...defaultGrpcAccept, ...grpc }, http: { ...defaultHttpAccept, ...http } },
      clock: systemClock,
      onAttempt: (attempt) => attempts.push(attempt),
    },
    (request) => {
      requests.push(request);
      return handler(request);
    },
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  cleanUps.push(() => server.shutdown({ graceMs: 0 }));
  return { server, port, requests, attempts };
}

const withToken: Authenticate = (metadata) =>
  metadata['authorization']?.[0] === 'Bearer right' ? undefined : 'missing or wrong bearer token';

function later(authenticate: Authenticate): Authenticate {
  return async (metadata) => {
    await new Promise((resolve) => setImmediate(resolve));
    return authenticate(metadata);
  };
}

function accepts(authenticate: Authenticate): Accepts {
  return { grpc: { authenticate }, http: { authenticate } };
}

function post(port: number, headers: Record<string, string> = {}, body: Uint8Array = TRACE): Promise<HttpAnswer> {
  return sendHttp(port, { path: '/v1/traces', body, headers: { ...PROTO, ...headers } });
}

describe.each([
  ['at once', withToken],
  ['later', later(withToken)],
])('an authenticator that decides %s', (_name, authenticate) => {
  it('lets in who shows the right token', async () => {
    const { port, requests } = await start(accepts(authenticate));
    const headers = { authorization: 'Bearer right' };
    expect((await post(port, headers)).status).toBe(200);
    expect((await sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE, headers })).grpcStatus).toBe(0);
    expect(requests.map(({ metadata }) => metadata)).toEqual([undefined, undefined]);
  });

  it('refuses others with its sentence as 401 and UNAUTHENTICATED, and reports them', async () => {
    const { server, port, requests, attempts } = await start(accepts(authenticate));
    const answer = await post(port, { authorization: 'Bearer wrong' });
    expect(answer.status).toBe(401);
    expect(answer.body.toString()).toContain('sluice: missing or wrong bearer token');
    const call = await sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE });
    expect(call).toMatchObject({ grpcStatus: 16, message: 'sluice: missing or wrong bearer token' });
    expect(requests).toEqual([]);
    expect(attempts.map(({ outcome, protocol }) => [outcome, protocol])).toEqual([
      ['rejected', 'http'],
      ['rejected', 'grpc'],
    ]);
    expect(JSON.stringify(attempts)).not.toContain('wrong"');
    expect(server.inFlightBytes).toBe(0);
  });
});

describe('authentication', () => {
  it('refuses before the body has come', async () => {
    const { port, server } = await start(accepts(withToken));
    const socket = connect(port, '127.0.0.1');
    cleanUps.push(() => socket.destroy());
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 401 /);
    expect(server.inFlightBytes).toBe(0);
  });

  it('that fails itself lets nobody in and asks to come again', async () => {
    const failing: Authenticate[] = [
      () => {
        throw new Error('secret text');
      },
      () => Promise.reject(new Error('secret text')),
    ];
    for (const authenticate of failing) {
      const { port, requests } = await start(accepts(authenticate));
      const answer = await post(port);
      expect(answer.status).toBe(503);
      expect(answer.body.toString()).not.toContain('secret text');
      expect(requests).toEqual([]);
    }
  });
});

describe('metadata', () => {
  it('is handed on where it is asked for, with every value of a repeated header', async () => {
    const { port, requests } = await start({ grpc: { includeMetadata: true }, http: { includeMetadata: true } });
    await post(port, { 'X-Tenant': 'a' });
    await sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE, headers: { 'x-tenant': ['a', 'b'] as never } });
    expect(requests[0]?.metadata).toMatchObject({ 'x-tenant': ['a'], host: [`127.0.0.1:${port}`] });
    expect(requests[1]?.metadata).toMatchObject({ 'x-tenant': ['a', 'b'], host: [`127.0.0.1:${port}`] });
    expect(Object.keys(requests[1]?.metadata ?? {}).filter((name) => name.startsWith(':'))).toEqual([]);
  });
});

const POLICY: CorsPolicy = {
  allowedOrigins: ['http://localhost:*', 'https://App.example'],
  allowedHeaders: [],
  maxAgeSeconds: 0,
};

function preflight(port: number, headers: Record<string, string>): Promise<HttpAnswer> {
  return sendHttp(port, {
    path: '/v1/traces',
    method: 'OPTIONS',
    body: '',
    headers: { 'access-control-request-method': 'POST', ...headers },
  });
}

function grants(answer: HttpAnswer): Record<string, string> {
  return Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name.startsWith('access-control-')));
}

describe('CORS', () => {
  it('answers the preflight of an allowed origin, also before authentication', async () => {
    const { port } = await start({ http: { cors: { ...POLICY, maxAgeSeconds: 600 }, authenticate: () => 'no' } });
    const answer = await preflight(port, {
      origin: 'http://localhost:5173',
      'access-control-request-headers': 'content-type',
    });
    expect(answer.status).toBe(204);
    expect(grants(answer)).toEqual({
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '600',
    });
    expect(answer.headers['vary']).toBe('Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
  });

  it.each([
    ['another origin', { origin: 'http://localhost.evil:1' }],
    ['no origin', {}],
    ['another method', { origin: 'https://app.example', 'access-control-request-method': 'PUT' }],
    ['another header', { origin: 'https://app.example', 'access-control-request-headers': 'content-type,x-key' }],
    [
      'headers in the wrong order',
      { origin: 'https://app.example', 'access-control-request-headers': 'content-type,accept' },
    ],
  ])('grants nothing to a preflight with %s', async (_name, headers) => {
    const { port } = await start({ http: { cors: POLICY } });
    const answer = await preflight(port, headers as Record<string, string>);
    expect(answer.status).toBe(204);
    expect(grants(answer)).toEqual({});
  });

  it('serves requests of any origin and lets only allowed ones read the answer, refusals too', async () => {
    const { port, requests } = await start({ http: { cors: POLICY } });
    const allowed = await post(port, { origin: 'https://app.example' });
    expect([allowed.status, grants(allowed)]).toEqual([
      200,
      { 'access-control-allow-origin': 'https://app.example', 'access-control-allow-credentials': 'true' },
    ]);
    const foreign = await post(port, { origin: 'https://evil.example' });
    expect([foreign.status, grants(foreign), foreign.headers['vary']]).toEqual([200, {}, 'Origin']);
    const refused = await post(port, { origin: 'https://app.example' }, Buffer.from([0xff]));
    expect([refused.status, grants(refused)['access-control-allow-origin']]).toEqual([400, 'https://app.example']);
    expect(requests).toHaveLength(2);
  });

  it('allows every origin and header by a star', async () => {
    const { port } = await start({
      http: { cors: { allowedOrigins: ['*'], allowedHeaders: ['*'], maxAgeSeconds: -1 } },
    });
    const answer = await preflight(port, { origin: 'https://any', 'access-control-request-headers': 'x-z,x-a' });
    expect(grants(answer)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'x-z,x-a',
      'access-control-max-age': '0',
    });
  });

  it('without a policy tells a page how to be let in, in words', async () => {
    const { port, attempts } = await start({});
    const answer = await preflight(port, { origin: 'https://app.example' });
    expect([answer.status, grants(answer)]).toEqual([405, {}]);
    expect(attempts[0]?.message).toContain(
      'to let pages of https://app.example send, list it under cors.allowed_origins',
    );
  });
});

describe('a sender of another protocol', () => {
  it.each([
    ['POST', '/api/v2/spans', 'Zipkin'],
    ['POST', '/api/v1/spans', 'Zipkin'],
    ['POST', '/api/traces', 'Jaeger'],
    ['POST', '/api/v1/write', 'Prometheus remote write'],
    ['POST', '/loki/api/v1/push', 'Loki'],
    ['GET', '/', 'as a browser does'],
    ['GET', '/metrics', 'as Prometheus does'],
  ])('%s %s is named as %s, with what to do', async (method, path, name) => {
    const { port, attempts } = await start({});
    const answer = await sendHttp(port, { method, path, body: '' });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body.toString()).message).toContain(name);
    expect(attempts).toMatchObject([{ protocol: 'http', outcome: 'rejected', message: expect.stringContaining(name) }]);
  });

  it.each([
    ['/jaeger.api_v2.CollectorService/PostSpans', 'Jaeger over gRPC'],
    ['/opencensus.proto.agent.trace.v1.TraceService/Export', 'OpenCensus'],
    ['/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export', 'OTLP profiles'],
  ])('the gRPC method %s is named as %s', async (path, name) => {
    const { port } = await start({});
    const answer = await sendGrpc(port, { path, message: TRACE });
    expect(answer.grpcStatus).toBe(12);
    expect(answer.message).toContain(name);
  });

  it.each([
    ['StatsD', 'orders.paid:1|c|#env:dev\n'],
    ['syslog', '<34>1 2026-11-22T00:00:00Z host app - - - hello\n'],
    ['Graphite', 'web.cpu 0.5 1763769600\n'],
    ['JSON without HTTP', '{"msg":"hi"}\n'],
    ['plain text', 'hello\n'],
    ['binary data', '\u0000\u0001\u0002'],
    ['Fluentd', '\u0093\u00a3abc'],
  ])('that begins with %s is named', async (name, text) => {
    const { port, attempts } = await start({});
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(text, 'latin1')));
    await once(socket.resume(), 'close');
    expect(attempts).toMatchObject([
      { protocol: 'unknown', outcome: 'rejected', message: expect.stringContaining(name) },
    ]);
    expect(attempts[0]?.message).not.toContain('hello');
  });
});

describe('an exception inside the server', () => {
  it.each([
    ['HTTP/2', (port: number) => sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE })],
    ['HTTP/1', (port: number) => post(port)],
  ])('ends its own connection over %s, is reported, and nothing else', async (_name, send) => {
    let broken = true;
    const handler: OtlpHandler = () => {
      if (!broken) return { status: 'ok' };
      const partial = {
        rejectedCount: 1,
        get message(): string {
          throw new Error('a bug');
        },
      };
      return { status: 'ok', partial };
    };
    const { port, attempts, server } = await start({}, handler);
    await expect(send(port)).rejects.toThrow();
    broken = false;
    expect(attempts).toMatchObject([{ outcome: 'rejected', message: 'internal error: a bug' }]);
    expect((await post(port)).status).toBe(200);
    expect((await sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE })).grpcStatus).toBe(0);
    expect(server.inFlightBytes).toBe(0);
  });
});
