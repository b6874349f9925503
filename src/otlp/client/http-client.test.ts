import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
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
import { createOtlpHttpClient, type OtlpHttpClientOptions } from './http-client.ts';

const TRACE = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] });
const CERTIFICATE = localhostCertificate();
const SECRET = 'tok3n-tok3n';
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function client(port: number, options: Partial<OtlpHttpClientOptions> = {}): OtlpClient {
  const made = createOtlpHttpClient({
    endpoint: `http://127.0.0.1:${port}`,
    headers: { 'X-Api-Key': SECRET },
    compression: 'none',
    encoding: 'proto',
    clock: systemClock,
    ...options,
  });
  cleanUps.push(() => made.close());
  return made;
}

async function send(to: OtlpClient, timeoutMs = 5000): Promise<ExportOutcome> {
  const outcome = await to.export('traces', TRACE, { signal: new AbortController().signal, timeoutMs });
  expect(JSON.stringify(outcome)).not.toContain(SECRET);
  return outcome;
}

async function backend(answer: (response: ServerResponse, request: IncomingMessage) => void): Promise<number> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(response, request));
  });
  const port = await listen(server);
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return port;
}

describe('an HTTP export', () => {
  it.each(['none', 'gzip', 'zstd'] as const)(
    'reaches a backend byte by byte with compression %s',
    async (compression) => {
      const capture = await startCapture();
      cleanUps.push(() => capture.stop());
      const to = client(capture.httpPort, { compression });
      for (const signal of SIGNALS) {
        const outcome = await to.export(signal, TRACE, { signal: new AbortController().signal });
        expect(outcome).toEqual({ status: 'delivered', rejectedCount: 0 });
      }
      expect(capture.requests.map((request) => request.path)).toEqual(['/v1/traces', '/v1/metrics', '/v1/logs']);
      for (const request of capture.requests) {
        expect(Buffer.compare(request.body, TRACE)).toBe(0);
        expect(request.headers['x-api-key']).toBe(SECRET);
      }
    },
  );

  it('sends JSON', async () => {
    const capture = await startCapture();
    cleanUps.push(() => capture.stop());
    expect(await send(client(capture.httpPort, { encoding: 'json', compression: 'gzip' }))).toMatchObject({
      status: 'delivered',
    });
    const [request] = capture.requests;
    expect(request.headers['content-type']).toBe('application/json');
    expect(JSON.parse(Buffer.from(request.body).toString()).resourceSpans[0].scopeSpans[0].spans[0].name).toBe('a');
  });

  it('appends the signal to the base path and uses whole URLs as they are', async () => {
    const paths: (string | undefined)[] = [];
    const port = await backend((response, request) => {
      paths.push(request.url);
      response.end();
    });
    await send(client(port, { endpoint: `http://127.0.0.1:${port}/otlp/` }));
    await send(client(port, { signalEndpoints: { traces: `http://127.0.0.1:${port}/write?tenant=a` } }));
    expect(paths).toEqual(['/otlp/v1/traces', '/write?tenant=a']);
  });

  it('sends what stands in front of the host as basic authorization, unless a header says otherwise', async () => {
    const heard: (string | undefined)[] = [];
    const port = await backend((response, request) => {
      heard.push(request.headers.authorization);
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: `not ${SECRET} ${request.headers.authorization?.split(' ')[1]}` }));
    });
    const endpoint = `http://me:${SECRET}@127.0.0.1:${port}`;
    const encoded = Buffer.from(`me:${SECRET}`).toString('base64');
    expect(await send(client(port, { endpoint, headers: {} }))).toMatchObject({
      failure: { message: expect.not.stringContaining(encoded) },
    });
    await send(client(port, { endpoint, headers: { Authorization: `Bearer ${SECRET}` } }));
    expect(heard).toEqual([`Basic ${encoded}`, `Bearer ${SECRET}`]);
  });

  it('has nowhere to send a signal without an endpoint', async () => {
    const to = createOtlpHttpClient({
      signalEndpoints: { logs: 'http://127.0.0.1:1' },
      headers: {},
      compression: 'none',
      encoding: 'proto',
      clock: systemClock,
    });
    cleanUps.push(() => to.close());
    expect(await send(to)).toMatchObject({ status: 'permanent' });
  });

  it('reports a partial success in both encodings', async () => {
    const proto = await backend((response) => {
      response.setHeader('content-type', 'application/x-protobuf');
      response.end(encodeResponse('traces', { partialSuccess: { rejectedSpans: 2n, errorMessage: 'label invalid' } }));
    });
    const json = await backend((response) => {
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.end('{"partialSuccess":{"rejectedSpans":"2","errorMessage":"label invalid"}}');
    });
    for (const port of [proto, json]) {
      expect(await send(client(port))).toEqual({ status: 'delivered', rejectedCount: 2, message: 'label invalid' });
    }
  });

  it('quotes the status message in both encodings, without what it echoes', async () => {
    const proto = await backend((response) => {
      response.writeHead(400, { 'content-type': 'application/x-protobuf' });
      response.end(encodeStatus({ code: 3, message: `bad key ${SECRET}` }));
    });
    const json = await backend((response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: 3, message: `bad key ${SECRET}` }));
    });
    for (const port of [proto, json]) {
      expect(await send(client(port))).toMatchObject({
        status: 'permanent',
        code: 3,
        failure: { kind: 'rejected', message: 'the backend answered 400: bad key ***' },
      });
    }
  });

  it('obeys Retry-After as seconds and as a date', async () => {
    let retryAfter = '3';
    const port = await backend((response) => {
      response.writeHead(503, { 'retry-after': retryAfter });
      response.end();
    });
    const to = client(port);
    expect(await send(to)).toMatchObject({ status: 'throttled', afterMs: 3000 });
    retryAfter = new Date(Date.now() + 10_000).toUTCString();
    const dated = await send(to);
    expect(dated.status === 'throttled' && dated.afterMs > 7000 && dated.afterMs <= 10_000).toBe(true);
    retryAfter = 'soon';
    expect((await send(to)).status).toBe('retryable');
  });

  it('reuses its connection', async () => {
    const sockets = new Set<unknown>();
    const port = await backend((response, request) => {
      sockets.add(request.socket);
      response.end();
    });
    const to = client(port);
    for (let i = 0; i < 10; i++) await send(to);
    // The pool may open a second one while it still ends the first exchange.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it('does not read an endless answer', async () => {
    const port = await backend((response) => {
      const pump = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
        response.once('drain', pump);
      };
      pump();
    });
    expect((await send(client(port))).status).toBe('delivered');
  });
});

