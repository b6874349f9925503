import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertAccounts,
  batchOf,
  createTestBackend,
  DELIVERED,
  namesOf,
  REJECTED,
  testDeps,
} from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import { componentId } from '../../otelcol/index.ts';
import { type ExportOutcome, GRPC_CODE } from '../../otlp/index.ts';
import type { Batch } from '../batch.ts';
import { type BatchSettings, defaultQueue } from '../settings/queue.ts';
import { defaultRetry } from '../settings/retry.ts';
import type { DeadLetterReason } from './dead-letters.ts';
import { SendingExporter } from './sending.ts';

/** A backend that rejects every request with an item whose name begins with `poison`. */
function setUp({ batch, numConsumers = 10 }: { batch?: BatchSettings; numConsumers?: number } = {}) {
  const clock = createFakeClock();
  const backend = createTestBackend({
    queue: { ...defaultQueue, numConsumers, capacity: 10_000, ...(batch !== undefined && { batch }) },
    retry: { ...defaultRetry, maxElapsedMs: 0 },
  });
  backend.answer = (sent) => Promise.resolve(isPoisoned(sent) ? REJECTED : DELIVERED);
  const sending = new SendingExporter(backend.exporter, {
    id: componentId('otlp'),
    signal: 'traces',
    deps: testDeps(clock),
  });
  const letters: { readonly names: readonly string[]; readonly reason: DeadLetterReason }[] = [];
  sending.keepRejectedIn({
    add: async (rejected, reason) => {
      letters.push({ names: namesOf(rejected), reason });
    },
  });
  const accounts: Account[] = [];
  return {
    clock,
    backend,
    letters,
    offer(names: readonly string[]): Account {
      const account = new Account();
      accounts.push(account);
      account.received += names.length;
      void sending.consume(batchOf(names), account);
      return account;
    },
    async finish(): Promise<void> {
      const drained = sending.drain(clock.monotonicMs());
      await clock.advance(0);
      await drained;
      assertAccounts(accounts, { drained: true });
    },
  };
}

const isPoisoned = ({ bytes }: Batch): boolean => Buffer.from(bytes).includes('poison');
const good = (count: number, prefix = 's'): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
/** With poison at some places. */
const mixed = (count: number, at: readonly number[]): string[] =>
  good(count).map((name, i) => (at.includes(i) ? `poison${i}` : name));

