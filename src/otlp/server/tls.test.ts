import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { credentials, Metadata, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';

import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { GRPC_METHOD, sendHttp } from '../../../test/testkit/senders.ts';
import { createAuthority } from '../../../test/testkit/tls/authority.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { systemClock } from '../../lib/index.ts';
import { createOtlpGrpcClient } from '../client/grpc-client.ts';
import type { IngestAttempt, OtlpRequest } from '../request.ts';
import type { ServerTls } from '../security.ts';
import { defaultGrpcAccept, defaultHttpAccept } from './limits.ts';
import { createOtlpServer } from './otlp-server.ts';

const TRACE = Buffer.from(encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] }));
const CA = createAuthority();
const SERVER = CA.issue();
const CLIENT = CA.issue({ commonName: 'sender' });
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(tls: ServerTls | 'plain' = SERVER) {
  const requests: OtlpRequest[] = [];
  const attempts: IngestAttempt[] = [];
  const server = createOtlpServer(
    {
      accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept },
      clock: systemClock,
      onAttempt: (attempt) => attempts.push(attempt),
    },
    (request) => {
      requests.push(request);
      return { status: 'ok' };
    },
  );
  const address = await server.listen({ host: '127.0.0.1', port: 0 }, tls === 'plain' ? {} : { tls });
  cleanUps.push(() => server.shutdown({ graceMs: 0 }));
  const problem = async () => {
    await waitFor('an attempt', () => attempts.length > 0);
    return attempts[0]?.message;
  };
  return { server, address, port: address.port, requests, attempts, problem };
}

const Traces = makeGenericClientConstructor(
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
type Call = (message: Buffer, metadata: Metadata, options: object, done: (error: ServiceError | null) => void) => void;

/** One call of the stock gRPC client; resolves with its error. */
function callGrpc(port: number, secure: Parameters<typeof credentials.createSsl> = [Buffer.from(CA.certPem)]) {
  const client = new Traces(`localhost:${port}`, credentials.createSsl(...secure), {
    'grpc.ssl_target_name_override': 'localhost',
  });
  cleanUps.push(() => client.close());
  const options = { deadline: Date.now() + 5000 };
  return new Promise<ServiceError | null>((resolve) =>
    (client['export'] as unknown as Call).call(client, TRACE, new Metadata(), options, resolve),
  );
}

function sendHttps(port: number, tls: object = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        path: '/v1/traces',
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        ca: CA.certPem,
        agent: false,
        ...tls,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.end(TRACE);
  });
}

