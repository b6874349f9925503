import { createServer as createHttp2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { freePort } from '../../../test/testkit/free-port.ts';
import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { systemClock } from '../../lib/index.ts';
import type { ExportOutcome, OtlpClient } from '../export-outcome.ts';
import { defaultGrpcAccept, defaultHttpAccept } from '../server/limits.ts';
import { createOtlpServer } from '../server/otlp-server.ts';
import { createOtlpGrpcClient, type OtlpGrpcClientOptions } from './grpc-client.ts';

const TRACE = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] });
const [A, B, C] = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as const;
/** Other systems have no loopback addresses beside 127.0.0.1. */
const hasOneAddress = process.platform !== 'linux';
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A replica of the backend on one loopback address. */
async function replica(host: string, port: number, maxConnectionAgeMs = 0) {
  let requests = 0;
  const grpc = { ...defaultGrpcAccept, maxConnectionAgeMs, maxConnectionAgeGraceMs: 0 };
  const server = createOtlpServer({ accepts: { grpc, http: defaultHttpAccept }, clock: systemClock }, () => {
    requests++;
    return { status: 'ok' };
  });
  await server.listen({ host, port });
  const stop = (graceMs = 0) => server.shutdown({ graceMs });
  cleanUps.push(() => stop());
  return {
    stop,
    server,
    get requests() {
      return requests;
    },
  };
}

function client(port: number, addresses: () => readonly string[], options: Partial<OtlpGrpcClientOptions> = {}) {
  const lookups: string[] = [];
  const made = createOtlpGrpcClient({
    endpoint: `dns:///gateway:${port}`,
    tls: { insecure: true },
    headers: {},
    compression: 'none',
    clock: systemClock,
    lookup: async (host) => {
      lookups.push(host);
      return addresses();
    },
    ...options,
  });
  cleanUps.push(() => made.close());
  return { to: made, lookups };
}

function send(to: OtlpClient, timeoutMs = 5000): Promise<ExportOutcome> {
  return to.export('traces', TRACE, { signal: new AbortController().signal, timeoutMs });
}

async function sendMany(to: OtlpClient, count: number): Promise<void> {
  for (let i = 0; i < count; i++) expect(await send(to)).toEqual({ status: 'delivered', rejectedCount: 0 });
}

/** Sends until every replica has been heard of: connections are made in the background. */
async function warmUp(to: OtlpClient, replicas: readonly { readonly server: { readonly connectionCount: number } }[]) {
  await waitFor('all connected', async () => {
    await sendMany(to, 1);
    return replicas.every(({ server }) => server.connectionCount > 0);
  });
  await sendMany(to, replicas.length * 2);
}

describe.skipIf(hasOneAddress)('round robin', () => {
  it('spreads calls evenly over all addresses of the name, by one connection each', async () => {
    const port = await freePort();
    const replicas = [await replica(A, port), await replica(B, port), await replica(C, port)];
    const { to, lookups } = client(port, () => [A, B, C]);
    await warmUp(to, replicas);
    const before = replicas.map(({ requests }) => requests);
    await Promise.all(Array.from({ length: 30 }, () => sendMany(to, 1)));
    expect(replicas.map(({ requests }, i) => requests - before[i]!)).toEqual([10, 10, 10]);
    expect(replicas.map(({ server }) => server.connectionCount)).toEqual([1, 1, 1]);
    expect(lookups).toEqual(['gateway']);
  });

  it('loses no call when one address dies and comes back', async () => {
    const port = await freePort();
    const [a, b] = [await replica(A, port), await replica(B, port)];
    const { to } = client(port, () => [A, B]);
    await warmUp(to, [a, b]);
    await b.stop(5000);
    await sendMany(to, 20);
    const again = await replica(B, port);
    await waitFor('the address is used again', async () => {
      await sendMany(to, 1);
      return again.requests > 0;
    });
  });

  it('answers at once while another address does not', async () => {
    const port = await freePort();
    await replica(A, port);
    // A documentation address: packets to it lead nowhere.
    const { to } = client(port, () => ['192.0.2.1', A]);
    await sendMany(to, 5);
  });

  it('loses no call to connections that reach their age', async () => {
    const port = await freePort();
    const [a, b] = [await replica(A, port, 60), await replica(B, port, 60)];
    const { to } = client(port, () => [A, B]);
    const end = Date.now() + 600;
    let sent = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (; Date.now() < end; sent++) await sendMany(to, 1);
      }),
    );
    expect(a.requests + b.requests).toBe(sent);
  });

  it('fails with one sentence when nothing listens on any address', async () => {
    const port = await freePort();
    const { to } = client(port, () => [A, B]);
    expect(await send(to)).toEqual({
      status: 'retryable',
      failure: {
        kind: 'refused',
        message: `nothing listens on gateway:${port} (tried 127.0.0.1 and 127.0.0.2)`,
      },
    });
  });
});