describe('what a backend rejects', () => {
  it('costs 26 requests more when it is one item of 8192, wherever it stands', async () => {
    for (const at of [0, 1, 4095, 4096, 8191]) {
      const { clock, backend, letters, offer, finish } = setUp();
      const account = offer(mixed(8192, [at]));
      await clock.advance(0);
      expect(account).toMatchObject({ delivered: 8191, dropped: { rejected_by_backend: 1 }, held: 0 });
      expect(backend.tries).toHaveLength(27);
      expect(letters.map(({ names }) => names)).toEqual([[`poison${at}`]]);
      await finish();
    }
  });

  it('is found when it is 50 items of 8192, at any places, and nothing else is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.noBias(fc.nat(8191)), { minLength: 50, maxLength: 50 }),
        fc.integer({ min: 1, max: 10 }),
        async (places, numConsumers) => {
          const { clock, backend, letters, offer, finish } = setUp({ numConsumers });
          const account = offer(mixed(8192, places));
          await clock.advance(0);
          expect(account).toMatchObject({ delivered: 8142, dropped: { rejected_by_backend: 50 } });
          expect(letters.every(({ names }) => names.length === 1)).toBe(true);
          expect(backend.tries.length).toBeLessThanOrEqual(1025);
          await finish();
        },
      ),
      { numRuns: 3 },
    );
  });

  it('is divided no further at a bound, and what is left is kept whole', async () => {
    const { clock, backend, letters, offer, finish } = setUp();
    const account = offer(
      mixed(
        8192,
        Array.from({ length: 1000 }, (_, i) => i * 8),
      ),
    );
    await clock.advance(0);
    expect(backend.tries.length).toBeLessThanOrEqual(1025);
    const kept = letters.flatMap(({ names }) => names);
    expect(kept.filter((name) => name.startsWith('poison'))).toHaveLength(1000);
    expect(account.delivered + kept.length).toBe(8192);
    await finish();
  });

  it('costs no other sender anything whose request went with it', async () => {
    const batch: BatchSettings = { flushTimeoutMs: 200, minSize: 400, maxSize: 0, sizer: 'items' };
    const { clock, letters, offer, finish } = setUp({ batch });
    const first = offer(good(100, 'a'));
    const poisoned = offer(mixed(100, [17, 99]));
    const last = offer(good(100, 'c'));
    await clock.advance(1000);
    expect(first).toMatchObject({ delivered: 100, dropped: {} });
    expect(poisoned).toMatchObject({ delivered: 98, dropped: { rejected_by_backend: 2 } });
    expect(last).toMatchObject({ delivered: 100, dropped: {} });
    expect(letters.map(({ names }) => names).sort()).toEqual([['poison17'], ['poison99']]);
    await finish();
  });

  it('is found in several requests at once', async () => {
    const { clock, offer, finish } = setUp();
    const accounts = Array.from({ length: 10 }, (_, i) => offer(mixed(200, [i * 20])));
    await clock.advance(0);
    for (const account of accounts)
      expect(account).toMatchObject({ delivered: 199, dropped: { rejected_by_backend: 1 } });
    await finish();
  });

  it('is found while another request holds nothing else', async () => {
    const { clock, letters, offer, finish } = setUp();
    const all = offer(Array.from({ length: 1000 }, (_, i) => `poison${i}`));
    const one = offer(mixed(1000, [500]));
    await clock.advance(0);
    expect(one).toMatchObject({ delivered: 999, dropped: { rejected_by_backend: 1 } });
    expect(all).toMatchObject({ delivered: 0, dropped: { rejected_by_backend: 1000 } });
    expect(letters.flatMap(({ names }) => names)).toHaveLength(1001);
    await finish();
  });

  it('is searched for again after a backend rejected everything', async () => {
    const { clock, backend, offer, finish } = setUp();
    offer(Array.from({ length: 1000 }, (_, i) => `poison${i}`));
    await clock.advance(0);
    expect(backend.tries.length).toBeLessThanOrEqual(129);
    const account = offer(mixed(1000, [1, 998]));
    await clock.advance(0);
    expect(account).toMatchObject({ delivered: 998, dropped: { rejected_by_backend: 2 } });
    await finish();
  });

  it('is searched for in each request, whatever others hold', async () => {
    const { clock, backend, letters, offer, finish } = setUp({ numConsumers: 1 });
    for (let i = 0; i < 5; i++) offer(Array.from({ length: 1000 }, (_, j) => `poison${i}-${j}`));
    await clock.advance(0);
    expect(backend.tries.length).toBeLessThanOrEqual(5 * 129);
    const before = backend.tries.length;
    offer(Array.from({ length: 1000 }, (_, j) => `poison${j}`));
    await clock.advance(0);
    expect(backend.tries.length - before).toBe(11);
    const account = offer(mixed(1000, [1, 500, 998]));
    await clock.advance(0);
    expect(account).toMatchObject({ delivered: 997, dropped: { rejected_by_backend: 3 } });
    expect(letters.flatMap(({ names }) => names)).toHaveLength(6003);
    await finish();
  });

  it('is not searched for where the answer is not about the data', async () => {
    const others = [GRPC_CODE.unknown, GRPC_CODE.internal, GRPC_CODE.notFound, GRPC_CODE.resourceExhausted, undefined];
    for (const code of others) {
      const { clock, backend, letters, offer, finish } = setUp();
      const { failure } = REJECTED as Exclude<ExportOutcome, { status: 'delivered' }>;
      backend.answer = () => ({ status: 'permanent', failure, ...(code !== undefined && { code }) });
      const account = offer(good(100));
      await clock.advance(0);
      expect(backend.tries).toHaveLength(1);
      expect(account).toMatchObject({ delivered: 0, dropped: { rejected_by_backend: 100 } });
      expect(letters).toHaveLength(1);
      await finish();
    }
  });

  it('is kept with the words of the backend and the time', async () => {
    const { clock, letters, offer, finish } = setUp();
    offer(['poison']);
    await clock.advance(0);
    const reason = { cause: 'rejected_by_backend', message: 'not this', rejectedMs: clock.nowMs() };
    expect(letters).toEqual([{ names: ['poison'], reason }]);
    await finish();
  });

  it('is no dead letter where a partial success leaves it out, nor what was given up for other reasons', async () => {
    const { clock, backend, letters, offer, finish } = setUp();
    backend.answer = () => ({ status: 'delivered', rejectedCount: 1 });
    const partly = offer(['a', 'b']);
    await clock.advance(0);
    expect(partly).toMatchObject({ delivered: 1, dropped: { rejected_by_backend: 1 } });
    backend.answer = () => new Promise(() => {});
    offer(['c']);
    await finish();
    expect(letters).toEqual([]);
  });
});
