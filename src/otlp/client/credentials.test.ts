import { afterEach, describe, expect, it } from 'vitest';

import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { CodedError, systemClock } from '../../lib/index.ts';
import type { ExportOutcome, OtlpClient } from '../export-outcome.ts';
import type { RequestCredentials } from '../security.ts';
import { defaultGrpcAccept, defaultHttpAccept } from '../server/limits.ts';
import { createOtlpServer } from '../server/otlp-server.ts';
import { createOtlpGrpcClient } from './grpc-client.ts';
import { createOtlpHttpClient } from './http-client.ts';

const TRACE = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] });
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A backend that takes one token and repeats any other in its refusal. */
async function backend(right: () => string) {
  const seen: string[] = [];
  const authenticate = (metadata: Readonly<Record<string, readonly string[]>>) => {
    const [token = ''] = metadata['authorization'] ?? [];
    seen.push(token);
    return token === `Bearer ${right()}` ? undefined : `what is ${token}?`;
  };
  const server = createOtlpServer(
    {
      accepts: { grpc: { ...defaultGrpcAccept, authenticate }, http: { ...defaultHttpAccept, authenticate } },
      clock: systemClock,
    },
    () => ({ status: 'ok' }),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  cleanUps.push(() => server.shutdown({ graceMs: 0 }));
  return { port, seen };
}

function client(protocol: 'grpc' | 'http', port: number, credentials: RequestCredentials): OtlpClient {
  const common = {
    endpoint: `http://127.0.0.1:${port}`,
    headers: { Authorization: 'Bearer configured' },
    compression: 'none',
    clock: systemClock,
    credentials,
  } as const;
  const made =
    protocol === 'grpc' ? createOtlpGrpcClient(common) : createOtlpHttpClient({ ...common, encoding: 'proto' });
  cleanUps.push(() => made.close());
  return made;
}

async function send(to: OtlpClient, timeoutMs = 5000): Promise<ExportOutcome> {
  const outcome = await to.export('traces', TRACE, { signal: new AbortController().signal, timeoutMs });
  expect(JSON.stringify(outcome)).not.toMatch(/token-\d/);
  return outcome;
}

describe.each(['grpc', 'http'] as const)('credentials over %s', (protocol) => {
  it('are asked for every request, at once or later, and outweigh configured headers', async () => {
    let n = 0;
    const { port, seen } = await backend(() => `token-${n}`);
    const to = client(protocol, port, {
      headers: () => {
        const headers = { Authorization: `Bearer token-${++n}` };
        return n % 2 === 0 ? headers : Promise.resolve(headers);
      },
    });
    for (let i = 0; i < 3; i++) expect((await send(to)).status).toBe('delivered');
    expect(seen).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-3']);
  });

  it('that were refused are told so, and the request goes once more with others', async () => {
    const { port } = await backend(() => 'token-2');
    let cached = 'token-1';
    let rejections = 0;
    const to = client(protocol, port, {
      headers: async () => ({ authorization: `Bearer ${cached}` }),
      rejected: () => {
        rejections++;
        cached = 'token-2';
      },
    });
    expect((await send(to)).status).toBe('delivered');
    expect(rejections).toBe(1);
  });

  it('that stay refused are the outcome, without being quoted', async () => {
    const { port, seen } = await backend(() => 'right');
    let rejections = 0;
    const to = client(protocol, port, {
      headers: () => ({ authorization: 'Bearer token-1' }),
      rejected: () => {
        rejections++;
      },
    });
    expect(await send(to)).toMatchObject({
      status: 'permanent',
      failure: {
        kind: 'credentials',
        message: expect.stringMatching(/(401|UNAUTHENTICATED): sluice: what is \*\*\*\?/),
      },
    });
    expect([seen.length, rejections]).toEqual([1, 1]);
  });

  it('that cannot be had fail the request with the reason, to be tried again', async () => {
    const { port, seen } = await backend(() => 'right');
    const message = 'the token endpoint answered 503';
    const coded = client(protocol, port, { headers: () => Promise.reject(new CodedError('no_token', message)) });
    expect(await send(coded)).toEqual({ status: 'retryable', failure: { kind: 'credentials', message } });
    const thrown = client(protocol, port, {
      headers: () => {
        throw new Error('token-99 is broken');
      },
    });
    expect(await send(thrown)).toMatchObject({ status: 'retryable', failure: { kind: 'credentials' } });
    expect(seen).toEqual([]);
  });

  it('that do not come in time are named, and an abort does not wait for them', async () => {
    const { port } = await backend(() => 'right');
    const to = client(protocol, port, { headers: () => new Promise(() => {}) });
    expect(await send(to, 50)).toEqual({
      status: 'retryable',
      failure: { kind: 'credentials', message: 'the credentials to send with did not come in time' },
    });
    const abort = new AbortController();
    const pending = to.export('traces', TRACE, { signal: abort.signal });
    abort.abort(new Error('stop'));
    await expect(pending).rejects.toThrow('stop');
  });
});
