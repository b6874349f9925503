import { describe, expect, it } from 'vitest';
import {
  assertAccounts,
  batchOf,
  createTestBackend,
  DELIVERED,
  namesOf,
  REJECTED,
  testDeps,
  UNAVAILABLE,
} from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import { componentId } from '../../otelcol/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import type { Batch } from '../batch.ts';
import { defaultQueue, type QueueSettings } from '../settings/queue.ts';
import { defaultRetry, type RetrySettings } from '../settings/retry.ts';
import { SendingExporter } from './sending.ts';

const CONSUMERS = 10;
/** Failed tries in a row that make an outage. */
const FAILURES = 20;
/** When tries begin again, from the start of an outage; the waits grow by half. */
const OPENINGS_MS = [5000, 12_500, 23_750];

const names = (count: number, prefix = 'old') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const throttled = (afterMs: number): ExportOutcome => ({
  status: 'throttled',
  afterMs,
  failure: { kind: 'throttled', message: 'slow down' },
});

function setUp({ queue, retry }: { queue?: Partial<QueueSettings>; retry?: Partial<RetrySettings> } = {}) {
  const clock = createFakeClock();
  const deps = testDeps(clock);
  const backend = createTestBackend({
    queue: { ...defaultQueue, capacity: 10_000, numConsumers: CONSUMERS, ...queue },
    retry: { ...defaultRetry, ...retry },
  });
  const sending = new SendingExporter(backend.exporter, { id: componentId('otlp_grpc'), signal: 'traces', deps });
  const account = new Account();
  return {
    clock,
    backend,
    sending,
    account,
    offer(...items: readonly string[]): void {
      for (const item of items) {
        account.received++;
        void sending.consume(batchOf([item]), account);
      }
    },
    async finish(): Promise<void> {
      assertAccounts([account], { drained: false });
      const drained = sending.drain(clock.monotonicMs());
      await clock.advance(0);
      await drained;
      assertAccounts([account], { drained: true });
      expect(sending.snapshot().queueBytes).toBe(0);
      expect(clock.pendingTimers).toBe(0);
    },
  };
}

/** 1000 requests come in each second of 12; the backend takes its time for each and fails a share of them. */
async function failingAtTimes(
  share: number,
  { consumers, answerMs }: { readonly consumers: number; readonly answerMs: number },
): Promise<{ perSecond: number; takenShare: number }> {
  const { clock, backend, offer, account, finish } = setUp({ queue: { numConsumers: consumers } });
  const random = seededRandom(7);
  backend.answer = () => {
    const answer = random() < share ? UNAVAILABLE : DELIVERED;
    return new Promise((resolve) => clock.after(answerMs, () => resolve(answer)));
  };
  for (let step = 0; step < 120; step++) {
    offer(...names(100, `at${step}-`));
    await clock.advance(100);
  }
  expect(account).toMatchObject({ dropped: {}, refused: 0 });
  const result = { perSecond: backend.tries.length / 12, takenShare: backend.taken.length / backend.tries.length };
  backend.answer = () => DELIVERED;
  await clock.advance(60_000);
  expect(account.delivered).toBe(12_000);
  await finish();
  return result;
}

