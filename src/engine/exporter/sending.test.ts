import { describe, expect, it } from 'vitest';
import {
  assertAccounts,
  batchOf,
  createTestBackend,
  DELIVERED,
  namesOf,
  REJECTED,
  type TestBackend,
  TOO_LARGE,
  testDeps,
  UNAVAILABLE,
} from '../../../test/testkit/engine.ts';
import { createFakeClock, type FakeClock, settle } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import { componentId } from '../../otelcol/index.ts';
import { type ExportOutcome, GRPC_CODE } from '../../otlp/index.ts';
import type { Batch, Verdict } from '../batch.ts';
import type { Exporter } from '../component.ts';
import { defaultQueue, type QueueSettings } from '../settings/queue.ts';
import { defaultRetry, type RetrySettings } from '../settings/retry.ts';
import { SendingExporter } from './sending.ts';

interface Setup {
  readonly clock: FakeClock;
  readonly backend: TestBackend;
  readonly sending: SendingExporter;
  readonly account: Account;
  readonly deps: ReturnType<typeof testDeps>;
  offer(batch: Batch): Verdict | Promise<Verdict>;
}

const queue = (settings: Partial<QueueSettings> = {}): QueueSettings => ({ ...defaultQueue, ...settings });
const retry = (settings: Partial<RetrySettings> = {}): RetrySettings => ({ ...defaultRetry, ...settings });

function setUp(settings: Pick<Exporter, 'queue' | 'retry' | 'ordered'>): Setup {
  const clock = createFakeClock();
  const deps = testDeps(clock);
  const backend = createTestBackend(settings);
  const sending = new SendingExporter(backend.exporter, { id: componentId('otlp_grpc', 'x'), signal: 'traces', deps });
  const account = new Account();
  return {
    clock,
    backend,
    sending,
    account,
    deps,
    offer(batch) {
      account.received += batch.itemCount;
      return sending.consume(batch, account);
    },
  };
}

/** A batch in a slab that others share, as requests arrive. */
function inSlab(name: string, start: number): Batch {
  const batch = batchOf([name]);
  SLAB.set(batch.bytes, start);
  return { ...batch, bytes: SLAB.subarray(start, start + batch.bytes.length) };
}
const SLAB = Buffer.alloc(128 * 1024);

/** Every test ends here: whatever it did, all items are accounted for. */
async function finish({ clock, sending, account }: Setup, graceMs = 0): Promise<void> {
  assertAccounts([account], { drained: false });
  const drained = sending.drain(clock.monotonicMs() + graceMs);
  await clock.advance(graceMs);
  await drained;
  assertAccounts([account], { drained: true });
  expect(sending.snapshot().queueBytes).toBe(0);
  expect(clock.pendingTimers).toBe(0);
}

describe('delivery', () => {
  it('answers before the backend does when there is a queue', async () => {
    const setup = setUp({ queue: queue() });
    setup.backend.answer = () => new Promise(() => {});
    expect(setup.offer(batchOf(['a', 'b']))).toEqual({ status: 'accepted' });
    expect(setup.account.held).toBe(2);
    await finish(setup);
    expect(setup.account.dropped).toEqual({ shutdown: 2 });
  });

  it('counts items as delivered once the backend took them', async () => {
    const setup = setUp({ queue: queue() });
    setup.offer(batchOf(['a', 'b']));
    expect(setup.account).toMatchObject({ delivered: 2, held: 0 });
    expect(setup.deps.metrics.renderPrometheus()).toContain('otelcol_exporter_sent_spans{exporter="otlp_grpc/x"} 2');
    await finish(setup);
  });

  it('counts what a partial success rejects as dropped, and the rest as delivered', async () => {
    const setup = setUp({ queue: queue(), retry: retry() });
    setup.backend.answer = () => ({ status: 'delivered', rejectedCount: 2, message: 'too old' });
    setup.offer(batchOf(['a', 'b', 'c']));
    expect(setup.account).toMatchObject({ delivered: 1, dropped: { rejected_by_backend: 2 } });
    expect(setup.backend.tries).toHaveLength(1);
    const rejection = { kind: 'rejected', message: 'the backend rejected 2 of 3 spans: too old' };
    expect(setup.sending.snapshot()).toMatchObject({ state: 'ok', rejection });
    await finish(setup);
  });

  it('never drops more than there was, whatever count a backend claims to have rejected', async () => {
    const setup = setUp({ queue: queue() });
    setup.backend.answer = () => ({ status: 'delivered', rejectedCount: 1000 });
    setup.offer(batchOf(['a', 'b', 'c']));
    expect(setup.account).toMatchObject({ delivered: 0, dropped: { rejected_by_backend: 3 } });
    await finish(setup);
  });
});