describe.skipIf(hasOneAddress)('pick first', () => {
  it('stays with the first address that answers, and moves on when it dies', async () => {
    const port = await freePort();
    const [b, c] = [await replica(B, port), await replica(C, port)];
    const { to } = client(port, () => [A, B, C], { balancer: 'pick_first' });
    await sendMany(to, 5);
    expect([b.requests, c.requests]).toEqual([5, 0]);
    await b.stop(5000);
    await sendMany(to, 5);
    expect([b.requests, c.requests]).toEqual([5, 5]);
  });
});

describe('the name', () => {
  it.skipIf(hasOneAddress)(
    'is looked up again after a loss, at most every 30 s, and addresses that are gone are left',
    async () => {
      const port = await freePort();
      const [a, b] = [await replica(A, port), await replica(B, port)];
      const clock = createFakeClock();
      let addresses: readonly string[] = [A];
      const { to, lookups } = client(port, () => addresses, { clock });
      await sendMany(to, 2);
      addresses = [B];
      await a.stop();
      expect((await send(to)).status).toBe('retryable');
      expect(lookups).toHaveLength(1);
      await clock.advance(30_000);
      await waitFor('the new address', async () => (await send(to)).status === 'delivered');
      expect(b.requests).toBeGreaterThan(0);
      expect(lookups).toHaveLength(2);
    },
  );

  it('that cannot be looked up fails the call, and is looked up for the next', async () => {
    const port = await freePort();
    await replica(A, port);
    let fails = true;
    const { to, lookups } = client(port, () => {
      if (fails) throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
      return [A];
    });
    expect(await send(to)).toMatchObject({ status: 'retryable', failure: { kind: 'dns' } });
    fails = false;
    await sendMany(to, 1);
    expect(lookups).toHaveLength(2);
  });

  it('is not looked up when it is an address, or passed through', async () => {
    const port = await freePort();
    await replica(A, port);
    for (const endpoint of [
      `dns:///127.0.0.1:${port}`,
      `passthrough:///localhost:${port}`,
      `http://127.0.0.1:${port}`,
    ]) {
      const { to, lookups } = client(port, () => [C], { endpoint });
      await sendMany(to, 1);
      expect(lookups).toEqual([]);
    }
  });
});

describe('a call that the backend has not looked at', () => {
  async function backend(answer: (stream: ServerHttp2Stream, nth: number) => void): Promise<number> {
    const server = createHttp2Server();
    const sessions = new Set<ServerHttp2Session>();
    let streams = 0;
    server.on('session', (session) => sessions.add(session.on('error', () => {})));
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.on('error', () => {});
      stream.resume();
      answer(stream, ++streams);
    });
    await new Promise<void>((resolve) => server.listen(0, A, resolve));
    cleanUps.push(() => {
      for (const session of sessions) session.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  const accept = (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' });
    stream.end(Buffer.alloc(5));
  };

  it('goes again after REFUSED_STREAM', async () => {
    const port = await backend((stream, nth) => (nth === 1 ? stream.close(7) : accept(stream)));
    await sendMany(client(port, () => [A]).to, 1);
  });

  it('goes again after a GOAWAY that names an earlier stream', async () => {
    const first: ServerHttp2Stream[] = [];
    const port = await backend((stream, nth) => {
      if (nth > 2) {
        accept(stream);
        return;
      }
      if (first.push(stream) < 2) return;
      first[0]?.session?.goaway(0, first[0].id);
      accept(first[0] as ServerHttp2Stream);
    });
    const { to } = client(port, () => [A]);
    await Promise.all([sendMany(to, 1), sendMany(to, 1)]);
    expect(first[0]?.session).toBe(first[1]?.session);
  });

  it('does not go again for ever, nor after any other reset', async () => {
    let seen = 0;
    const refusing = await backend((stream) => {
      seen++;
      stream.close(7);
    });
    expect(await send(client(refusing, () => [A]).to)).toMatchObject({
      status: 'retryable',
      failure: { kind: 'reset' },
    });
    expect(seen).toBeLessThanOrEqual(4);
    let others = 0;
    const resetting = await backend((stream) => {
      others++;
      stream.close(2);
    });
    expect((await send(client(resetting, () => [A]).to)).status).toBe('retryable');
    expect(others).toBe(1);
  });
});
