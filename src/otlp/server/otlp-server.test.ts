import { connect } from 'node:net';
import {
  credentials,
  status as GRPC_STATUS,
  Metadata,
  makeGenericClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';

import { decodeRequest, encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { connectRawHttp2, FLAG, FRAME, frame, headerBlock } from '../../../test/testkit/raw-http2.ts';
import { GRPC_HEADERS, GRPC_METHOD, sendGrpc, sendHttp } from '../../../test/testkit/senders.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { systemClock } from '../../lib/index.ts';
import type { IngestAttempt, OtlpHandler, OtlpRequest } from '../request.ts';
import { defaultGrpcAccept, defaultHttpAccept } from './limits.ts';
import { createOtlpServer, type OtlpServer, type OtlpServerOptions } from './otlp-server.ts';

const TRACE = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }, { name: 'b' }] }] }] });

interface Running {
  readonly server: OtlpServer;
  readonly port: number;
  readonly requests: OtlpRequest[];
  readonly attempts: IngestAttempt[];
}

const cleanUps: (() => Promise<unknown> | undefined)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(
  handler: OtlpHandler = () => ({ status: 'ok' }),
  options: Partial<OtlpServerOptions> = {},
): Promise<Running> {
  const requests: OtlpRequest[] = [];
  const attempts: IngestAttempt[] = [];
  const server = createOtlpServer(
    {
      accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept },
      clock: systemClock,
      onAttempt: (attempt) => attempts.push(attempt),
      ...options,
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

async function exportSpan(exporter: SpanExporter): Promise<void> {
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.getTracer('test').startSpan('from the SDK').end();
  await provider.forceFlush();
  await provider.shutdown();
}

describe('stock OpenTelemetry SDK', () => {
  it.each([
    ['gRPC', (port: number) => new GrpcTraceExporter({ url: `http://127.0.0.1:${port}` })],
    ['HTTP protobuf', (port: number) => new ProtoTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` })],
    ['HTTP JSON', (port: number) => new JsonTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` })],
    [
      'HTTP JSON with gzip',
      (port: number) =>
        new JsonTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces`, compression: 'gzip' as never }),
    ],
  ])('sends spans over %s to the one port', async (_name, exporter) => {
    const { port, requests } = await start();
    await exportSpan(exporter(port));
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ signal: 'traces', itemCount: 1 });
    const spans = decodeRequest('traces', requests[0].bytes)['resourceSpans'][0]['scopeSpans'][0]['spans'];
    expect(spans[0].name).toBe('from the SDK');
  });

  it('sends logs over gRPC and metrics over HTTP', async () => {
    const { port, requests } = await start();
    const logs = new LoggerProvider({
      processors: [
        new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `http://127.0.0.1:${port}` }) }),
      ],
    });
    logs.getLogger('test').emit({ body: 'hello' });
    await logs.shutdown();
    const exporter = new OTLPMetricExporter({ url: `http://127.0.0.1:${port}/v1/metrics` });
    const metrics = new MeterProvider({
      readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })],
    });
    metrics.getMeter('test').createCounter('hits').add(3);
    await metrics.shutdown();
    expect(requests.map(({ signal, protocol, itemCount }) => ({ signal, protocol, itemCount }))).toEqual([
      { signal: 'logs', protocol: 'grpc', itemCount: 1 },
      { signal: 'metrics', protocol: 'http', itemCount: 1 },
    ]);
  });

  it('hears the sentence of a refusal', async () => {
    const { port } = await start(() => ({ status: 'error', code: 3, message: 'no such tenant' }));
    const exporter = new ProtoTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` });
    const result = await new Promise<{ code: number; error?: Error }>((resolve) => exporter.export([], resolve));
    expect(result.error?.message).toContain('Bad Request');
    await exporter.shutdown();
  });
});

describe('stock gRPC client', () => {
  const Service = makeGenericClientConstructor(
    {
      export: {
        path: GRPC_METHOD.traces,
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: Buffer) => value,
        requestDeserialize: (value: Buffer) => value,
        responseSerialize: (value: Buffer) => value,
        responseDeserialize: (value: Buffer) => value,
      },
    },
    'traces',
  );
  type Call = (
    message: Buffer,
    metadata: Metadata,
    done: (error: ServiceError | null, answer?: Buffer) => void,
  ) => void;

  function call(port: number, options: Record<string, unknown> = {}): (message: Buffer) => Promise<Buffer> {
    const client = new Service(`127.0.0.1:${port}`, credentials.createInsecure(), options);
    cleanUps.push(async () => client.close());
    return (message) =>
      new Promise((resolve, reject) =>
        (client['export'] as Call).call(client, message, new Metadata(), (error, answer) =>
          error ? reject(error) : resolve(answer as Buffer),
        ),
      );
  }

  it('gets an answer to many calls at once on one connection', async () => {
    const { port, requests, server } = await start();
    const send = call(port);
    const answers = await Promise.all(Array.from({ length: 500 }, () => send(Buffer.from(TRACE))));
    expect(answers.every((answer) => answer.length === 0)).toBe(true);
    expect(requests.length).toBe(500);
    expect(server.inFlightBytes).toBe(0);
  });

  it('sends gzip and messages of several megabytes', async () => {
    const { port, requests } = await start();
    const large = encodeRequest('traces', {
      resourceSpans: [
        { scopeSpans: [{ spans: Array.from({ length: 3000 }, (_, i) => ({ name: `${i}`.repeat(200) })) }] },
      ],
    });
    await call(port)(Buffer.from(large));
    await call(port, { 'grpc.default_compression_algorithm': 2 })(Buffer.from(large));
    expect(requests.map((request) => Buffer.compare(request.bytes, large))).toEqual([0, 0]);
  });

  it('gets status, message and delay of a refusal', async () => {
    const { port } = await start(() => ({
      status: 'error',
      code: 14,
      message: 'at the memory limit – wait',
      retryAfterMs: 2000,
    }));
    const error: ServiceError = await call(port)(Buffer.from(TRACE)).then(
      () => expect.fail('accepted'),
      (reason) => reason,
    );
    expect(error.code).toBe(GRPC_STATUS.UNAVAILABLE);
    expect(error.details).toBe('sluice: at the memory limit – wait');
    expect(String(error.metadata.get('grpc-status-details-bin')[0])).toContain('google.rpc.RetryInfo');
  });

  it('gets the sentence of a message that is too large, and the next call is answered', async () => {
    const { port } = await start();
    const send = call(port, { 'grpc.max_send_message_length': -1 });
    const error: ServiceError = await send(Buffer.alloc(5 * 1024 * 1024)).then(
      () => expect.fail('accepted'),
      (reason) => reason,
    );
    expect(error.code).toBe(GRPC_STATUS.RESOURCE_EXHAUSTED);
    expect(error.details).toMatch(
      /^sluice: message of 5 MiB is larger than the limit of 4 MiB; .*max_recv_msg_size_mib/,
    );
    expect(await send(Buffer.from(TRACE))).toHaveLength(0);
  });
});

describe('gRPC', () => {
  it('answers an unknown method with the three that exist', async () => {
    const { port, attempts } = await start();
    const answer = await sendGrpc(port, {
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Import',
      message: TRACE,
    });
    expect(answer.grpcStatus).toBe(12);
    for (const method of Object.values(GRPC_METHOD)) expect(answer.message).toContain(method);
    expect(attempts).toMatchObject([{ protocol: 'grpc', outcome: 'rejected' }]);
  });

  it('answers an unknown encoding with those it has', async () => {
    const { port } = await start();
    const answer = await sendGrpc(port, { path: GRPC_METHOD.logs, message: TRACE, encoding: 'lz4' });
    expect(answer.grpcStatus).toBe(12);
    expect(answer.headers['grpc-accept-encoding']).toBe('identity,gzip,zstd,deflate,snappy');
  });

  it('returns a partial success', async () => {
    const { port, attempts } = await start(() => ({
      status: 'ok',
      partial: { rejectedCount: 1, message: 'one too old' },
    }));
    const answer = await sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE });
    expect(answer.grpcStatus).toBe(0);
    expect(answer.body.toString('latin1')).toContain('sluice: one too old');
    expect(attempts).toMatchObject([{ outcome: 'accepted', signal: 'traces', message: 'one too old' }]);
  });

  it('waits for a handler that answers later, and survives one that throws', async () => {
    let calls = 0;
    const { port } = await start(async () => {
      if (++calls === 1) return { status: 'ok' };
      throw new Error('broken');
    });
    expect((await sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE })).grpcStatus).toBe(0);
    expect(await sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE })).toMatchObject({
      grpcStatus: 13,
      message: 'sluice: internal error: broken',
    });
    const thrower = await start(() => {
      throw new Error('at once');
    });
    expect((await sendGrpc(thrower.port, { path: GRPC_METHOD.traces, message: TRACE })).grpcStatus).toBe(13);
  });

  it('ends a call whose grpc-timeout has passed', async () => {
    const { port } = await start(() => new Promise(() => {}));
    const answer = await sendGrpc(port, {
      path: GRPC_METHOD.traces,
      message: TRACE,
      headers: { 'grpc-timeout': '100m' },
    });
    expect(answer).toMatchObject({ grpcStatus: 4, message: 'sluice: the call took longer than its grpc-timeout' });
  });

  it('gives a handler the time it needs when there is no grpc-timeout', async () => {
    const { port } = await start(
      () => new Promise((resolve) => systemClock.after(900, () => resolve({ status: 'ok' }))),
      { limits: { requestTimeoutMs: 100 } },
    );
    expect((await sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE })).grpcStatus).toBe(0);
  });

  it('counts the bytes that a handler holds after their sender has given up', async () => {
    const answers: (() => void)[] = [];
    const { port, server, requests } = await start(
      () => new Promise((resolve) => answers.push(() => resolve({ status: 'ok' }))),
      { limits: { maxInFlightBytes: 3 * TRACE.length } },
    );
    const late = () => sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE, headers: { 'grpc-timeout': '50m' } });
    const gone = new AbortController();
    const headers = { 'content-type': 'application/x-protobuf' };
    const leaving = fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: 'POST',
      body: Buffer.from(TRACE),
      headers,
      signal: gone.signal,
    });
    await waitFor('the request to be handled', () => requests.length === 1);
    gone.abort();
    await expect(leaving).rejects.toThrow();
    expect(await late()).toMatchObject({ grpcStatus: 4 });
    expect(await late()).toMatchObject({ grpcStatus: 4 });
    expect(server.inFlightBytes).toBe(3 * TRACE.length);
    expect(await late()).toMatchObject({ grpcStatus: 14 });
    for (const answer of answers) answer();
    await waitFor('the bytes to be free', () => server.inFlightBytes === 0);
  });

  it('takes the largest message it accepts, also where that is more than the budget would be', async () => {
    const maxRecvMsgSizeBytes = 160 * 1024 * 1024;
    const { port } = await start(undefined, {
      accepts: { grpc: { ...defaultGrpcAccept, maxRecvMsgSizeBytes }, http: defaultHttpAccept },
    });
    const name = 'x'.repeat(150 * 1024 * 1024);
    const huge = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name }] }] }] });
    expect(await sendGrpc(port, { path: GRPC_METHOD.traces, message: huge })).toMatchObject({ grpcStatus: 0 });
  });

  it('refuses over the byte budget with a delay, and takes the next', async () => {
    const { port, server, attempts } = await start(undefined, { limits: { maxInFlightBytes: 1000 } });
    const big = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x'.repeat(2000) }] }] }] });
    expect(await sendGrpc(port, { path: GRPC_METHOD.traces, message: big })).toMatchObject({ grpcStatus: 14 });
    const http = await sendHttp(port, {
      path: '/v1/traces',
      body: big,
      headers: { 'content-type': 'application/x-protobuf' },
    });
    expect(http.status).toBe(503);
    expect(http.headers['retry-after']).toBe('1');
    expect((await sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE })).grpcStatus).toBe(0);
    expect(server.inFlightBytes).toBe(0);
    expect(attempts.map((attempt) => attempt.outcome)).toEqual(['refused', 'refused', 'accepted']);
  });
});

describe('connections', () => {
  it('reports TLS and garbage with a sentence and closes them', async () => {
    const { port, attempts } = await start();
    for (const bytes of [Buffer.from([0x16, 3, 1, 0, 5, 1]), Buffer.from('\0\0\0')]) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.resume().write(bytes);
      await closed;
    }
    expect(attempts.map(({ protocol, outcome, message }) => [protocol, outcome, message?.slice(0, 20)])).toEqual([
      ['unknown', 'rejected', 'the sender spoke TLS'],
      ['unknown', 'rejected', 'the sender spoke nei'],
    ]);
    expect(attempts).toMatchObject([{ foreign: true }, { foreign: true }]);
  });

  it('tells requests that are none of OTLP from OTLP with a mistake', async () => {
    const { port, attempts } = await start();
    await sendHttp(port, { method: 'GET', path: '/', body: '' });
    await sendHttp(port, { path: '/api/v2/spans', body: '[]' });
    await sendGrpc(port, { path: '/helloworld.Greeter/SayHello', message: new Uint8Array() });
    await sendHttp(port, { path: '/v1/trace', body: '{}' });
    expect(attempts.map(({ foreign, message }) => [foreign, message?.slice(0, 24)])).toEqual([
      [true, 'GET / asks for a page as'],
      [true, 'the sender speaks Zipkin'],
      [true, 'no such method /hellowor'],
      [undefined, 'no such path /v1/trace; '],
    ]);
  });

  it('lets a silent connection go', async () => {
    const { port, server } = await start(undefined, { limits: { requestTimeoutMs: 300 } });
    await Promise.all(
      ['', 'POST /v1/traces HTTP/1.1\r\nhost: x\r\n', 'PRI * HT'].map((opening) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => {});
        socket.write(opening);
        return new Promise((resolve) => socket.on('close', resolve));
      }),
    );
    await waitFor('no connections', () => server.connectionCount === 0);
  });

  it('answers a sender whose body does not come, on HTTP/1 and HTTP/2', async () => {
    const { port, server } = await start(undefined, { limits: { requestTimeoutMs: 300 } });
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{',
    );
    const raw = await connectRawHttp2(port);
    raw.send(
      frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock(GRPC_HEADERS)),
      frame(FRAME.data, 0, 1, Buffer.alloc(3)),
    );
    const reply = await raw.next('trailers', (f) => f.type === FRAME.headers && f.streamId === 1);
    expect(reply.flags & FLAG.endStream).toBe(FLAG.endStream);
    await closed;
    expect(answer).toMatch(/^HTTP\/1.1 408/);
    await waitFor('budget free', () => server.inFlightBytes === 0);
    raw.close();
  });

  it('refuses a port that is taken', async () => {
    const { port } = await start();
    const other = createOtlpServer(
      { accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept }, clock: systemClock },
      () => ({ status: 'ok' }),
    );
    await expect(other.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('says goodbye when a connection has reached its age, without losing a call', async () => {
    const grpc = { ...defaultGrpcAccept, maxConnectionAgeMs: 100 };
    const { port } = await start(undefined, { accepts: { grpc, http: defaultHttpAccept } });
    const raw = await connectRawHttp2(port);
    await raw.next('goaway', (f) => f.type === FRAME.goaway);
    await raw.untilClosed();
  });
});

describe('shutdown', () => {
  it('finishes requests under way on both protocols, then closes everything', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { port, server, requests } = await start(async () => {
      await held;
      return { status: 'ok' };
    });
    const grpc = sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE });
    const http = sendHttp(port, {
      path: '/v1/traces',
      body: TRACE,
      headers: { 'content-type': 'application/x-protobuf' },
    });
    await waitFor('both under way', () => requests.length === 2);
    const down = server.shutdown({ graceMs: 5000 });
    setTimeout(release, 50);
    expect((await grpc).grpcStatus).toBe(0);
    expect((await http).status).toBe(200);
    await down;
    expect(server.connectionCount).toBe(0);
    await expect(sendHttp(port, { path: '/', body: '' })).rejects.toThrow();
  });

  it('closes idle connections of both protocols at once', async () => {
    const { port, server } = await start();
    const raw = await connectRawHttp2(port);
    const idle = connect(port, '127.0.0.1');
    let answer = '';
    idle.on('data', (chunk) => {
      answer += chunk.toString();
    });
    idle.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await waitFor('answered', () => answer.includes('404') && raw.frames.length > 2);
    const closed = new Promise((resolve) => idle.on('close', resolve));
    // As a client should: what it is asked to confirm, it confirms.
    raw.socket.on('data', () => {
      const ping = raw.frames.find((f) => f.type === FRAME.ping);
      if (ping !== undefined) raw.send(frame(FRAME.ping, FLAG.ack, 0, ping.payload));
    });
    const startedMs = performance.now();
    await server.shutdown({ graceMs: 10_000 });
    expect(performance.now() - startedMs).toBeLessThan(900);
    await Promise.all([closed, raw.untilClosed()]);
    expect(raw.frames.filter((f) => f.type === FRAME.goaway).map((f) => f.payload.readUInt32BE(4))).toEqual([0, 0]);
  });

  it('cuts off what is left when the grace is over', async () => {
    const { port, server, requests } = await start(() => new Promise(() => {}));
    const outcome = sendGrpc(port, { path: GRPC_METHOD.traces, message: TRACE }).catch(() => 'cut');
    await waitFor('under way', () => requests.length === 1);
    const startedMs = performance.now();
    await server.shutdown({ graceMs: 100 });
    expect(performance.now() - startedMs).toBeLessThan(2000);
    await outcome;
    await waitFor('all closed', () => server.connectionCount === 0);
  });
});