describe('retry', () => {
  it('drops a permanent failure without trying again', async () => {
    const setup = setUp({ queue: queue(), retry: retry() });
    setup.backend.answer = () => REJECTED;
    setup.offer(batchOf(['a']));
    await setup.clock.advance(600_000);
    expect(setup.backend.tries).toHaveLength(1);
    expect(setup.account.dropped).toEqual({ rejected_by_backend: 1 });
    setup.backend.answer = () => DELIVERED;
    setup.offer(batchOf(['b']));
    expect(setup.sending.snapshot()).toMatchObject({
      state: 'ok',
      rejection: { kind: 'rejected', message: 'not this' },
    });
    await finish(setup);
  });

  it('waits longer between tries until the backend takes the batch', async () => {
    const setup = setUp({
      queue: queue(),
      retry: retry({ initialIntervalMs: 100, multiplier: 2, maxIntervalMs: 300 }),
    });
    const triedMs: number[] = [];
    setup.backend.answer = () => {
      triedMs.push(setup.clock.monotonicMs());
      return triedMs.length < 5 ? UNAVAILABLE : DELIVERED;
    };
    setup.offer(batchOf(['a']));
    await setup.clock.advance(5000);
    expect(triedMs).toEqual([0, 100, 300, 600, 900]);
    expect(setup.account.delivered).toBe(1);
    await finish(setup);
  });

  it('obeys a throttling backend that asks for more time than the backoff', async () => {
    const setup = setUp({ queue: queue(), retry: retry({ initialIntervalMs: 100 }) });
    setup.backend.answer = () => ({
      status: 'throttled',
      afterMs: 7000,
      failure: { kind: 'throttled', message: 'slow down' },
    });
    setup.offer(batchOf(['a']));
    await setup.clock.advance(6999);
    expect(setup.backend.tries).toHaveLength(1);
    setup.backend.answer = () => DELIVERED;
    await setup.clock.advance(1);
    expect(setup.account.delivered).toBe(1);
    await finish(setup);
  });

  it('gives up when the next try would come after max_elapsed_time', async () => {
    const setup = setUp({
      queue: queue(),
      retry: retry({ initialIntervalMs: 100, multiplier: 1, maxElapsedMs: 1000 }),
    });
    setup.backend.answer = () => UNAVAILABLE;
    setup.offer(batchOf(['a']));
    await setup.clock.advance(60_000);
    expect(setup.backend.tries).toHaveLength(11);
    expect(setup.account.dropped).toEqual({ retries_exhausted: 1 });
    await finish(setup);
  });

  it('never gives up when max_elapsed_time is 0', async () => {
    const setup = setUp({ queue: queue(), retry: retry({ initialIntervalMs: 1000, multiplier: 1, maxElapsedMs: 0 }) });
    setup.backend.answer = () => UNAVAILABLE;
    setup.offer(batchOf(['a']));
    await setup.clock.advance(600_000);
    expect(setup.account.held).toBe(1);
    setup.backend.answer = () => DELIVERED;
    await setup.clock.advance(1000);
    expect(setup.account.delivered).toBe(1);
    await finish(setup);
  });

  it('tries once when retrying is switched off', async () => {
    const setup = setUp({ queue: queue() });
    setup.backend.answer = () => UNAVAILABLE;
    setup.offer(batchOf(['a']));
    await setup.clock.advance(60_000);
    expect(setup.backend.tries).toHaveLength(1);
    expect(setup.account.dropped).toEqual({ retries_exhausted: 1 });
    await finish(setup);
  });

  it('treats a try that throws as retryable', async () => {
    const setup = setUp({ queue: queue(), retry: retry({ initialIntervalMs: 100 }) });
    setup.backend.answer = () => {
      throw new Error('boom');
    };
    setup.offer(batchOf(['a']));
    setup.backend.answer = () => Promise.reject(new Error('boom'));
    await setup.clock.advance(100);
    setup.backend.answer = () => DELIVERED;
    await setup.clock.advance(200);
    expect(setup.account.delivered).toBe(1);
    await finish(setup);
  });

  it('keeps no consumer busy while a batch waits for its next try', async () => {
    const setup = setUp({
      queue: queue({ numConsumers: 1 }),
      retry: retry({ initialIntervalMs: 60_000, maxElapsedMs: 0 }),
    });
    setup.backend.answer = (batch) => (namesOf(batch)[0] === 'old' ? UNAVAILABLE : DELIVERED);
    setup.offer(batchOf(['old']));
    setup.offer(batchOf(['new']));
    expect(setup.backend.taken).toEqual(['new']);
    await finish(setup);
  });
});