/** Park and Miller's generator: the same numbers for everyone. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('a backend that is down', () => {
  it('is tried by as many as there are consumers in each backoff interval, however many wait', async () => {
    const { clock, backend, offer, sending, account, finish } = setUp();
    const triedMs: number[] = [];
    backend.answer = () => {
      triedMs.push(clock.monotonicMs());
      return Promise.resolve(UNAVAILABLE);
    };
    offer(...names(1000));
    await clock.advance(30_000);
    expect(triedMs.filter((ms) => ms === 0).length).toBeLessThan(FAILURES + CONSUMERS);
    expect([...new Set(triedMs)]).toEqual([0, ...OPENINGS_MS]);
    for (const opening of OPENINGS_MS) expect(triedMs.filter((ms) => ms === opening)).toHaveLength(CONSUMERS);
    expect(account.held).toBe(1000);
    expect(sending.snapshot()).toMatchObject({ state: 'failing', failedTries: triedMs.length });
    await finish();
  });

  it('is not tried more often because data comes in', async () => {
    const { clock, backend, offer, finish } = setUp();
    backend.answer = () => Promise.resolve(UNAVAILABLE);
    for (let second = 0; second < 30; second++) {
      offer(...names(100, `at${second}-`));
      await clock.advance(1000);
    }
    expect(backend.tries.length).toBeLessThanOrEqual(FAILURES + CONSUMERS + OPENINGS_MS.length * CONSUMERS);
    await finish();
  });

  it('is left alone for as long as it asks', async () => {
    const { clock, backend, offer, account, finish } = setUp();
    backend.answer = () => Promise.resolve(throttled(60_000));
    offer(...names(100));
    await clock.advance(0);
    const { length } = backend.tries;
    backend.answer = () => Promise.resolve(DELIVERED);
    await clock.advance(59_999);
    expect(backend.tries).toHaveLength(length);
    await clock.advance(1);
    expect(account.delivered).toBe(100);
    await finish();
  });

  it('costs no more than what was tried: the rest outlives max_elapsed_time untried', async () => {
    const { clock, backend, offer, account, finish } = setUp({ retry: { maxElapsedMs: 60_000 } });
    backend.answer = () => Promise.resolve(UNAVAILABLE);
    offer(...names(1000));
    await clock.advance(600_000);
    const lost = account.dropped.retries_exhausted!;
    expect(lost).toBeGreaterThan(0);
    backend.answer = () => Promise.resolve(DELIVERED);
    await clock.advance(50_000);
    expect(lost).toBeLessThanOrEqual(backend.tries.length / 2);
    expect(lost + account.delivered).toBe(1000);
    expect(account.delivered).toBeGreaterThan(700);
    await finish();
  });

  it('is not tried again with what had no turn before max_elapsed_time', async () => {
    const { clock, backend, offer, account, finish } = setUp({
      queue: { numConsumers: 1 },
      retry: { maxElapsedMs: 12_000 },
    });
    backend.answer = () => Promise.resolve(UNAVAILABLE);
    offer(...names(FAILURES));
    await clock.advance(12_500);
    expect(account).toMatchObject({ dropped: { retries_exhausted: FAILURES }, held: 0 });
    expect(backend.tries).toHaveLength(FAILURES + 1);
    await finish();
  });

  it('is tried by what can succeed even when many others never will', async () => {
    const { clock, backend, offer, finish } = setUp({ queue: { numConsumers: 1 }, retry: { maxElapsedMs: 0 } });
    backend.answer = (batch) => Promise.resolve(namesOf(batch)[0]!.startsWith('bad') ? UNAVAILABLE : DELIVERED);
    offer(...names(10, 'bad'));
    await clock.advance(6000);
    offer('good');
    await clock.advance(0);
    expect(backend.taken).toEqual([]);
    await clock.advance(OPENINGS_MS[1]!);
    expect(backend.taken).toContain('good');
    await finish();
  });

  it('is tried for as long as it takes when there is no max_elapsed_time', async () => {
    const { clock, backend, offer, account, finish } = setUp({ retry: { maxElapsedMs: 0 } });
    backend.answer = () => Promise.resolve(UNAVAILABLE);
    offer('one', ...names(100));
    await clock.advance(86_400_000);
    expect(account).toMatchObject({ held: 101, dropped: {} });
    backend.answer = () => Promise.resolve(DELIVERED);
    await clock.advance(31_000);
    expect(account.delivered).toBe(101);
    await finish();
  });

  it('does not keep a stop waiting', async () => {
    const { clock, backend, offer, sending, account, finish } = setUp();
    backend.answer = () => Promise.resolve(UNAVAILABLE);
    offer(...names(100));
    await clock.advance(30_000);
    const drained = sending.drain(clock.monotonicMs() + 60_000);
    await clock.advance(1000);
    await drained;
    expect(account).toMatchObject({ dropped: { shutdown: 100 }, held: 0 });
    await finish();
  });
});

describe('a backend that is back', () => {
  it('gets everything at full speed from the next opening', async () => {
    const { clock, backend, offer, sending, account, finish } = setUp();
    backend.answer = () => Promise.resolve(UNAVAILABLE);
    offer(...names(1000));
    await clock.advance(13_000);
    backend.answer = () => Promise.resolve(DELIVERED);
    await clock.advance(OPENINGS_MS[2]! - 13_000 - 1);
    expect(account.delivered).toBe(0);
    await clock.advance(1);
    expect(account.delivered).toBe(1000);
    expect(sending.snapshot()).toMatchObject({ state: 'ok', failedTries: 0 });
    await finish();
  });

  it('gets new data beside the backlog', async () => {
    const { clock, backend, offer, finish } = setUp();
    backend.answer = () => Promise.resolve(UNAVAILABLE);
    offer(...names(1000));
    await clock.advance(OPENINGS_MS[0]! - 1);
    backend.answer = () => new Promise((resolve) => clock.after(100, () => resolve(DELIVERED)));
    await clock.advance(101);
    offer(...names(20, 'new'));
    await clock.advance(1000);
    const taken = backend.taken.filter((name) => name.startsWith('new'));
    expect(taken).toHaveLength(20);
    expect(backend.taken.length - taken.length).toBeGreaterThan(20);
    backend.answer = () => DELIVERED;
    await clock.advance(100);
    await finish();
  });

  it('starts a new outage with the shortest wait', async () => {
    const { clock, backend, offer, account, finish } = setUp();
    for (let outage = 1; outage <= 3; outage++) {
      backend.answer = () => Promise.resolve(UNAVAILABLE);
      offer(...names(100));
      await clock.advance(4999);
      backend.answer = () => Promise.resolve(DELIVERED);
      await clock.advance(1);
      expect(account.delivered).toBe(outage * 100);
    }
    await finish();
  });
});

describe('a backend that asks to be left alone', () => {
  const asking = (afterMs: number) => (batch: Batch) =>
    Promise.resolve(namesOf(batch)[0] === 'told' ? throttled(afterMs) : DELIVERED);

  it('is left alone by everything, not only by what it told to come later', async () => {
    const { clock, backend, offer, sending, finish } = setUp({ queue: { numConsumers: 2 } });
    backend.answer = asking(60_000);
    offer('told');
    await clock.advance(0);
    offer(...names(100));
    backend.answer = () => Promise.resolve(DELIVERED);
    await clock.advance(59_999);
    expect(backend.tries).toHaveLength(1);
    expect(sending.snapshot()).toMatchObject({ state: 'failing' });
    await clock.advance(1);
    expect([...backend.taken].sort()).toEqual(['told', ...names(100)].sort());
    await finish();
  });

  it('is asked by other senders meanwhile where each waits for its own answer', async () => {
    const { clock, backend, offer, account, finish } = setUp({
      queue: { waitForResult: true },
      retry: { maxElapsedMs: 6000 },
    });
    backend.answer = () => Promise.resolve(throttled(30_000));
    // As many as would cut the tries under way to one.
    offer(...Array.from({ length: 50 }, () => 'told'));
    await clock.advance(0);
    expect(account.refused).toBe(50);
    backend.answer = () => new Promise(() => {});
    offer(...names(CONSUMERS, 'other'));
    await clock.advance(0);
    expect(backend.tries.slice(50)).toHaveLength(CONSUMERS);
    await finish();
  });

  it('is left alone by everything although it has taken all before', async () => {
    const { clock, backend, offer, finish } = setUp();
    for (let i = 0; i < 10; i++) {
      offer(...names(100, `before${i}-`));
      await clock.advance(0);
    }
    backend.answer = asking(60_000);
    offer('told');
    await clock.advance(0);
    offer(...names(10));
    await clock.advance(59_999);
    expect(backend.tries).toHaveLength(1001);
    backend.answer = () => Promise.resolve(DELIVERED);
    await clock.advance(1);
    expect(backend.taken).toHaveLength(1011);
    await finish();
  });

  it('is left alone for the longest of the delays that it asked for', async () => {
    const { clock, backend, offer, finish } = setUp({ queue: { numConsumers: 3 } });
    const delays = [2000, 20_000, 1000];
    backend.answer = () => Promise.resolve(throttled(delays[backend.tries.length - 1] ?? 0));
    offer(...names(3));
    await clock.advance(0);
    expect(backend.tries).toHaveLength(3);
    backend.answer = () => Promise.resolve(DELIVERED);
    offer(...names(10, 'new'));
    await clock.advance(19_999);
    expect(backend.tries).toHaveLength(3);
    await clock.advance(1);
    expect(backend.taken).toHaveLength(13);
    await finish();
  });

  it('cannot keep everything away for a day with one answer', async () => {
    const { clock, backend, offer, finish } = setUp();
    backend.answer = asking(86_400_000);
    offer('told');
    await clock.advance(0);
    offer(...names(10));
    await clock.advance(300_000);
    expect(backend.taken).toHaveLength(10);
    await clock.advance(86_100_000);
    expect(backend.taken).toHaveLength(10);
    await finish();
  });

  it('is asked again after five minutes, however much later it said', async () => {
    const { clock, backend, offer, finish } = setUp({ retry: { maxElapsedMs: 0 } });
    backend.answer = asking(86_400_000);
    offer('told');
    await clock.advance(0);
    backend.answer = () => Promise.resolve(DELIVERED);
    await clock.advance(299_999);
    expect(backend.taken).toEqual([]);
    await clock.advance(1);
    expect(backend.taken).toEqual(['told']);
    await finish();
  });

  it('is not left alone by others because of one that it never takes', async () => {
    const { clock, backend, offer, account, finish } = setUp({ retry: { maxElapsedMs: 0 } });
    backend.answer = asking(60_000);
    offer(...names(100), 'told');
    // It asks for a minute, twice, until it is clear that it is not the backend.
    for (let second = 0; second < 180; second++) {
      await clock.advance(1000);
      offer(`at${second}`);
    }
    await clock.advance(0);
    const waits: number[] = [];
    for (let second = 0; second < 300; second++) {
      offer(`later${second}`);
      await clock.advance(0);
      if (account.held > 1) waits.push(second);
      await clock.advance(1000);
    }
    expect(waits).toEqual([]);
    await finish();
  });

  it.each([
    ['without saying for how long', { ...UNAVAILABLE, failure: { kind: 'throttled', message: 'slow down' } } as const],
    ['for less than the first interval', throttled(10)],
  ])(
    '%s: is asked again by the same request after `initial_interval`, also while it takes others',
    async (_, answer) => {
      const { clock, backend, offer, finish } = setUp();
      const toldMs: number[] = [];
      backend.answer = (batch) => {
        if (namesOf(batch)[0] !== 'told')
          return Promise.resolve(backend.tries.length % 2 === 0 ? UNAVAILABLE : DELIVERED);
        toldMs.push(clock.monotonicMs());
        return Promise.resolve(toldMs.length === 1 ? answer : DELIVERED);
      };
      offer(...names(100), 'told');
      for (let step = 0; step < 100; step++) await clock.advance(100);
      expect(toldMs).toHaveLength(2);
      expect(toldMs[1]! - toldMs[0]!).toBeGreaterThanOrEqual(defaultRetry.initialIntervalMs * 0.5);
      await finish();
    },
  );

  it('does not keep a stop waiting', async () => {
    const { clock, backend, offer, account, finish } = setUp();
    backend.answer = asking(60_000);
    offer('told');
    await clock.advance(0);
    offer(...names(10));
    backend.answer = () => Promise.resolve(DELIVERED);
    await finish();
    expect(account.delivered).toBe(11);
  });
});

describe('a backend that fails at times', () => {
  const mostly = (good: ExportOutcome) => {
    let tries = 0;
    return () => Promise.resolve(++tries % FAILURES === 0 ? good : UNAVAILABLE);
  };

  it('is never left alone: each consignment waits for its own next try only', async () => {
    const { clock, backend, offer, finish } = setUp({ queue: { numConsumers: 1 } });
    backend.answer = mostly(DELIVERED);
    offer(...names(1000));
    for (let turn = 0; backend.tries.length < 1000 && turn < 100; turn++) await clock.advance(0);
    expect(clock.monotonicMs()).toBe(0);
    expect(backend.taken).toHaveLength(50);
    await finish();
  });

  it.each([
    { consumers: 50, answerMs: 10 },
    { consumers: 10, answerMs: 2 },
  ])(
    'is tried at full speed when it fails seven of ten: neither the breaker nor waits hold anything back ($consumers consumers)',
    async (load) => {
      const tries = await failingAtTimes(0.7, load);
      expect(tries.perSecond).toBeGreaterThan(0.95 * 3 * 1000);
      expect(tries.takenShare).toBeGreaterThan(0.28);
    },
  );

  it('is not asked again and again by what it alone does not take', async () => {
    const { clock, backend, offer, finish } = setUp({ retry: { maxElapsedMs: 0 } });
    backend.answer = (batch) => Promise.resolve(namesOf(batch)[0] === 'bad' ? UNAVAILABLE : DELIVERED);
    offer(...names(100), 'bad');
    for (let second = 0; second < 30; second++) {
      await clock.advance(1000);
      offer(...names(100, `at${second}-`));
    }
    await clock.advance(0);
    const asked = backend.tries.filter((batch) => namesOf(batch)[0] === 'bad').length;
    expect(asked).toBeGreaterThan(2);
    expect(asked).toBeLessThanOrEqual(6);
    expect(backend.taken).toHaveLength(3100);
    await finish();
  });

  it('is not down as long as it rejects', async () => {
    const { clock, backend, offer, account, finish } = setUp({ queue: { numConsumers: 1 } });
    backend.answer = mostly(REJECTED);
    offer(...names(1000));
    await clock.advance(0);
    expect(backend.tries).toHaveLength(1000);
    expect(account.dropped).toEqual({ rejected_by_backend: 50 });
    await finish();
  });

  it('is back when it rejects', async () => {
    const { clock, backend, offer, account, finish } = setUp({ queue: { numConsumers: 1 } });
    backend.answer = () => Promise.resolve(UNAVAILABLE);
    offer(...names(FAILURES), 'bad', ...names(10));
    await clock.advance(4999);
    backend.answer = (batch) => Promise.resolve(namesOf(batch)[0] === 'bad' ? REJECTED : DELIVERED);
    await clock.advance(1);
    expect(account).toMatchObject({ delivered: FAILURES + 10, dropped: { rejected_by_backend: 1 } });
    await finish();
  });
});