describe('a backend that fails', () => {
  it('nothing listens, has no DNS record', async () => {
    expect(await send(client(await freePort()))).toMatchObject({ status: 'retryable', failure: { kind: 'refused' } });
    const unknown = client(0, { endpoint: 'http://no-such-host.invalid:4318' });
    expect(await send(unknown)).toMatchObject({ status: 'retryable', failure: { kind: 'dns' } });
  });

  it('speaks TLS with a certificate that is not trusted, and with one that is', async () => {
    const server = createSecureServer(CERTIFICATE, (_request, response) => response.end());
    const port = await listen(server);
    cleanUps.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const endpoint = `https://localhost:${port}`;
    const untrusting = await send(client(port, { endpoint }));
    expect(untrusting).toMatchObject({ status: 'retryable', failure: { kind: 'certificate' } });
    expect((await send(client(port, { endpoint, tls: { caPem: CERTIFICATE.cert } }))).status).toBe('delivered');
    expect((await send(client(port, { endpoint, tls: { insecureSkipVerify: true } }))).status).toBe('delivered');
  });

  it('hangs', async () => {
    const port = await backend(() => {});
    expect(await send(client(port), 100)).toMatchObject({ status: 'retryable', failure: { kind: 'timeout' } });
  });

  it('cuts the connection', async () => {
    const port = await backend((response) => response.socket?.destroy());
    expect(await send(client(port))).toMatchObject({ status: 'retryable', failure: { kind: 'reset' } });
  });

  it('is a gRPC port', async () => {
    const server = createHttp2Server();
    const port = await listen(server);
    cleanUps.push(() => server.close());
    expect(await send(client(port))).toMatchObject({ status: 'retryable', failure: { kind: 'protocol' } });
  });

  it('speaks plain text where TLS was asked for', async () => {
    const server = createTcpServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    const port = await listen(server);
    cleanUps.push(() => server.close());
    const to = client(port, { endpoint: `https://127.0.0.1:${port}` });
    expect(await send(to)).toMatchObject({ status: 'retryable', failure: { kind: 'tls' } });
  });
});

describe('an abort', () => {
  it('rejects with its reason', async () => {
    let requests = 0;
    const port = await backend(() => {
      requests++;
    });
    const abort = new AbortController();
    const pending = client(port).export('traces', TRACE, { signal: abort.signal });
    const failed = expect(pending).rejects.toThrow('stop');
    await waitFor('under way', () => requests === 1);
    abort.abort(new Error('stop'));
    await failed;
  });

  it('close fails what is under way as retryable', async () => {
    let requests = 0;
    const port = await backend(() => {
      requests++;
    });
    const to = client(port);
    const pending = send(to);
    await waitFor('under way', () => requests === 1);
    await to.close();
    expect((await pending).status).toBe('retryable');
    expect((await send(to)).status).toBe('retryable');
  });
});
