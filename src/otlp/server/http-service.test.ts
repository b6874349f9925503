import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { type HttpAnswer, sendHttp } from '../../../test/testkit/senders.ts';
import { systemClock } from '../../lib/index.ts';
import type { OtlpRequest, OtlpResponse } from '../request.ts';
import { decodeExportResponse, decodeStatus } from '../rpc-messages.ts';
import { defaultGrpcAccept, defaultHttpAccept } from './limits.ts';
import { createOtlpServer } from './otlp-server.ts';

const PROTO = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };
const LIMIT = 1024 * 1024;
const BODY = encodeRequest('logs', {
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { value: { case: 'stringValue', value: 'x' } } }] }] }],
});
const JSON_BODY = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}';

let answer: OtlpResponse = { status: 'ok' };
const requests: OtlpRequest[] = [];
const server = createOtlpServer(
  {
    accepts: { grpc: defaultGrpcAccept, http: { ...defaultHttpAccept, maxRequestBodySizeBytes: LIMIT } },
    clock: systemClock,
  },
  (request) => {
    requests.push(request);
    return answer;
  },
);
let port = 0;

beforeAll(async () => {
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => server.shutdown({ graceMs: 0 }));
afterEach(() => {
  expect(server.inFlightBytes).toBe(0);
  requests.length = 0;
  answer = { status: 'ok' };
});

function post(path: string, body: Uint8Array | string, headers: Record<string, string>): Promise<HttpAnswer> {
  return sendHttp(port, { path, body, headers });
}

function text(response: HttpAnswer): string {
  return response.headers['content-type'] === 'application/json'
    ? JSON.parse(response.body.toString()).message
    : (decodeStatus(response.body)?.message ?? 'no status');
}

describe('a sender that asks before it sends', () => {
  it('hears the refusal alone when there is no room for its body', async () => {
    const full = createOtlpServer(
      {
        accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept },
        clock: systemClock,
        limits: { maxInFlightBytes: 10 },
      },
      () => ({ status: 'ok' }),
    );
    const { port: fullPort } = await full.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect(fullPort, '127.0.0.1');
    const head = ['POST /v1/logs HTTP/1.1', 'host: x', 'content-type: application/x-protobuf', 'content-length: 1000'];
    socket.write(`${[...head, 'expect: 100-continue'].join('\r\n')}\r\n\r\n`);
    const heard = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(heard.toString().split('\r\n')[0]).toBe('HTTP/1.1 503 Service Unavailable');
    socket.destroy();
    await full.shutdown({ graceMs: 0 });
  });
});

