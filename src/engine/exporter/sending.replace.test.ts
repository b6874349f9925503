import { describe, expect, it } from 'vitest';
import {
  assertAccounts,
  batchOf,
  createTestBackend,
  DELIVERED,
  REJECTED,
  type TestBackend,
  testDeps,
  UNAVAILABLE,
} from '../../../test/testkit/engine.ts';
import { createFakeClock, settle } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import { componentId } from '../../otelcol/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import { defaultQueue, type QueueSettings } from '../settings/queue.ts';
import { defaultRetry } from '../settings/retry.ts';
import { SendingExporter } from './sending.ts';

function backend(queue: Partial<QueueSettings> = {}): TestBackend {
  return createTestBackend({
    queue: { ...defaultQueue, sizer: 'items', numConsumers: 1, ...queue },
    retry: { ...defaultRetry, maxElapsedMs: 0 },
  });
}

function setUp(old: TestBackend) {
  const clock = createFakeClock();
  const deps = testDeps(clock);
  const sending = new SendingExporter(old.exporter, { id: componentId('test'), signal: 'traces', deps });
  const account = new Account();
  const send = (name: string, acknowledged = false) => {
    account.received++;
    return sending.consume(batchOf([name], { acknowledged }), account);
  };
  return { clock, deps, sending, account, send };
}

const never = () => new Promise<ExportOutcome>(() => {});

describe('an exporter that is replaced', () => {
  it('hands on what waits, in its order, also what was tried before', async () => {
    const old = backend({ numConsumers: 2, batch: { minSize: 2, maxSize: 0, flushTimeoutMs: 100, sizer: 'items' } });
    old.answer = () => UNAVAILABLE;
    const { sending, send, account, clock } = setUp(old);
    for (const name of ['a', 'b', 'c', 'd', 'e']) send(name);
    await clock.advance(10);
    const made = backend();
    sending.replace(made.exporter);
    send('f');
    await settle();
    expect(made.taken).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    assertAccounts([account], { drained: true });
    expect(sending.snapshot()).toMatchObject({ state: 'ok', queueBytes: 0 });
  });

  it('lets the try under way end, and gives what it does not deliver to the new instance, whatever the reason', async () => {
    for (const outcome of [UNAVAILABLE, REJECTED]) {
      const old = backend();
      let answer = (_: ExportOutcome): void => {};
      old.answer = () => new Promise((resolve) => (answer = resolve));
      const { sending, send, account } = setUp(old);
      for (const name of ['a', 'b']) send(name);
      const made = backend();
      sending.replace(made.exporter);
      await settle();
      expect(made.taken).toEqual([]);
      answer(outcome);
      await settle();
      expect(made.taken).toEqual(['a', 'b']);
      assertAccounts([account], { drained: true });
    }
  });

  it('shuts the old instance down after its last try, which has 30 seconds', async () => {
    const old = backend({ numConsumers: 3 });
    const aborted: string[] = [];
    let shut = false;
    const exporter = {
      ...old.exporter,
      send: (batch: Parameters<typeof old.exporter.send>[0], { signal }: { readonly signal: AbortSignal }) => {
        signal.addEventListener('abort', () => aborted.push('aborted'));
        return batch.itemCount > 0 ? never() : DELIVERED;
      },
      shutdown: async () => {
        shut = true;
      },
    };
    const { sending, send, clock } = setUp({ ...old, exporter });
    send('a');
    const made = backend({ numConsumers: 3 });
    sending.replace(made.exporter);
    send('b');
    await clock.advance(29_999);
    expect([made.taken, shut]).toEqual([['b'], false]);
    await clock.advance(1);
    expect([made.taken, shut, aborted]).toEqual([['b', 'a'], true, ['aborted']]);
  });

  it('does not let a try that hangs at the old instance keep a stop from delivering', async () => {
    const old = backend();
    old.answer = never;
    const { sending, send, account, clock } = setUp(old);
    send('a');
    const made = backend();
    sending.replace(made.exporter);
    sending.hasten();
    const drained = sending.drain(clock.monotonicMs() + 4000);
    await clock.advance(1000);
    await drained;
    expect(made.taken).toEqual(['a']);
    assertAccounts([account], { drained: true });
  });

  it('drops nothing for a queue that is smaller: it takes nothing new until there is room', async () => {
    const old = backend({ capacity: 10 });
    old.answer = never;
    const { sending, send, account, deps, clock } = setUp(old);
    for (let i = 0; i < 10; i++) send(`${i}`);
    const made = backend({ capacity: 2, numConsumers: 2, sizer: 'requests' });
    const answers: (() => void)[] = [];
    made.answer = () => new Promise((resolve) => answers.push(() => resolve(DELIVERED)));
    sending.replace(made.exporter);
    expect(deps.metrics.renderPrometheus()).toMatch(/queue_capacity\S+ 2\n(.*\n)*.*queue_size\S+ 10\n/);
    expect(send('late')).toMatchObject({ status: 'refused' });
    made.answer = () => DELIVERED;
    for (const answer of answers) answer();
    await clock.advance(30_000);
    expect(made.taken).toHaveLength(10);
    expect(send('later')).toEqual({ status: 'accepted' });
    expect(account.row()).toMatchObject({ received: 12, delivered: 11, refused: 1, unaccounted: 0 });
  });

  it('lets senders in that waited for room in a queue which is larger now', async () => {
    const old = backend({ capacity: 1, blockOnOverflow: true });
    old.answer = never;
    const { sending, send, account } = setUp(old);
    send('a');
    const waiting = send('b');
    const made = backend({ capacity: 5, numConsumers: 5, blockOnOverflow: true });
    sending.replace(made.exporter);
    expect(await waiting).toEqual({ status: 'accepted' });
    await settle();
    expect(made.taken).toEqual(['b']);
    expect(account.row()).toMatchObject({ delivered: 1, queued: 1, unaccounted: 0 });
  });

  it('knows nothing of the backend until the new instance has tried', async () => {
    const old = backend();
    old.answer = () => UNAVAILABLE;
    const { sending, send } = setUp(old);
    send('a');
    expect(sending.snapshot().state).toBe('failing');
    const made = backend();
    made.answer = never;
    sending.replace(made.exporter);
    expect(sending.snapshot()).toMatchObject({ state: 'unknown', failedTries: 0 });
  });
});
