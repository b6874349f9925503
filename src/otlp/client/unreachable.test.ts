import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { freePort, listen } from '../../../test/testkit/free-port.ts';
import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { createAuthority, type KeyPair, selfSigned } from '../../../test/testkit/tls/authority.ts';
import { systemClock } from '../../lib/index.ts';
import type { ExportOutcome, OtlpClient } from '../export-outcome.ts';
import type { ServerTls } from '../security.ts';
import { defaultGrpcAccept, defaultHttpAccept } from '../server/limits.ts';
import { createOtlpServer } from '../server/otlp-server.ts';
import type { ClientTls } from './client-tls.ts';
import { createOtlpGrpcClient } from './grpc-client.ts';
import { createOtlpHttpClient } from './http-client.ts';

const TRACE = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] });
const CA = createAuthority('corp-ca');
const OTHER_CA = createAuthority('other-ca');
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Protocol = 'grpc' | 'http';
const PROTOCOLS: readonly Protocol[] = ['grpc', 'http'];

function client(protocol: Protocol, endpoint: string, tls?: ClientTls): OtlpClient {
  const common = { endpoint, headers: {}, compression: 'none', clock: systemClock, ...(tls && { tls }) } as const;
  const made =
    protocol === 'grpc' ? createOtlpGrpcClient(common) : createOtlpHttpClient({ ...common, encoding: 'proto' });
  cleanUps.push(() => made.close());
  return made;
}

function send(protocol: Protocol, endpoint: string, tls?: ClientTls, timeoutMs = 5000): Promise<ExportOutcome> {
  return client(protocol, endpoint, tls).export('traces', TRACE, { signal: new AbortController().signal, timeoutMs });
}

async function failureOf(protocol: Protocol, endpoint: string, tls?: ClientTls, timeoutMs?: number) {
  const outcome = await send(protocol, endpoint, tls, timeoutMs);
  if (outcome.status === 'delivered') expect.fail('delivered');
  return { status: outcome.status, ...outcome.failure };
}

/** An OTLP backend with this certificate. */
async function backend(tls?: ServerTls): Promise<number> {
  const server = createOtlpServer(
    { accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept }, clock: systemClock },
    () => ({ status: 'ok' }),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 }, tls && { tls });
  cleanUps.push(() => server.shutdown({ graceMs: 0 }));
  return port;
}

async function tcp(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onSocket(socket);
  });
  const port = await listen(server);
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return port;
}

async function http(answer: RequestListener): Promise<number> {
  const server = createHttpServer((request, response) => {
    request.resume().on('end', () => answer(request, response));
  });
  const port = await listen(server);
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return port;
}

const past = { notBefore: new Date('2019-01-01'), notAfter: new Date('2020-03-04') };
const future = { notBefore: new Date('2090-05-06'), notAfter: new Date('2091-01-01') };

describe.each(PROTOCOLS)('over %s, a certificate', (protocol) => {
  it.each<[string, KeyPair, string, string]>([
    ['has expired', CA.issue(past), '127.0.0.1', 'expired on 2020-03-04 (CA "corp-ca")'],
    ['is not valid yet', CA.issue(future), '127.0.0.1', 'is not valid before 2090-05-06 (CA "corp-ca")'],
    [
      'is for other names',
      CA.issue({ names: ['otlp.corp', '10.0.0.1'] }),
      '127.0.0.1',
      'is for otlp.corp, 10.0.0.1, not for 127.0.0.1; check the host, or set tls.server_name_override',
    ],
    [
      'comes from another CA',
      OTHER_CA.issue(),
      'localhost',
      'was signed by CA "other-ca", which is not trusted; give it in tls.ca_file',
    ],
    ['is self-signed', selfSigned({ commonName: 'me' }), '127.0.0.1', 'is self-signed by "me"; give it in tls.ca_file'],
  ])('%s', async (_name, pair, host, sentence) => {
    const port = await backend(pair);
    const failure = await failureOf(protocol, `https://${host}:${port}`, { caPem: CA.certPem });
    expect(failure).toMatchObject({ status: 'retryable', kind: 'certificate' });
    expect(failure.message).toContain(`the certificate of ${host}:${port} ${sentence}`);
  });

  it('is asked for by the server', async () => {
    const port = await backend({ ...CA.issue(), clientCaPem: CA.certPem });
    const endpoint = `https://127.0.0.1:${port}`;
    expect(await failureOf(protocol, endpoint, { caPem: CA.certPem })).toMatchObject({
      status: 'retryable',
      kind: 'certificate',
      message: `127.0.0.1:${port} asks for a client certificate; set tls.cert_file and tls.key_file`,
    });
    const own = { caPem: CA.certPem, ...CA.issue({ commonName: 'exporter' }) };
    expect(await send(protocol, endpoint, own)).toEqual({ status: 'delivered', rejectedCount: 0 });
  });

  it('is expected for the name that the settings say', async () => {
    const port = await backend(CA.issue({ names: ['otlp.corp'] }));
    const tls = { caPem: CA.certPem, serverName: 'otlp.corp' };
    expect((await send(protocol, `https://127.0.0.1:${port}`, tls)).status).toBe('delivered');
  });

  it('that cannot be used is refused at once', () => {
    for (const tls of [{ caPem: 'nonsense' }, { certPem: CA.certPem, keyPem: OTHER_CA.issue().keyPem }]) {
      expect(() => client(protocol, 'https://127.0.0.1:1', tls)).toThrow(
        expect.objectContaining({ code: 'invalid_tls' }),
      );
    }
  });
});