describe('the queue', () => {
  it('refuses, and counts it, what there is no room for, while the sender can hear of it', async () => {
    const setup = setUp({ queue: queue({ sizer: 'items', capacity: 3 }) });
    setup.backend.answer = () => new Promise(() => {});
    setup.offer(batchOf(['a', 'b']));
    expect(setup.offer(batchOf(['c', 'd']))).toMatchObject({ status: 'refused', retryable: true, afterMs: 1000 });
    expect(setup.account).toMatchObject({ refused: 2, held: 2, dropped: {} });
    expect(setup.deps.metrics.renderPrometheus()).toContain(
      'otelcol_exporter_enqueue_failed_spans{exporter="otlp_grpc/x"} 2',
    );
    await finish(setup);
  });

  it('drops what there is no room for when the sender has its answer already', async () => {
    const setup = setUp({ queue: queue({ sizer: 'items', capacity: 1 }) });
    setup.backend.answer = () => new Promise(() => {});
    setup.offer(batchOf(['a'], { acknowledged: true }));
    setup.offer(batchOf(['b'], { acknowledged: true }));
    expect(setup.account).toMatchObject({ refused: 0, held: 1, dropped: { queue_full: 1 } });
    expect(setup.deps.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'items dropped' }));
    await finish(setup);
  });

  it('refuses for good what is larger than the whole queue', async () => {
    const setup = setUp({ queue: queue({ sizer: 'bytes', capacity: 10 }) });
    expect(setup.offer(batchOf(['a'.repeat(100)]))).toMatchObject({ status: 'refused', retryable: false });
    await finish(setup);
  });

  it('counts a request of few bytes as what it takes in memory', async () => {
    const setup = setUp({ queue: queue({ sizer: 'bytes', capacity: 5120 }) });
    setup.backend.answer = () => new Promise(() => {});
    for (let i = 0; i < 20; i++) setup.offer(batchOf([`${i}`]));
    expect(setup.account).toMatchObject({ held: 10, refused: 10 });
    expect(setup.sending.snapshot()).toMatchObject({ queueBytes: 5120, queueCapacityBytes: 5120 });
    expect(setup.deps.metrics.renderPrometheus()).toMatch(/otelcol_exporter_queue_size\{.*\} 5120/);
    await finish(setup);
  });

  it('takes a request that is as large as the queue, however small that is', async () => {
    const batch = batchOf(['a']);
    const setup = setUp({ queue: queue({ sizer: 'bytes', capacity: batch.bytes.length }) });
    expect(setup.offer(batch)).toEqual({ status: 'accepted' });
    await finish(setup);
  });

  it('counts a batch in flight and one that waits for a retry against the capacity', async () => {
    const setup = setUp({ queue: queue({ sizer: 'requests', capacity: 2 }), retry: retry({ maxElapsedMs: 0 }) });
    setup.backend.answer = () => UNAVAILABLE;
    setup.offer(batchOf(['a']));
    setup.backend.answer = () => new Promise(() => {});
    setup.offer(batchOf(['b']));
    expect(setup.offer(batchOf(['c']))).toMatchObject({ status: 'refused' });
    await finish(setup);
  });

  it('holds no memory but what its bytes count, though requests arrive in slabs that others share', async () => {
    const setup = setUp({ queue: queue({ numConsumers: 1 }), retry: retry() });
    let answer = (_: ExportOutcome): void => {};
    setup.backend.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    setup.offer(inSlab('fails at first', 0));
    setup.offer(inSlab('waits behind it', 1000));
    answer(UNAVAILABLE);
    await settle();
    answer(DELIVERED);
    await setup.clock.advance(10_000);
    answer(DELIVERED);
    await settle();
    expect(setup.backend.taken).toEqual(['waits behind it', 'fails at first']);
    const waited = setup.backend.tries.slice(1).map(({ bytes }) => bytes.buffer.byteLength - bytes.length);
    expect(waited).toEqual([0, 0]);
    await finish(setup);
  });

  it('holds no more memory than that for what waits for company', async () => {
    const batch = { minSize: 10, maxSize: 0, flushTimeoutMs: 200, sizer: 'items' } as const;
    const setup = setUp({ queue: queue({ batch }) });
    setup.offer(inSlab('alone', 0));
    await setup.clock.advance(200);
    expect(setup.backend.tries.map(({ bytes }) => bytes.buffer.byteLength - bytes.length)).toEqual([0]);
    await finish(setup);
  });

  it('makes the sender wait for room with block_on_overflow', async () => {
    const setup = setUp({ queue: queue({ capacity: 1, numConsumers: 1, blockOnOverflow: true }) });
    let answer = (_: ExportOutcome): void => {};
    setup.backend.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    setup.offer(batchOf(['a']));
    const second = setup.offer(batchOf(['b'])) as Promise<Verdict>;
    let settled = false;
    void second.then(() => {
      settled = true;
    });
    await settle();
    expect(settled).toBe(false);
    answer(DELIVERED);
    expect(await second).toEqual({ status: 'accepted' });
    answer(DELIVERED);
    await settle();
    expect(setup.backend.taken).toEqual(['a', 'b']);
    await finish(setup);
  });

  it('tells senders that wait for room when the engine stops, and lets what has no sender any more wait on', async () => {
    const setup = setUp({ queue: queue({ capacity: 1, numConsumers: 1, blockOnOverflow: true }) });
    let answer = (_: ExportOutcome): void => {};
    setup.backend.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    setup.offer(batchOf(['a']));
    const waiting = setup.offer(batchOf(['b']));
    const gathered = setup.offer(batchOf(['c'], { acknowledged: true }));
    setup.sending.hasten();
    const stopping = { status: 'refused', retryable: true, message: 'the gateway is stopping' };
    expect(await waiting).toMatchObject(stopping);
    expect(setup.offer(batchOf(['d']))).toMatchObject(stopping);
    expect(setup.account).toMatchObject({ refused: 2, held: 2 });
    answer(DELIVERED);
    expect(await gathered).toEqual({ status: 'accepted' });
    const late = setup.offer(batchOf(['e'], { acknowledged: true }));
    await finish(setup);
    expect(await late).toMatchObject(stopping);
    expect(setup.account).toMatchObject({ delivered: 1, refused: 2, dropped: { shutdown: 2 } });
  });

  it('sends at most num_consumers requests at once', async () => {
    const setup = setUp({ queue: queue({ numConsumers: 3 }) });
    setup.backend.answer = () => new Promise(() => {});
    for (let i = 0; i < 10; i++) setup.offer(batchOf([`${i}`]));
    expect(setup.backend.tries).toHaveLength(3);
    await finish(setup);
  });
});