/** Sends bytes as they are and reads until the server hangs up. */
function exchangeRaw(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

describe('a port with TLS', () => {
  it('takes the stock gRPC client and HTTP/1, both over the one port', async () => {
    const { port, requests, attempts } = await start();
    expect(await callGrpc(port)).toBeNull();
    expect(await sendHttps(port)).toBe(200);
    expect(requests.map(({ protocol }) => protocol)).toEqual(['grpc', 'http']);
    expect(Buffer.compare(requests[0]!.bytes, TRACE)).toBe(0);
    expect(attempts.map(({ outcome, peer }) => [outcome, peer.startsWith('127.0.0.1:')])).toEqual([
      ['accepted', true],
      ['accepted', true],
    ]);
  });

  it('answers many calls at once and takes large messages', async () => {
    const { server, port, requests } = await start();
    const client = createOtlpGrpcClient({
      endpoint: `https://localhost:${port}`,
      headers: {},
      compression: 'none',
      tls: { caPem: CA.certPem },
      clock: systemClock,
    });
    cleanUps.push(() => client.close());
    const large = encodeRequest('traces', {
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x'.repeat(3_000_000) }] }] }],
    });
    const options = { signal: new AbortController().signal, timeoutMs: 20_000 };
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, i) => client.export('traces', i % 10 === 0 ? large : TRACE, options)),
    );
    expect(outcomes.every(({ status }) => status === 'delivered')).toBe(true);
    expect(requests.filter(({ bytes }) => Buffer.compare(bytes, large) === 0)).toHaveLength(6);
    expect([server.connectionCount, server.inFlightBytes]).toEqual([1, 0]);
  });

  it.each([
    ['HTTP/1', 'POST /v1/traces HTTP/1.1\r\nhost: x\r\n\r\n', /HTTP\/1.1 400.*https:\/\//s],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /sluice: .*https:\/\//],
  ])('tells a sender of plain %s that it wants TLS', async (_name, bytes, answer) => {
    const { port, problem } = await start();
    expect(await exchangeRaw(port, bytes)).toMatch(answer);
    expect(await problem()).toContain('this port wants TLS; use https://');
  });

  it('closes over text that is neither, and names it', async () => {
    const { port, problem } = await start();
    expect(await exchangeRaw(port, 'orders:1|c\n')).toBe('');
    expect(await problem()).toContain('StatsD');
  });

  it('names a sender that does not trust its certificate', async () => {
    const { port, problem } = await start();
    expect(await sendHttps(port, { ca: createAuthority('other CA').certPem })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(await problem()).toMatch(/does not trust the certificate of this port/);
  });

  it('names a sender whose TLS is too old', async () => {
    const { port, problem } = await start();
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    socket.on('error', () => {});
    expect(await problem()).toContain('TLS 1.2');
  });

  it('finishes what is under way and closes', async () => {
    const { server, port } = await start();
    await callGrpc(port);
    await server.shutdown({ graceMs: 5000 });
    expect(server.connectionCount).toBe(0);
    expect(server.inFlightBytes).toBe(0);
  });

  it('cuts off a handshake when it stops, without blaming the sender', async () => {
    const { server, port, attempts } = await start();
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1])));
    cleanUps.push(() => socket.destroy());
    await waitFor('accepted', () => server.connectionCount === 1);
    await server.shutdown({ graceMs: 100 });
    expect([server.connectionCount, attempts]).toEqual([0, []]);
  });

  it('names each sender whose handshake failed, however it ended', async () => {
    const { port, attempts, server } = await start();
    const clientHello = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
    const peers = new Set<string>();
    for (let i = 0; i < 30; i++) {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      peers.add(`127.0.0.1:${socket.localPort}`);
      socket.write(clientHello);
      if (i % 3 === 0) socket.resetAndDestroy();
      else setTimeout(() => (i % 3 === 1 ? socket.resetAndDestroy() : socket.destroy()), 5);
    }
    await waitFor('all to be closed and told', () => server.connectionCount === 0 && attempts.length >= 30);
    expect(new Set(attempts.map(({ peer }) => peer))).toEqual(peers);
  });

  it('uses a new certificate for new connections, without closing those that are open', async () => {
    const { server, address, port } = await start();
    const { promise: first, resolve } = Promise.withResolvers<string>();
    const open = connectTls({ port, host: '127.0.0.1', ca: CA.certPem }, () =>
      resolve(open.getPeerCertificate().subject.CN as string),
    );
    cleanUps.push(() => open.destroy());
    expect(await first).toBe('test');
    const other = createAuthority('other CA');
    server.updateTls(address, other.issue({ commonName: 'second' }));
    expect(await sendHttps(port)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(await sendHttps(port, { ca: other.certPem })).toBe(200);
    expect(open.destroyed).toBe(false);
  });

  it('refuses a key that does not fit, at the start and later, and keeps the old one', async () => {
    const { server, address, port } = await start();
    const wrong = { certPem: SERVER.certPem, keyPem: CLIENT.keyPem };
    expect(() => server.updateTls(address, wrong)).toThrow(expect.objectContaining({ code: 'invalid_tls' }));
    await expect(server.listen({ host: '127.0.0.1', port: 0 }, { tls: wrong })).rejects.toMatchObject({
      code: 'invalid_tls',
    });
    expect(await sendHttps(port)).toBe(200);
  });
});

describe('a port that asks for client certificates', () => {
  const MUTUAL = { ...SERVER, clientCaPem: CA.certPem };

  it('takes senders whose certificate its CA signed', async () => {
    const { port, requests } = await start(MUTUAL);
    const own = [Buffer.from(CA.certPem), Buffer.from(CLIENT.keyPem), Buffer.from(CLIENT.certPem)] as const;
    expect(await callGrpc(port, [...own])).toBeNull();
    expect(await sendHttps(port, { cert: CLIENT.certPem, key: CLIENT.keyPem })).toBe(200);
    expect(requests).toHaveLength(2);
  });

  it('names a sender without one', async () => {
    const { port, problem, requests } = await start(MUTUAL);
    expect(await sendHttps(port)).toMatch(/CERTIFICATE_REQUIRED/);
    expect(await problem()).toContain('showed no certificate');
    expect(requests).toEqual([]);
  });

  it.each([
    ['another CA', createAuthority('other CA').issue(), /was not signed by the CA of this port/],
    ['no time left', CA.issue({ notAfter: new Date('2020-01-01'), notBefore: new Date('2019-01-01') }), /has expired/],
  ])('names a sender whose certificate has %s', async (_name, pair, expected) => {
    const { port, problem, requests } = await start(MUTUAL);
    expect(await sendHttps(port, { cert: pair.certPem, key: pair.keyPem })).not.toBe(200);
    expect(await problem()).toMatch(expected);
    expect(requests).toEqual([]);
  });
});

describe('a port without TLS', () => {
  it('answers a TLS hello so that TLS clients know', async () => {
    const { port, problem } = await start('plain');
    expect(await sendHttps(port)).toBe('EPROTO');
    expect(await problem()).toContain('the sender spoke TLS, this port is plain text');
    expect(
      (await sendHttp(port, { path: '/v1/traces', body: TRACE, headers: { 'content-type': 'application/x-protobuf' } }))
        .status,
    ).toBe(200);
  });
});
