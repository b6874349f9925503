import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertAccounts,
  batchOf,
  createTestBackend,
  DELIVERED,
  type TestBackend,
  testDeps,
  UNAVAILABLE,
} from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import { componentId } from '../../otelcol/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import { defaultQueue, type QueueSettings } from '../settings/queue.ts';
import { defaultRetry } from '../settings/retry.ts';
import { SendingExporter } from './sending.ts';

const MEMORY: QueueStorage = { createDirectory: true, shared: false, onFull: 'block', fsync: true };

function setUp(storage: Partial<QueueStorage>, queue: Partial<QueueSettings> = {}) {
  const clock = createFakeClock();
  const deps = testDeps(clock);
  const backend: TestBackend = createTestBackend({
    queue: { ...defaultQueue, sizer: 'items', capacity: 10, numConsumers: 1, ...queue },
    retry: { ...defaultRetry, maxElapsedMs: 0 },
  });
  const options = { id: componentId('test'), signal: 'traces' as const, deps, storage: { ...MEMORY, ...storage } };
  const sending = new SendingExporter(backend.exporter, options);
  const account = new Account();
  const send = (...names: string[]) => {
    account.received += names.length;
    return sending.consume(batchOf(names), account);
  };
  const finish = async () => {
    const drained = sending.drain(clock.monotonicMs());
    await clock.advance(0);
    await drained;
    assertAccounts([account], { drained: true });
    expect(sending.snapshot().queueBytes).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  };
  return { clock, backend, sending, account, send, finish };
}

const names = (count: number, prefix = 'n') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe('a queue in memory that is full', () => {
  it('drops what has waited longest, and not what is being sent (drop_oldest)', async () => {
    const { backend, send, account, clock, finish } = setUp({ onFull: 'drop_oldest' });
    let answer: (outcome: ExportOutcome) => void = () => {};
    backend.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    for (const name of names(15)) expect(send(name)).toEqual({ status: 'accepted' });
    expect(account).toMatchObject({ refused: 0, held: 10, dropped: { queue_full: 5 } });
    backend.answer = () => DELIVERED;
    answer(DELIVERED);
    await clock.advance(0);
    expect(backend.taken).toEqual(['n0', ...names(15).slice(6)]);
    await finish();
  });

  it('drops what waits for another try, too', async () => {
    const { backend, send, account, clock, finish } = setUp({ onFull: 'drop_oldest' }, { numConsumers: 10 });
    backend.answer = () => UNAVAILABLE;
    for (const name of names(30)) {
      send(name);
      await clock.advance(1);
    }
    expect(account).toMatchObject({ refused: 0, held: 10, dropped: { queue_full: 20 } });
    backend.answer = () => DELIVERED;
    await clock.advance(60_000);
    expect([...backend.taken].sort()).toEqual(names(30).slice(20));
    await finish();
  });

  it('drops what comes, and tells nobody (drop_newest)', async () => {
    const { backend, send, account, finish } = setUp({ onFull: 'drop_newest' });
    backend.answer = () => new Promise(() => {});
    for (const name of names(15)) expect(send(name)).toEqual({ status: 'accepted' });
    expect(account).toMatchObject({ refused: 0, held: 10, dropped: { queue_full: 5 } });
    await finish();
  });
});

it('a queue in memory gives up what became too old', async () => {
  const { backend, send, account, clock, finish } = setUp({ maxAgeMs: 60_000 });
  backend.answer = () => UNAVAILABLE;
  send('old');
  await clock.advance(50_000);
  send('young');
  await clock.advance(14_000);
  expect(account).toMatchObject({ held: 1, dropped: { expired: 1 } });
  backend.answer = () => DELIVERED;
  await clock.advance(40_000);
  expect(backend.taken).toEqual(['young']);
  await finish();
});

it('accounts for every item at every moment, whatever the policy, the age limit and the backend are', async () => {
  const settings = fc.record({
    onFull: fc.constantFrom('drop_oldest' as const, 'drop_newest' as const, 'block' as const),
    maxAgeMs: fc.constantFrom(2000, 5000, 30_000),
    numConsumers: fc.integer({ min: 1, max: 4 }),
    merges: fc.boolean(),
  });
  const step = fc.oneof(
    { arbitrary: fc.record({ kind: fc.constant('offer' as const), count: fc.integer({ min: 1, max: 8 }) }), weight: 4 },
    fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(3000) }),
    fc.record({ kind: fc.constant('backend' as const), outcome: fc.constantFrom(DELIVERED, UNAVAILABLE, undefined) }),
    fc.record({ kind: fc.constant('answer' as const), outcome: fc.constantFrom(DELIVERED, UNAVAILABLE) }),
  );
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.array(step, { maxLength: 50 }),
      async ({ merges, numConsumers, ...storage }, steps) => {
        const batch = { minSize: 6, maxSize: 12, flushTimeoutMs: 200, sizer: 'items' as const };
        const { backend, send, account, clock, finish } = setUp(storage, {
          numConsumers,
          capacity: 20,
          ...(merges && { batch }),
        });
        const open: ((outcome: ExportOutcome) => void)[] = [];
        backend.answer = () => new Promise((resolve) => open.push(resolve));
        let next = 0;
        for (const one of steps) {
          if (one.kind === 'offer') send(...Array.from({ length: one.count }, () => `n${next++}`));
          else if (one.kind === 'advance') await clock.advance(one.ms);
          else if (one.kind === 'answer') open.shift()?.(one.outcome);
          else {
            const { outcome } = one;
            backend.answer = () => outcome ?? new Promise((resolve) => open.push(resolve));
          }
          await clock.advance(0);
          assertAccounts([account], { drained: false });
          expect(account.held).toBeLessThanOrEqual(20);
          if (storage.onFull !== 'block') expect(account.refused).toBe(0);
        }
        expect(new Set(backend.taken).size).toBe(backend.taken.length);
        await finish();
      },
    ),
    { numRuns: 200 },
  );
});
