import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchOf, namesOf } from '../../../test/testkit/engine.ts';
import { systemClock } from '../../lib/index.ts';
import { createOtlpGrpcClient } from '../client/grpc-client.ts';
import { createOtlpHttpClient } from '../client/http-client.ts';
import type { OtlpRequest } from '../request.ts';
import { defaultGrpcAccept, defaultHttpAccept } from './limits.ts';
import { MessageArena } from './message-arena.ts';
import { createOtlpServer } from './otlp-server.ts';

const signal = new AbortController().signal;

describe('a server whose handler borrows', () => {
  const taken: string[] = [];
  const kept: OtlpRequest[] = [];
  const memory = new Set<ArrayBufferLike>();
  let borrows = true;
  let turn = 0;
  const server = createOtlpServer(
    {
      accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept },
      clock: systemClock,
      borrows: () => borrows,
    },
    (request) => {
      if (borrows) {
        taken.push(...namesOf(request));
        memory.add(request.bytes.buffer);
        // Whoever looks at it later will see that it should not have.
        request.bytes.fill(0xff);
      } else kept.push(request);
      turn += 1;
      return turn % 3 === 0 ? Promise.resolve({ status: 'ok' }) : { status: 'ok' };
    },
  );
  let port = 0;
  beforeAll(async () => {
    ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
  });
  afterAll(() => server.shutdown({ graceMs: 0 }));

  const clients = () => {
    const shared = { headers: {}, clock: systemClock };
    return (['none', 'gzip', 'zstd'] as const).flatMap((compression) => [
      createOtlpGrpcClient({ ...shared, endpoint: `http://127.0.0.1:${port}`, compression }),
      createOtlpHttpClient({ ...shared, endpoint: `http://127.0.0.1:${port}`, encoding: 'proto', compression }),
      createOtlpHttpClient({ ...shared, endpoint: `http://127.0.0.1:${port}`, encoding: 'json', compression }),
    ]);
  };
  /** Requests of 1 to 3000 items, all at once; their names. */
  const send = async (prefix: string): Promise<string[]> => {
    const senders = clients();
    const requests = [1, 3, 500, 20, 3000, 700, 1, 2000, 40].map((count, i) =>
      Array.from({ length: count }, (_, at) => `${prefix}-${i}-${at}-${'x'.repeat(at % 7)}`),
    );
    await Promise.all(
      senders.map(async (client, c) => {
        await Promise.all(
          requests.map(async (names) => {
            const { bytes } = batchOf(names.map((name) => `${name}-${c}`));
            expect(await client.export('traces', bytes, { signal })).toMatchObject({ status: 'delivered' });
          }),
        );
        await client.close();
      }),
    );
    return senders.flatMap((_, c) => requests.flatMap((names) => names.map((name) => `${name}-${c}`))).sort();
  };

  it('gets every request whole, over both protocols, compressed or not, in memory that is used again', async () => {
    borrows = true;
    expect((await send('a')).join()).toBe(taken.sort().join());
  });

  it('keeps what it gets from the moment on when it does not borrow any more', async () => {
    borrows = false;
    const names = await send('b');
    expect(kept.flatMap(namesOf).sort().join()).toBe(names.join());
    borrows = true;
    taken.length = 0;
    await send('c');
    expect(kept.flatMap(namesOf).sort().join()).toBe(names.join());
  });
});

describe('memory for messages', () => {
  it('is used again when it was given back, for messages that differ a little in length', () => {
    const arena = new MessageArena();
    const first = arena.allocate(45_000);
    arena.giveBack(first);
    const second = arena.allocate(44_000);
    expect(second.buffer).toBe(first.buffer);
    expect(second).toHaveLength(44_000);
    expect(arena.allocate(44_000).buffer).not.toBe(first.buffer);
  });

  it('is never shared by two messages that are there at the same time', () => {
    const arena = new MessageArena();
    const held: { readonly bytes: Uint8Array; readonly mark: number }[] = [];
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    for (let step = 0; step < 3000; step++) {
      if (held.length > 0 && random(2) === 0) {
        const [{ bytes, mark }] = held.splice(random(held.length), 1) as [(typeof held)[number]];
        expect(bytes.every((byte) => byte === mark)).toBe(true);
        arena.giveBack(bytes);
      } else {
        const bytes = arena.allocate(1 + random(random(3) === 0 ? 60_000 : 3000));
        bytes.fill(step % 256);
        held.push({ bytes, mark: step % 256 });
      }
    }
    for (const { bytes, mark } of held) expect(bytes.every((byte) => byte === mark)).toBe(true);
  });

  it('that was given back is bounded', () => {
    const arena = new MessageArena();
    const large = Array.from({ length: 40 }, () => arena.allocate(1_000_000));
    for (const bytes of large) arena.giveBack(bytes);
    const again = Array.from({ length: 40 }, () => arena.allocate(1_000_000));
    const buffers = new Set(large.map(({ buffer }) => buffer));
    expect(again.filter(({ buffer }) => buffers.has(buffer)).length).toBe(8);
  });

  it('that is kept is no larger than its message', () => {
    const arena = new MessageArena();
    arena.giveBack(arena.allocate(60_000));
    expect(arena.keep(arena.allocate(20_000)).buffer.byteLength).toBe(20_000);
    const exact = arena.allocate(50_000);
    expect(arena.keep(exact)).toBe(exact);
  });
});