describe('without a queue, or with wait_for_result', () => {
  for (const settings of [{}, { queue: queue({ waitForResult: true }) }]) {
    const kind = 'queue' in settings ? 'wait_for_result' : 'no queue';

    it(`${kind}: a synchronous backend is answered for synchronously`, async () => {
      const setup = setUp(settings);
      expect(setup.offer(batchOf(['a']))).toEqual({ status: 'accepted' });
      expect(setup.account.delivered).toBe(1);
      await finish(setup);
    });

    it(`${kind}: the sender hears of a failure, and nothing counts as dropped`, async () => {
      const setup = setUp(settings);
      setup.backend.answer = () => Promise.resolve(REJECTED);
      expect(await setup.offer(batchOf(['a']))).toEqual({
        status: 'refused',
        retryable: false,
        afterMs: 0,
        message: 'not this',
        code: GRPC_CODE.invalidArgument,
      });
      setup.backend.answer = () => Promise.resolve(UNAVAILABLE);
      expect(await setup.offer(batchOf(['a']))).toMatchObject({ status: 'refused', retryable: true });
      expect(setup.account).toMatchObject({ refused: 2, dropped: {} });
      await finish(setup);
    });

    it(`${kind}: a failure is a loss when the sender has its answer already`, async () => {
      const setup = setUp(settings);
      setup.backend.answer = () => Promise.resolve(REJECTED);
      await setup.offer(batchOf(['a'], { acknowledged: true }));
      expect(setup.account).toMatchObject({ refused: 0, dropped: { rejected_by_backend: 1 } });
      await finish(setup);
    });

    it(`${kind}: a sender that waits when the engine stops gets an answer`, async () => {
      const setup = setUp(settings);
      setup.backend.answer = () => new Promise(() => {});
      const answer = setup.offer(batchOf(['a']));
      await finish(setup);
      expect(await answer).toMatchObject({ status: 'refused', retryable: true });
      expect(setup.account.refused).toBe(1);
    });
  }
});

