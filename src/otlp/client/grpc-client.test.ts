import { createServer as createHttpServer } from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { Server as GrpcServer, Metadata, ServerCredentials, type UntypedHandleCall } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';

import { startCapture } from '../../../test/testkit/capture.ts';
import { freePort, listen } from '../../../test/testkit/free-port.ts';
import { encodeRequest, encodeResponse } from '../../../test/testkit/otlp-proto.ts';
import { localhostCertificate } from '../../../test/testkit/tls/certificate.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { systemClock } from '../../lib/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import type { ExportOutcome, OtlpClient } from '../export-outcome.ts';
import { encodeStatus } from '../rpc-messages.ts';
import { createOtlpGrpcClient, type OtlpGrpcClientOptions } from './grpc-client.ts';

const TRACE = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] });
const CERTIFICATE = localhostCertificate();
const SECRET = 'Bearer tok3n-tok3n';
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function client(port: number, options: Partial<OtlpGrpcClientOptions> = {}): OtlpClient {
  const made = createOtlpGrpcClient({
    endpoint: `http://127.0.0.1:${port}`,
    headers: { Authorization: SECRET },
    compression: 'none',
    clock: systemClock,
    ...options,
  });
  cleanUps.push(() => made.close());
  return made;
}

async function send(to: OtlpClient, timeoutMs = 5000): Promise<ExportOutcome> {
  const outcome = await to.export('traces', TRACE, { signal: new AbortController().signal, timeoutMs });
  expect(JSON.stringify(outcome)).not.toContain('tok3n');
  return outcome;
}

/** A gRPC backend on node:http2 whose every stream is answered by `answer`. */
async function backend(answer: (stream: ServerHttp2Stream, server: Http2Server) => void): Promise<number> {
  const server = createHttp2Server();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {});
    stream.resume();
    answer(stream, server);
  });
  const port = await listen(server);
  cleanUps.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return port;
}

async function tcp(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  const port = await listen(server);
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return port;
}

describe('a gRPC export', () => {
  it.each(['none', 'gzip', 'zstd', 'deflate'] as const)(
    'reaches a backend byte by byte with compression %s',
    async (compression) => {
      const capture = await startCapture();
      cleanUps.push(() => capture.stop());
      const to = client(capture.grpcPort, { compression: compression === 'deflate' ? 'gzip' : compression });
      for (const signal of SIGNALS) {
        const outcome = await to.export(signal, TRACE, { signal: new AbortController().signal });
        expect(outcome).toEqual({ status: 'delivered', rejectedCount: 0 });
      }
      expect(capture.requests.map((request) => request.signal)).toEqual([...SIGNALS]);
      for (const request of capture.requests) {
        expect(Buffer.compare(request.body, TRACE)).toBe(0);
        expect(request.headers['authorization']).toBe(SECRET);
      }
    },
  );

  it('runs many calls at once over one connection, large ones too', async () => {
    let sessions = 0;
    const seen = new Set<unknown>();
    const port = await backend((stream) => {
      if (!seen.has(stream.session)) sessions++;
      seen.add(stream.session);
      stream.on('end', () => respond(stream, 0));
    });
    const to = client(port);
    const large = encodeRequest('traces', {
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x'.repeat(3_000_000) }] }] }],
    });
    const options = { signal: new AbortController().signal, timeoutMs: 20_000 };
    const outcomes = await Promise.all(
      Array.from({ length: 24 }, (_, i) => to.export('traces', i % 3 ? TRACE : large, options)),
    );
    expect(outcomes.every((outcome) => outcome.status === 'delivered')).toBe(true);
    expect(sessions).toBe(1);
  });

  it('is understood by a stock gRPC server, and understands its errors', async () => {
    const server = new GrpcServer();
    let calls = 0;
    const Export = ((call, done) => {
      calls++;
      expect(Buffer.compare(call.request, TRACE)).toBe(0);
      expect(call.metadata.get('authorization')).toEqual([SECRET]);
      expect(call.getDeadline()).not.toBe(Number.POSITIVE_INFINITY);
      if (calls === 1) return done(null, Buffer.alloc(0));
      const metadata = new Metadata();
      metadata.set(
        'grpc-status-details-bin',
        Buffer.from(encodeStatus({ code: 8, message: 'full', retryAfterMs: 1234 })),
      );
      return done({ code: 8, details: 'full – später', metadata });
    }) as (
      call: { request: Buffer; metadata: Metadata; getDeadline(): number },
      done: (error: object | null, value?: Buffer) => void,
    ) => void;
    const pass = (bytes: Buffer) => bytes;
    server.addService(
      {
        Export: {
          path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
          requestStream: false,
          responseStream: false,
          requestSerialize: pass,
          requestDeserialize: pass,
          responseSerialize: pass,
          responseDeserialize: pass,
        },
      },
      { Export: Export as unknown as UntypedHandleCall },
    );
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    cleanUps.push(() => server.forceShutdown());
    const to = client(port);
    expect(await send(to)).toEqual({ status: 'delivered', rejectedCount: 0 });
    expect(await send(to)).toMatchObject({
      status: 'throttled',
      code: 8,
      afterMs: 1234,
      failure: { kind: 'throttled', message: 'the backend answered RESOURCE_EXHAUSTED: full – später' },
    });
  });

  it('reports a partial success', async () => {
    const body = encodeResponse('traces', { partialSuccess: { rejectedSpans: 2n, errorMessage: 'label invalid' } });
    const port = await backend((stream) => respond(stream, 0, body));
    expect(await send(client(port))).toEqual({ status: 'delivered', rejectedCount: 2, message: 'label invalid' });
  });

  it('names credentials, hiding what the backend echoes', async () => {
    const port = await backend((stream) =>
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16', 'grpc-message': `bad ${SECRET}` },
        { endStream: true },
      ),
    );
    expect(await send(client(port))).toMatchObject({
      status: 'permanent',
      code: 16,
      failure: { kind: 'credentials', message: 'the backend answered UNAUTHENTICATED: bad ***' },
    });
  });

  it.each([
    [401, 'permanent', 'credentials'],
    [404, 'permanent', 'protocol'],
    [502, 'retryable', 'unavailable'],
    [503, 'retryable', 'unavailable'],
  ])('takes HTTP status %d of a proxy as gRPC says', async (status, disposition, kind) => {
    const port = await backend((stream) => {
      stream.respond({ ':status': status, 'content-type': 'text/html' });
      stream.end('<html>');
    });
    expect(await send(client(port))).toMatchObject({ status: disposition, failure: { kind } });
  });
});

