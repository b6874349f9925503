import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { requestOf, testDeps } from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { decodeResponse } from '../../../test/testkit/otlp-proto.ts';
import { GRPC_METHOD, sendGrpc, sendHttp } from '../../../test/testkit/senders.ts';
import { createAuthority } from '../../../test/testkit/tls/authority.ts';
import { systemClock } from '../../lib/index.ts';
import type { ComponentConfig, ComponentId } from '../../otelcol/index.ts';
import { ACCEPTED, type Batch } from '../batch.ts';
import type { Receiver, ReceiverContext } from '../component.ts';
import { otlpReceiver } from './otlp.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const run of cleanUp.splice(0)) await run();
});

async function start(protocols: object, context: Partial<ReceiverContext> = {}) {
  const taken: Batch[] = [];
  const consume = (batch: Batch) => {
    taken.push(batch);
    return ACCEPTED;
  };
  const deps = context.deps ?? testDeps();
  const receiver: Receiver = otlpReceiver.create({ protocols } as ComponentConfig, {
    id: 'otlp' as ComponentId,
    deps,
    entries: { traces: { consume } },
    onAttempt: undefined,
    advise: undefined,
    authenticate: (id) => (metadata) => (metadata['authorization']?.[0] === id ? undefined : 'no'),
    ...context,
  });
  const listeners = await receiver.start();
  cleanUp.push(() => receiver.shutdown(0));
  const port = (protocol: string) => listeners.find((listener) => listener.protocol === protocol)!.port;
  return { taken, port };
}

const message = requestOf(['one']);
const anywhere = { endpoint: '127.0.0.1:0' };
const guarded = (authenticator: string) => ({ ...anywhere, auth: { authenticator } });

/** The status that each port gives senders of each protocol, with and without this authorization. */
async function answers(ports: readonly number[], authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization };
  const all: (readonly [number, number])[] = [];
  for (const port of ports) {
    const grpc = await sendGrpc(port, { path: GRPC_METHOD.traces, message, headers });
    const type = { 'content-type': 'application/x-protobuf' };
    const http = await sendHttp(port, { path: '/v1/traces', body: message, headers: { ...headers, ...type } });
    all.push([grpc.grpcStatus, http.status]);
  }
  return all;
}

describe('authentication of an otlp receiver', () => {
  it('asks senders of both protocols on a port that was opened for one', async () => {
    const { port, taken } = await start({ http: guarded('a') });
    expect(await answers([port('http')])).toEqual([[16, 401]]);
    expect(taken).toEqual([]);
    expect(await answers([port('http')], 'a')).toEqual([[0, 200]]);
  });

  it('asks on each port what its protocol asks for, whatever the sender speaks', async () => {
    const { port } = await start({ grpc: guarded('a'), http: guarded('b') });
    const ports = [port('grpc'), port('http')];
    const refused = [16, 401];
    expect(await answers(ports, 'a')).toEqual([[0, 200], refused]);
    expect(await answers(ports, 'b')).toEqual([refused, [0, 200]]);
  });

  it('leaves a port open that asks for nothing', async () => {
    const { port } = await start({ grpc: guarded('a'), http: anywhere });
    expect(await answers([port('grpc'), port('http')])).toEqual([
      [16, 401],
      [0, 200],
    ]);
  });

  it('does not start without its authenticator', async () => {
    const context = { authenticate: () => undefined };
    await expect(start({ grpc: guarded('a') }, context)).rejects.toMatchObject({ code: 'invalid_config' });
  });
});

describe('what an otlp receiver passes on and answers', () => {
  it('hands on headers where it is told to keep them', async () => {
    const { port, taken } = await start({ grpc: { ...anywhere, include_metadata: true }, http: anywhere });
    await answers([port('grpc')], 'me');
    expect(taken.map(({ metadata }) => metadata?.['authorization'])).toEqual([['me'], undefined]);
  });

  it('gives senders advice without rejecting anything', async () => {
    const { port } = await start({ http: anywhere }, { advise: (signal) => `no one looks at ${signal}` });
    const headers = { 'content-type': 'application/x-protobuf' };
    const { body } = await sendHttp(port('http'), { path: '/v1/traces', body: message, headers });
    expect(decodeResponse('traces', body)['partialSuccess']).toMatchObject({
      rejectedSpans: 0n,
      errorMessage: expect.stringContaining('no one looks at traces'),
    });
  });
});

describe('certificates of an otlp receiver', () => {
  const authority = createAuthority();

  function files(names: Readonly<Record<string, string>>): (name: string) => string {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    for (const [name, text] of Object.entries(names)) writeFileSync(join(folder, name), text);
    return (name) => join(folder, name);
  }

  const subjectAt = (port: number) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca: authority.certPem }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.once('error', reject);
    });

  it('are read again, and kept where what is read is none', async () => {
    const first = authority.issue({ commonName: 'first' });
    const second = authority.issue({ commonName: 'second' });
    const path = files({ cert: first.certPem, key: first.keyPem });
    const fake = createFakeClock();
    const clock = { ...systemClock, after: fake.after };
    const deps = testDeps(clock);
    const tls = { cert_file: path('cert'), key_file: path('key'), reload_interval: '1m' };
    const { port } = await start({ grpc: { ...anywhere, tls } }, { deps });
    expect(await subjectAt(port('grpc'))).toBe('first');

    writeFileSync(path('cert'), second.certPem);
    await fake.advance(60_000);
    expect(await subjectAt(port('grpc'))).toBe('first');
    expect(deps.lines).toMatchObject([{ level: 'error', message: 'certificate not reloaded' }]);

    writeFileSync(path('key'), second.keyPem);
    await fake.advance(60_000);
    expect(await subjectAt(port('grpc'))).toBe('second');
  });

  it.each([
    [{ cert_file: '/nowhere/cert', key_file: '/nowhere/key' }, 'file_unreadable'],
    [{ cert_pem: 'no', key_pem: 'no' }, 'invalid_tls'],
  ])('must be there at start: %o', async (tls, code) => {
    await expect(start({ grpc: { ...anywhere, tls } })).rejects.toMatchObject({ code });
  });

  it.each([
    [{}, ['SL0102 protocols.http.tls']],
    [{ cert_pem: 'c' }, ['SL0114 protocols.http.tls.key_file']],
    [{ cert_pem: 'c', cert_file: 'f', key_pem: 'k' }, ['SL0114 protocols.http.tls.cert_pem']],
    [
      { cert_pem: 'c', key_pem: 'k', min_version: '1.3', max_version: '1.2' },
      ['SL0105 protocols.http.tls.min_version'],
    ],
    [{ cert_pem: 'c', key_pem: 'k' }, []],
  ])('are checked before: %o', (tls, expected) => {
    const settings = { protocols: { http: { tls } } } as unknown as ComponentConfig;
    const issues = otlpReceiver.check?.(settings, { signals: [], receivedBy: [] });
    expect(issues?.map(({ code, path }) => `${code} ${path?.join('.')}`)).toEqual(expected);
  });
});