describe('batching inside the queue', () => {
  const batch = { flushTimeoutMs: 200, minSize: 4, maxSize: 6, sizer: 'items' as const };

  it('merges requests of several pipelines and books each in its own account', async () => {
    const setup = setUp({ queue: queue({ batch }) });
    const other = new Account();
    setup.offer(batchOf(['a', 'b']));
    other.received += 2;
    setup.sending.consume(batchOf(['c', 'd']), other);
    expect(setup.backend.tries.map(namesOf)).toEqual([['a', 'b', 'c', 'd']]);
    expect([setup.account.delivered, other.delivered]).toEqual([2, 2]);
    assertAccounts([other], { drained: true });
    await finish(setup);
  });

  it('sends what is too little when the flush timeout has passed', async () => {
    const setup = setUp({ queue: queue({ batch }) });
    setup.offer(batchOf(['a']));
    await setup.clock.advance(199);
    expect(setup.backend.tries).toHaveLength(0);
    await setup.clock.advance(1);
    expect(setup.backend.taken).toEqual(['a']);
    await finish(setup);
  });

  it('divides what is too much', async () => {
    const setup = setUp({ queue: queue({ batch, sizer: 'items', capacity: 100 }) });
    setup.offer(batchOf(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm']));
    await setup.clock.advance(200);
    expect(setup.backend.tries.map((one) => one.itemCount)).toEqual([6, 6, 1]);
    expect(setup.account.delivered).toBe(13);
    await finish(setup);
  });

  it('tells a waiting sender only when every part of its request is settled', async () => {
    const setup = setUp({ queue: queue({ batch, waitForResult: true }) });
    const answers: ((outcome: ExportOutcome) => void)[] = [];
    setup.backend.answer = () => new Promise((resolve) => answers.push(resolve));
    const verdict = setup.offer(batchOf(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'])) as Promise<Verdict>;
    await settle();
    expect(answers).toHaveLength(2);
    answers[0]!(DELIVERED);
    await settle();
    expect(setup.account).toMatchObject({ delivered: 6, held: 4 });
    answers[1]!(UNAVAILABLE);
    expect(await verdict).toMatchObject({ status: 'refused' });
    expect(setup.account).toMatchObject({ delivered: 6, refused: 4 });
    await finish(setup);
  });
});

describe('dividing what the backend does not take', () => {
  it('halves a request that is too large until it fits', async () => {
    const setup = setUp({ queue: queue(), retry: retry() });
    setup.backend.answer = (batch) => (batch.itemCount > 3 ? TOO_LARGE : DELIVERED);
    const names = Array.from({ length: 10 }, (_, i) => `s${i}`);
    setup.offer(batchOf(names));
    await settle();
    expect([...setup.backend.taken].sort()).toEqual(names);
    await finish(setup);
  });

  it('drops a single item that is too large, and only that', async () => {
    const setup = setUp({ queue: queue(), retry: retry() });
    setup.backend.answer = (batch) => (namesOf(batch).includes('huge') ? TOO_LARGE : DELIVERED);
    setup.offer(batchOf(['a', 'b', 'huge', 'c']));
    await settle();
    expect(setup.account).toMatchObject({ delivered: 3, dropped: { too_large: 1 } });
    await finish(setup);
  });

  it('finds the item a backend rejects in a merged batch, so that its neighbours arrive', async () => {
    const setup = setUp({ queue: queue(), retry: retry() });
    const names = Array.from({ length: 500 }, (_, i) => (i === 123 ? 'poison' : `s${i}`));
    setup.backend.answer = (batch) => (namesOf(batch).includes('poison') ? REJECTED : DELIVERED);
    setup.offer(batchOf(names));
    await settle();
    expect(setup.account).toMatchObject({ delivered: 499, dropped: { rejected_by_backend: 1 } });
    expect(setup.backend.tries.length).toBeLessThan(25);
    await finish(setup);
  });

  it('does not divide on and on for a backend that rejects everything', async () => {
    const setup = setUp({ queue: queue(), retry: retry() });
    setup.backend.answer = () => REJECTED;
    for (let i = 0; i < 20; i++) {
      setup.offer(batchOf(Array.from({ length: 1000 }, (_, j) => `s${j}`)));
      await settle();
    }
    expect(setup.account.dropped).toEqual({ rejected_by_backend: 20_000 });
    expect(setup.backend.tries.length).toBeLessThanOrEqual(129 + 19 * 11);
    await finish(setup);
  });
});

describe('stopping', () => {
  it('leaves no timer behind of what was being gathered for a batch', async () => {
    const batch = { minSize: 10, maxSize: 0, flushTimeoutMs: 200, sizer: 'items' as const };
    const setup = setUp({ queue: queue({ numConsumers: 1, batch }), retry: retry() });
    let answer: (outcome: typeof UNAVAILABLE) => void = () => {};
    setup.backend.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    setup.offer(batchOf(['a']));
    setup.offer(batchOf(['b']));
    await setup.clock.advance(200);
    setup.offer(batchOf(['c']));
    answer(UNAVAILABLE);
    await setup.clock.advance(0);
    await finish(setup);
    expect(setup.account.dropped).toEqual({ shutdown: 3 });
  });

  it('delivers what is queued, and what waits for a retry, without waiting as long as before', async () => {
    const setup = setUp({ queue: queue(), retry: retry({ initialIntervalMs: 60_000, maxIntervalMs: 60_000 }) });
    let failures = 3;
    setup.backend.answer = () => (failures-- > 0 ? UNAVAILABLE : DELIVERED);
    for (const name of ['a', 'b', 'c', 'd']) setup.offer(batchOf([name]));
    setup.sending.hasten();
    await finish(setup, 1000);
    expect(setup.account.delivered).toBe(4);
  });

  it('gives a dead backend up without using the whole grace period', async () => {
    const setup = setUp({ queue: queue(), retry: retry({ maxElapsedMs: 0 }) });
    setup.backend.answer = () => UNAVAILABLE;
    for (let i = 0; i < 5; i++) setup.offer(batchOf([`${i}`]));
    setup.sending.hasten();
    const drained = setup.sending.drain(setup.clock.monotonicMs() + 60_000);
    await setup.clock.advance(1000);
    await drained;
    expect(setup.account).toMatchObject({ held: 0, dropped: { shutdown: 5 } });
    await finish(setup);
  });

  it('refuses what comes after', async () => {
    const setup = setUp({ queue: queue() });
    await finish(setup);
    expect(setup.offer(batchOf(['late']))).toMatchObject({ status: 'refused', retryable: true });
    assertAccounts([setup.account], { drained: true });
  });
});

describe('the state of the backend', () => {
  it('is unknown, then failing with its failure, then ok; and is logged when it changes only', async () => {
    const setup = setUp({ queue: queue(), retry: retry({ initialIntervalMs: 100, multiplier: 1, maxElapsedMs: 0 }) });
    expect(setup.sending.snapshot().state).toBe('unknown');
    setup.backend.answer = () => UNAVAILABLE;
    setup.offer(batchOf(['a']));
    await setup.clock.advance(1000);
    expect(setup.sending.snapshot()).toMatchObject({
      state: 'failing',
      failedTries: 11,
      failure: { kind: 'unavailable', message: 'not now' },
    });
    setup.backend.answer = () => DELIVERED;
    await setup.clock.advance(100);
    expect(setup.sending.snapshot()).toMatchObject({ state: 'ok', failedTries: 0 });
    expect(setup.sending.snapshot()).not.toHaveProperty('failure');
    expect(setup.deps.lines.map((line) => line.message)).toEqual([
      'backend does not take data',
      'backend takes data again',
    ]);
    await finish(setup);
  });
});

describe('an exporter that keeps the order', () => {
  const ordered = () => {
    const setup = setUp({
      queue: queue({ numConsumers: 1 }),
      retry: retry({ initialIntervalMs: 1000 }),
      ordered: true,
    });
    const namesOfTries = () => setup.backend.tries.map((batch) => namesOf(batch).join(''));
    return { setup, namesOfTries };
  };

  it('lets nothing overtake what waits for its next try', async () => {
    const { setup, namesOfTries } = ordered();
    let failures = 2;
    setup.backend.answer = () => (failures-- > 0 ? UNAVAILABLE : DELIVERED);
    for (const name of ['a', 'b', 'c']) setup.offer(batchOf([name]));
    await setup.clock.advance(500);
    expect(namesOfTries()).toEqual(['a']);
    await setup.clock.advance(60_000);
    expect(namesOfTries()).toEqual(['a', 'a', 'a', 'b', 'c']);
    await finish(setup);
  });

  it('sends the parts of what was divided before what came after it, each in its turn', async () => {
    const { setup, namesOfTries } = ordered();
    let isAway = false;
    setup.backend.answer = (batch) => {
      const names = namesOf(batch);
      if (names.includes('bad')) return REJECTED;
      isAway = names.includes('a') && !isAway;
      return isAway ? UNAVAILABLE : DELIVERED;
    };
    setup.offer(batchOf(['a', 'b', 'bad', 'c']));
    setup.offer(batchOf(['d']));
    await setup.clock.advance(60_000);
    expect(namesOfTries()).toEqual(['abbadc', 'ab', 'ab', 'badc', 'bad', 'c', 'd']);
    expect(setup.account).toMatchObject({ delivered: 4, dropped: { rejected_by_backend: 1 } });
    await finish(setup);
  });
});