describe('a backend that fails', () => {
  it('nothing listens', async () => {
    expect(await send(client(await freePort()))).toMatchObject({ status: 'retryable', failure: { kind: 'refused' } });
  });

  it('has no DNS record', async () => {
    const to = client(0, { endpoint: 'http://no-such-host.invalid:4317' });
    expect(await send(to)).toMatchObject({ status: 'retryable', failure: { kind: 'dns' } });
  });

  it('speaks HTTP/1', async () => {
    const server = createHttpServer((_request, response) => response.end('hello'));
    const port = await listen(server);
    cleanUps.push(() => server.close());
    expect(await send(client(port))).toMatchObject({
      status: 'retryable',
      failure: { kind: 'protocol', message: expect.stringContaining('answered HTTP/1.1') },
    });
  });

  it('speaks TLS', async () => {
    const port = await tcp((socket) => socket.once('data', () => socket.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 70]))));
    expect(await send(client(port))).toMatchObject({ status: 'retryable', failure: { kind: 'tls' } });
  });

  it('speaks plain text where TLS was asked for', async () => {
    const port = await tcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const to = client(port, { endpoint: `127.0.0.1:${port}`, tls: { insecure: false } });
    expect(await send(to)).toMatchObject({
      status: 'retryable',
      failure: { kind: 'tls', message: expect.stringContaining('plain text') },
    });
  });

  it('hangs up when TLS begins, as a plain-text port does', async () => {
    const port = await tcp((socket) => socket.once('data', () => socket.end()));
    const to = client(port, { endpoint: `127.0.0.1:${port}`, tls: { insecure: false } });
    expect(await send(to)).toMatchObject({
      status: 'retryable',
      failure: { kind: 'tls', message: expect.stringContaining('http://') },
    });
  });

  it('speaks TLS with a certificate that is not trusted, and with one that is', async () => {
    const server = createSecureServer(CERTIFICATE);
    server.on('stream', (stream: ServerHttp2Stream) => respond(stream.resume(), 0));
    server.on('sessionError', () => {});
    const port = await listen(server);
    cleanUps.push(() => server.close());
    const endpoint = `https://localhost:${port}`;
    const untrusting = await send(client(port, { endpoint }));
    expect(untrusting).toMatchObject({ status: 'retryable', failure: { kind: 'certificate' } });
    expect((await send(client(port, { endpoint, tls: { caPem: CERTIFICATE.cert } }))).status).toBe('delivered');
    expect((await send(client(port, { endpoint, tls: { insecureSkipVerify: true } }))).status).toBe('delivered');
  });

  it('hangs', async () => {
    const port = await backend(() => {});
    expect(await send(client(port), 100)).toMatchObject({ status: 'retryable', failure: { kind: 'timeout' } });
    const silent = await tcp(() => {});
    expect(await send(client(silent), 100)).toMatchObject({ status: 'retryable', failure: { kind: 'timeout' } });
  });

  it('cuts the connection', async () => {
    const port = await backend((stream) => stream.session?.destroy());
    expect(await send(client(port))).toMatchObject({ status: 'retryable', failure: { kind: 'reset' } });
  });

  it('resets or refuses the stream', async () => {
    for (const code of [7, 2]) {
      const port = await backend((stream) => stream.close(code));
      expect(await send(client(port))).toMatchObject({ status: 'retryable', failure: { kind: 'reset' } });
    }
  });

  it('ends a stream without a status', async () => {
    const port = await backend((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end();
    });
    expect(await send(client(port))).toMatchObject({ status: 'retryable', failure: { kind: 'reset' } });
  });
});