describe.each(PROTOCOLS)('over %s, an address', (protocol) => {
  it('where nothing listens is shown with all that was tried', async () => {
    const port = await freePort();
    const failure = await failureOf(protocol, `http://localhost:${port}`);
    expect(failure).toMatchObject({ status: 'retryable', kind: 'refused' });
    expect(failure.message).toMatch(new RegExp(`^nothing listens on localhost:${port} \\(tried .*127\\.0\\.0\\.1`));
    expect((await failureOf(protocol, `http://127.0.0.1:${port}`)).message).toBe(
      `nothing listens on 127.0.0.1:${port}`,
    );
  });

  it('that speaks plain text where TLS was asked for', async () => {
    const port = await backend();
    expect(await failureOf(protocol, `https://127.0.0.1:${port}`)).toMatchObject({
      kind: 'tls',
      message: `127.0.0.1:${port} speaks plain text; set tls.insecure: true, or use its TLS port`,
    });
  });

  it('that wants TLS where plain text was asked for', async () => {
    const { certPem, keyPem } = CA.issue();
    const server = createHttpsServer({ cert: certPem, key: keyPem }, (_request, response) => response.end());
    const others = await listen(server);
    cleanUps.push(() => {
      server.closeAllConnections();
      server.close();
    });
    expect(await failureOf(protocol, `http://127.0.0.1:${others}`)).toMatchObject({
      status: 'retryable',
      kind: 'tls',
      message: `127.0.0.1:${others} speaks TLS; use https://, or set tls.insecure: false`,
    });
  });

  it('that does not answer', async () => {
    const port = await tcp(() => {});
    expect(await failureOf(protocol, `http://127.0.0.1:${port}`, undefined, 100)).toMatchObject({
      status: 'retryable',
      kind: 'timeout',
    });
  });

  it('that hangs up', async () => {
    const port = await tcp((socket) => socket.destroy());
    expect(await failureOf(protocol, `http://127.0.0.1:${port}`)).toMatchObject({
      kind: 'reset',
      message: `127.0.0.1:${port} closed the connection before it answered`,
    });
  });
});