describe('OTLP/HTTP', () => {
  it('answers in the encoding of the request', async () => {
    const proto = await post('/v1/logs', BODY, PROTO);
    expect([proto.status, proto.headers['content-type'], proto.body.length]).toEqual([
      200,
      'application/x-protobuf',
      0,
    ]);
    const json = await post('/v1/logs', JSON_BODY, { 'content-type': 'Application/JSON; charset=utf-8' });
    expect([json.status, json.headers['content-type'], json.body.toString()]).toEqual([
      200,
      'application/json',
      '{"partialSuccess":{}}',
    ]);
    expect(requests.map((r) => [r.signal, r.protocol, r.encoding, r.itemCount])).toEqual([
      ['logs', 'http', 'protobuf', 1],
      ['logs', 'http', 'json', 1],
    ]);
    expect(requests[0].peer).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it.each([
    ['gzip', gzipSync(BODY)],
    ['zstd', zstdCompressSync(BODY)],
    ['deflate', deflateSync(BODY)],
    ['zlib', deflateSync(BODY)],
  ])('takes %s', async (coding, body) => {
    expect((await post('/v1/logs', body, { ...PROTO, 'content-encoding': coding })).status).toBe(200);
    expect(Buffer.compare(requests[0].bytes, BODY)).toBe(0);
  });

  it('returns a partial success in both encodings', async () => {
    answer = { status: 'ok', partial: { rejectedCount: 3, message: 'too old' } };
    expect(decodeExportResponse((await post('/v1/logs', BODY, PROTO)).body)).toEqual({
      rejectedCount: 3,
      message: 'sluice: too old',
    });
    expect(JSON.parse((await post('/v1/logs', JSON_BODY, JSON_TYPE)).body.toString())).toEqual({
      partialSuccess: { rejectedLogRecords: '3', errorMessage: 'sluice: too old' },
    });
  });

  it('asks to come back later with Retry-After', async () => {
    answer = { status: 'error', code: 14, message: 'gateway is at its memory limit, retry in 2 s', retryAfterMs: 1500 };
    const response = await post('/v1/logs', JSON_BODY, JSON_TYPE);
    expect([response.status, response.headers['retry-after']]).toEqual([503, '2']);
    expect(JSON.parse(response.body.toString())).toMatchObject({
      code: 14,
      message: 'sluice: gateway is at its memory limit, retry in 2 s',
    });
    answer = { status: 'error', code: 8, message: 'too much', retryAfterMs: 10 };
    expect((await post('/v1/logs', BODY, PROTO)).status).toBe(429);
  });

  it('suggests the path that was meant', async () => {
    const response = await post('/v1/log', JSON_BODY, JSON_TYPE);
    expect(response.status).toBe(404);
    expect(text(response)).toBe(
      `sluice: no such path /v1/log; did you mean /v1/logs? Base URL is http://127.0.0.1:${port} without a path`,
    );
    expect(text(await post('/v1/log', BODY, PROTO))).toContain('did you mean /v1/logs?');
  });

  it('ignores a query', async () => {
    expect((await post('/v1/logs?debug=1', BODY, PROTO)).status).toBe(200);
  });

  it('names the method, the media type and the encoding it takes', async () => {
    const get = await sendHttp(port, { path: '/v1/logs', body: '', method: 'GET' });
    expect([get.status, get.headers['allow'], text(get)]).toEqual([
      405,
      'POST',
      'sluice: GET is not allowed on /v1/logs; send telemetry with POST',
    ]);
    const type = await post('/v1/logs', 'x', { 'content-type': 'text/plain' });
    expect([type.status, text(type)]).toEqual([
      415,
      'sluice: content-type text/plain; send application/json or application/x-protobuf',
    ]);
    expect((await post('/v1/logs', 'x', {})).status).toBe(415);
    const coding = await post('/v1/logs', BODY, { ...PROTO, 'content-encoding': 'br' });
    expect([coding.status, text(coding)]).toEqual([
      400,
      'sluice: content-encoding br is not supported; use gzip, zstd, deflate, snappy or none',
    ]);
  });

  it('says where malformed telemetry is wrong, in both encodings', async () => {
    const proto = await post('/v1/logs', Uint8Array.from([0x0a, 0x7f]), PROTO);
    expect([proto.status, decodeStatus(proto.body)?.code]).toEqual([400, 3]);
    const json = await post(
      '/v1/traces',
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"abc"}]}]}]}',
      JSON_TYPE,
    );
    expect(json.status).toBe(400);
    expect(text(json)).toMatch(/^sluice: .*resourceSpans\[0\].*traceId/);
    expect(requests).toHaveLength(0);
  });

  it('refuses bodies over the limit, announced or not, compressed or not', async () => {
    const large = Buffer.alloc(LIMIT + 1);
    const sentence = /^sluice: request body is larger than the limit of 1 MiB.*max_request_body_size/;
    for (const headers of [PROTO, { ...PROTO, 'transfer-encoding': 'chunked' }]) {
      const response = await post('/v1/logs', large, headers as Record<string, string>);
      expect(response.status).toBe(400);
      expect(text(response)).toMatch(sentence);
    }
    const bomb = await post('/v1/logs', gzipSync(Buffer.alloc(100 * LIMIT)), { ...PROTO, 'content-encoding': 'gzip' });
    expect(bomb.status).toBe(400);
    expect(text(bomb)).toContain('once decompressed');
    const corrupt = await post('/v1/logs', Buffer.from('hello'), { ...PROTO, 'content-encoding': 'gzip' });
    expect(text(corrupt)).toBe('sluice: the body is not valid gzip');
  });

  it('takes chunked bodies and 100-continue, and refuses before the body is sent', async () => {
    expect((await post('/v1/logs', BODY, { ...PROTO, 'transfer-encoding': 'chunked' })).status).toBe(200);
    expect(await expectContinue('/v1/logs')).toEqual({ continued: true, status: 200 });
    expect(await expectContinue('/v1/nothing')).toEqual({ continued: false, status: 404 });
  });

  it('serves many requests on one connection', async () => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    const head = `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${BODY.length}\r\n\r\n`;
    for (let i = 0; i < 20; i++) socket.write(Buffer.concat([Buffer.from(head), BODY]));
    await expect.poll(() => received.match(/HTTP\/1\.1 200/g)?.length).toBe(20);
    socket.destroy();
  });

  it('also works over HTTP/2 without upgrade', async () => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const send = (path: string) =>
      new Promise<{ status: number; body: string }>((resolve, reject) => {
        const stream = session.request({ ':method': 'POST', ':path': path, ...JSON_TYPE });
        let status = 0;
        let body = '';
        stream.on('response', (headers) => {
          status = Number(headers[':status']);
        });
        stream.on('data', (chunk) => {
          body += chunk;
        });
        stream.on('error', reject);
        stream.on('end', () => resolve({ status, body }));
        stream.end(JSON_BODY);
      });
    expect(await send('/v1/logs')).toEqual({ status: 200, body: '{"partialSuccess":{}}' });
    expect(await send('/v1/log')).toMatchObject({ status: 404 });
    session.close();
  });

  it('answers malformed HTTP with 400', async () => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write('POST /v1/logs HTTP/9.9\r\nbroken\r\n\r\n');
    await closed;
    expect(received).toMatch(/^HTTP\/1.1 400/);
  });
});

function expectContinue(path: string): Promise<{ continued: boolean; status: number }> {
  return new Promise((resolve, reject) => {
    let continued = false;
    const headers = { ...PROTO, expect: '100-continue', 'content-length': BODY.length };
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method: 'POST', headers, agent: false },
      (response) => {
        response.resume();
        resolve({ continued, status: response.statusCode ?? 0 });
        request.destroy();
      },
    );
    request.on('continue', () => {
      continued = true;
      request.end(BODY);
    });
    request.on('error', reject);
    request.flushHeaders();
  });
}
