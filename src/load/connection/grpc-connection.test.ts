import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeResponse } from '../../../test/testkit/otlp-proto.ts';
import type { Answer, Connection } from './connection.ts';
import { createGrpcConnection } from './grpc-connection.ts';

/*
 * Against node:http2, whose frames, flow control and HPACK (with Huffman coding) are nghttp2's and not ours.
 */

type Respond = (stream: ServerHttp2Stream, body: Buffer, path: string) => void;

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function serve(respond: Respond, settings = {}): Promise<{ server: Http2Server; connection: Connection }> {
  const server = createServer({ settings });
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => respond(stream, Buffer.concat(chunks), String(headers[':path'])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const connection = createGrpcConnection('logs', {
    host: '127.0.0.1',
    port,
    tls: false,
    headers: { 'X-Tenant': 'acme' },
    compression: 'none',
    timeoutMs: 3000,
  });
  cleanUps.push(
    () => connection.close(),
    () => server.close(),
  );
  return { server, connection };
}

function send(connection: Connection, bytes: Uint8Array): Promise<Answer> {
  return new Promise((resolve) => connection.send('logs', bytes, resolve));
}

function answer(
  stream: ServerHttp2Stream,
  trailers: Record<string, string>,
  message: Uint8Array = new Uint8Array(0),
): void {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(frame);
}

describe('gRPC connection', () => {
  it('is opened anew where the one before came about with nobody, as when its backend went meanwhile', async () => {
    let isMute = true;
    const backend = createServer();
    backend.on('stream', (stream) => answer(stream, { 'grpc-status': '0' }));
    const front = createTcpServer((socket) => {
      socket.on('error', () => {});
      if (!isMute) backend.emit('connection', socket);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const { port } = front.address() as AddressInfo;
    const where = { host: '127.0.0.1', port, tls: false, headers: {} };
    const connection = createGrpcConnection('logs', { ...where, compression: 'none', timeoutMs: 200 });
    cleanUps.push(
      () => connection.close(),
      () => front.close(),
    );
    expect(await send(connection, Buffer.from('lost'))).toMatchObject({ status: 'failed', code: 'TIMEOUT' });
    isMute = false;
    expect(await send(connection, Buffer.from('taken'))).toMatchObject({ status: 'ok' });
  });

  it('frames messages as gRPC does, with the same headers in the first request and the next', async () => {
    const seen: unknown[] = [];
    const { server, connection } = await serve((stream, body, path) => {
      seen.push([path, body.readUInt8(0), body.readUInt32BE(1), body.subarray(5).toString()]);
      answer(stream, { 'grpc-status': '0' });
    });
    const tenants: unknown[] = [];
    server.on('stream', (_stream, headers) =>
      tenants.push([headers['x-tenant'], headers['content-type'], headers['te']]),
    );
    for (const text of ['one', 'two', 'three']) {
      expect(await send(connection, Buffer.from(text))).toEqual({ status: 'ok', rejectedCount: 0 });
    }
    const path = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
    expect(seen).toEqual([
      [path, 0, 3, 'one'],
      [path, 0, 3, 'two'],
      [path, 0, 5, 'three'],
    ]);
    expect(tenants).toEqual(Array(3).fill(['acme', 'application/grpc', 'trailers']));
  });

  it('keeps to a server that has no header table', async () => {
    const { connection } = await serve((stream) => answer(stream, { 'grpc-status': '0' }), { headerTableSize: 0 });
    for (let i = 0; i < 3; i++) expect((await send(connection, Buffer.from('x'))).status).toBe('ok');
  });

  it('sends messages through small windows whole, many at once', async () => {
    const { connection } = await serve(
      (stream, body) => answer(stream, { 'grpc-status': body.length === 200_005 && body[5] === 7 ? '0' : '3' }),
      { initialWindowSize: 1000 },
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => send(connection, new Uint8Array(200_000).fill(7))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill('ok'));
  });

  it.each([
    ['14', 'UNAVAILABLE', true],
    ['8', 'RESOURCE_EXHAUSTED', false],
    ['3', 'INVALID_ARGUMENT', false],
    ['16', 'UNAUTHENTICATED', false],
    ['77', 'CODE_77', false],
  ])('reads status %s as %s', async (status, code, retryable) => {
    const text =
      'queue \'full\' (85 %): try again, in <1 s> [or `later`] & {so} on; 100~200 | ^_^ \\ "x" #1 @2 $3 + -/?!=*é';
    const { connection } = await serve((stream) =>
      answer(stream, { 'grpc-status': status, 'grpc-message': encodeURIComponent(text) }),
    );
    expect(await send(connection, Buffer.from('x'))).toEqual({ status: 'refused', code, message: text, retryable });
  });

  it('reads partial success', async () => {
    const message = encodeResponse('logs', { partialSuccess: { rejectedLogRecords: 300n, errorMessage: 'too old' } });
    const { connection } = await serve((stream) => answer(stream, { 'grpc-status': '0' }, message));
    expect(await send(connection, Buffer.from('x'))).toEqual({ status: 'ok', rejectedCount: 300, message: 'too old' });
  });

  it('tells a server that does not speak gRPC', async () => {
    const { connection } = await serve((stream) => stream.respond({ ':status': 404 }, { endStream: true }));
    expect(await send(connection, Buffer.from('x'))).toMatchObject({ status: 'refused', code: '404' });
  });

  it('fails what was under way when the server resets or goes, and connects again', async () => {
    let mode: 'reset' | 'destroy' | 'ok' = 'reset';
    const { connection } = await serve((stream) => {
      if (mode === 'reset') stream.close(7);
      else if (mode === 'destroy') stream.session?.destroy();
      else answer(stream, { 'grpc-status': '0' });
    });
    expect(await send(connection, Buffer.from('x'))).toMatchObject({ status: 'failed', code: 'RST_STREAM_7' });
    mode = 'destroy';
    expect((await send(connection, Buffer.from('x'))).status).toBe('failed');
    mode = 'ok';
    expect((await send(connection, Buffer.from('x'))).status).toBe('ok');
  });

  it('finishes what is under way when the server says goodbye, and sends what follows elsewhere', async () => {
    const { connection } = await serve((stream) => {
      stream.session?.close();
      answer(stream, { 'grpc-status': '0' });
    });
    for (let i = 0; i < 3; i++) expect((await send(connection, Buffer.from('x'))).status).toBe('ok');
  });
});