describe('a backend of the other protocol', () => {
  it('answers HTTP/1.1 to gRPC, plain and over TLS', async () => {
    const plain = await http((_request, response) => response.end());
    const pair = CA.issue();
    const server = createHttpsServer({ cert: pair.certPem, key: pair.keyPem }, (_request, response) => response.end());
    const secure = await listen(server);
    cleanUps.push(() => {
      server.closeAllConnections();
      server.close();
    });
    for (const [port, endpoint] of [
      [plain, `http://127.0.0.1:${plain}`],
      [secure, `https://127.0.0.1:${secure}`],
    ] as const) {
      expect(await failureOf('grpc', endpoint, { caPem: CA.certPem })).toEqual({
        status: 'retryable',
        kind: 'protocol',
        message: `127.0.0.1:${port} answered HTTP/1.1, the protocol is grpc; set protocol: http, or use port 4317`,
      });
    }
  });

  it('speaks HTTP/2 to OTLP/HTTP', async () => {
    const server = createHttp2Server();
    const port = await listen(server);
    cleanUps.push(() => server.close());
    const failure = await failureOf('http', `http://127.0.0.1:${port}`);
    expect(failure.kind).toBe('protocol');
    expect(failure.message).toMatch(/set protocol: grpc, or use port 4318/i);
  });

  it('hangs up on HTTP/1 as grpc-go does, and is asked what it speaks', async () => {
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const port = await tcp((socket) =>
      socket.once('data', (chunk: Buffer) =>
        chunk.toString().startsWith('PRI') ? socket.end(settings) : socket.destroy(),
      ),
    );
    expect(await failureOf('http', `http://127.0.0.1:${port}`)).toMatchObject({
      kind: 'protocol',
      message: `127.0.0.1:${port} speaks HTTP/2 as gRPC does, the protocol is http; set protocol: grpc, or use port 4318`,
    });
  });
});

describe('a port with TLS that answers plain text over HTTP/1', () => {
  const asGoDoes = 'Client sent an HTTP request to an HTTPS server.';

  it('is told from a backend that rejects data', async () => {
    const port = await tcp((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.0 400 Bad Request\r\n\r\n${asGoDoes}\n`)),
    );
    expect(await failureOf('http', `http://127.0.0.1:${port}`)).toMatchObject({
      kind: 'tls',
      message: `the backend answered 400: ${asGoDoes}`,
    });
    const ours = await backend(CA.issue());
    expect(await failureOf('http', `http://127.0.0.1:${ours}`)).toMatchObject({
      kind: 'tls',
      message: expect.stringContaining('this port wants TLS'),
    });
  });
});

describe('an HTTP backend that answers', () => {
  const html = { 'content-type': 'text/html; charset=utf-8' };

  it.each<[string, number, Record<string, string>, string, string, string, string]>([
    ['404', 404, html, '<html>', 'permanent', 'protocol', '404 to POST /v1/traces; is the path right?'],
    ['405', 405, {}, '', 'permanent', 'protocol', '405 to POST /v1/traces; is the path right?'],
    ['415', 415, {}, '', 'permanent', 'protocol', '415, it does not take this encoding or compression'],
    ['a page', 200, html, '<html>', 'permanent', 'protocol', '200 with a web page to /v1/traces; is that the port'],
    [
      'a redirect',
      302,
      { location: 'https://me:pass@login.corp/start?token=t0ken' },
      '',
      'permanent',
      'protocol',
      '302 and redirects to https://login.corp/start, which is not followed',
    ],
    ['401', 401, { 'content-type': 'text/plain' }, 'no token\n', 'permanent', 'credentials', '401: no token'],
    ['403', 403, {}, '', 'permanent', 'credentials', '403'],
    ['407', 407, {}, '', 'permanent', 'credentials', '407, a proxy in between asks for credentials'],
    ['413', 413, {}, '', 'permanent', 'too_large', '413'],
    ['429', 429, { 'retry-after': '7' }, '', 'throttled', 'throttled', '429'],
    ['502 as a page', 502, html, '<html>', 'retryable', 'unavailable', '502 with a web page'],
    [
      '400 with a long text',
      400,
      { 'content-type': 'text/plain' },
      `label name invalid ${'x'.repeat(1000)}`,
      'permanent',
      'rejected',
      '400: label name invalid xxx',
    ],
    ['400 with bytes', 400, { 'content-type': 'image/png' }, '\u0089PNG', 'permanent', 'rejected', '400'],
  ])('%s', async (_name, status, headers, body, disposition, kind, sentence) => {
    const port = await http((_request, response) => response.writeHead(status, headers).end(body));
    const failure = await failureOf('http', `http://127.0.0.1:${port}`);
    expect(failure).toMatchObject({ status: disposition, kind });
    expect(failure.message).toContain(`the backend answered ${sentence}`);
    expect(failure.message.length).toBeLessThan(300);
    expect(failure.message).not.toMatch(/pass|t0ken|<html|PNG/);
  });
});