describe('a connection', () => {
  it('is made again after it was lost', async () => {
    let streams = 0;
    const port = await backend((stream) => {
      if (++streams === 1) stream.session?.destroy();
      else respond(stream, 0);
    });
    const to = client(port);
    expect((await send(to)).status).toBe('retryable');
    expect((await send(to)).status).toBe('delivered');
  });

  it('takes no new calls after GOAWAY, and those under way end well', async () => {
    const sessions = new Set<unknown>();
    const held: ServerHttp2Stream[] = [];
    const port = await backend((stream) => {
      sessions.add(stream.session);
      if (sessions.size === 1) {
        held.push(stream);
        stream.session?.goaway();
      } else respond(stream, 0);
    });
    const to = client(port);
    const first = send(to);
    await waitFor('first under way', () => held.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await send(to)).status).toBe('delivered');
    expect(sessions.size).toBe(2);
    respond(held[0], 0);
    expect((await first).status).toBe('delivered');
  });

  it('that ends well is not asked why', async () => {
    let further = 0;
    let streams = 0;
    const port = await backend((stream, server) => {
      if (++streams === 1) {
        server.on('connection', () => {
          further++;
        });
      }
      const { session } = stream;
      respond(stream, 0);
      stream.on('close', () => session?.close());
    });
    const to = client(port);
    expect((await send(to)).status).toBe('delivered');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(further).toBe(0);
    expect((await send(to)).status).toBe('delivered');
    expect(further).toBe(1);
  });

  it('is shared by the calls that wait for it', async () => {
    let connections = 0;
    const port = await tcp((socket) => {
      connections++;
      socket.destroy();
    });
    const outcomes = await Promise.all([send(client(port)), send(client(port))]);
    expect(outcomes.every((outcome) => outcome.status === 'retryable')).toBe(true);
    // Each client's own, and two to find out what the port speaks.
    expect(connections).toBeLessThanOrEqual(6);
  });
});

describe('an abort', () => {
  it('rejects with its reason, before and during the call', async () => {
    const port = await backend(() => {});
    const to = client(port);
    const abort = new AbortController();
    const pending = to.export('traces', TRACE, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('stop')), 50);
    await expect(pending).rejects.toThrow('stop');
    await expect(to.export('traces', TRACE, { signal: abort.signal })).rejects.toThrow('stop');
  });

  it('close fails what is under way as retryable', async () => {
    let streams = 0;
    const port = await backend(() => {
      streams++;
    });
    const to = client(port);
    const pending = send(to);
    await waitFor('under way', () => streams === 1);
    await to.close();
    expect((await pending).status).toBe('retryable');
    expect((await send(to)).status).toBe('retryable');
  });
});

function respond(stream: ServerHttp2Stream, code: number, body: Uint8Array = new Uint8Array(0)): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(code) }));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  stream.end(Buffer.concat([head, body]));
}
