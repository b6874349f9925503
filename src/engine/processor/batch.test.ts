import { describe, expect, it } from 'vitest';
import { assertAccounts, batchOf, namesOf, testDeps } from '../../../test/testkit/engine.ts';
import { createFakeClock, settle } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import { componentId, pipelineId } from '../../otelcol/index.ts';
import { ACCEPTED, type Batch, refuse, type Verdict } from '../batch.ts';
import { batchProcessor } from './batch.ts';
import { Scratch } from './scratch.ts';

function setUp(settings: Record<string, unknown>) {
  const clock = createFakeClock();
  const deps = testDeps(clock);
  const account = new Account();
  const passed: Batch[] = [];
  const setup = {
    clock,
    deps,
    account,
    passed,
    answer: (_: Batch): Verdict | Promise<Verdict> => ACCEPTED,
    offer: (batch: Batch) => {
      account.received += batch.itemCount;
      return stage.consume(batch);
    },
    hasten: () => stage.hasten!(),
    flush: () => stage.flush!(),
    abandon: () => stage.abandon!(),
  };
  const instance = batchProcessor.create(settings, { id: componentId('batch'), deps });
  const next = {
    consume(batch: Batch) {
      passed.push(batch);
      const verdict = setup.answer(batch);
      if (!(verdict instanceof Promise) && verdict.status === 'accepted') account.delivered += batch.itemCount;
      return verdict;
    },
  };
  const stage = instance.attach({
    pipeline: pipelineId('traces'),
    signal: 'traces',
    next,
    scratch: new Scratch(),
    accounts: [account],
  });
  return setup;
}

const names = (count: number, prefix = 's') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe('the batch processor', () => {
  it('sends when it holds enough items', async () => {
    const setup = setUp({ send_batch_size: 5 });
    setup.offer(batchOf(names(3, 'a')));
    expect(setup.account.held).toBe(3);
    setup.offer(batchOf(names(3, 'b')));
    expect(setup.passed.map(namesOf)).toEqual([[...names(3, 'a'), ...names(3, 'b')]]);
    assertAccounts([setup.account], { drained: true });
  });

  it('sends what it holds when its time has come, counted from the first item', async () => {
    const setup = setUp({ timeout: '1s' });
    await setup.clock.advance(900);
    setup.offer(batchOf(['a']));
    await setup.clock.advance(999);
    expect(setup.passed).toHaveLength(0);
    await setup.clock.advance(1);
    expect(setup.passed.map(namesOf)).toEqual([['a']]);
    expect(setup.deps.metrics.renderPrometheus()).toContain(
      'otelcol_processor_batch_timeout_trigger_send{processor="batch"} 1',
    );
    assertAccounts([setup.account], { drained: true });
  });

  it('divides at the maximum size and keeps a rest that is too small for a batch', async () => {
    const setup = setUp({ send_batch_size: 4, send_batch_max_size: 4, timeout: '1s' });
    setup.offer(batchOf(names(10)));
    expect(setup.passed.map((batch) => batch.itemCount)).toEqual([4, 4]);
    expect(setup.account.held).toBe(2);
    await setup.clock.advance(1000);
    expect(setup.passed.flatMap(namesOf)).toEqual(names(10));
    assertAccounts([setup.account], { drained: true });
  });

  it('fills a batch to its maximum with a part of the request that crosses it', async () => {
    const setup = setUp({ send_batch_size: 5, send_batch_max_size: 5, timeout: '1s' });
    setup.offer(batchOf(names(3, 'a')));
    setup.offer(batchOf(names(3, 'b')));
    expect(setup.passed.map(namesOf)).toEqual([['a0', 'a1', 'a2', 'b0', 'b1']]);
    setup.offer(batchOf(names(9, 'c')));
    expect(setup.passed.map((batch) => batch.itemCount)).toEqual([5, 5, 5]);
    expect(setup.passed.flatMap(namesOf)).toEqual([...names(3, 'a'), ...names(3, 'b'), ...names(9, 'c')]);
    assertAccounts([setup.account], { drained: true });
  });

  it('waits for the next stage without a timer when every request goes out by itself', async () => {
    const setup = setUp({ timeout: '0s' });
    let take = (_: Verdict): void => {};
    setup.answer = () =>
      new Promise((resolve) => {
        take = resolve;
      });
    setup.offer(batchOf(['a']));
    const second = setup.offer(batchOf(['b']));
    expect(setup.clock.pendingTimers).toBe(0);
    take(ACCEPTED);
    await settle();
    expect(setup.passed.map(namesOf)).toEqual([['a'], ['b']]);
    take(ACCEPTED);
    expect(await second).toBe(ACCEPTED);
  });

  it('passes everything on at once when timeout or send_batch_size is 0', async () => {
    for (const settings of [{ timeout: '0s' }, { send_batch_size: 0 }]) {
      const setup = setUp(settings);
      setup.offer(batchOf(['a']));
      setup.offer(batchOf(['b']));
      expect(setup.passed.map(namesOf)).toEqual([['a'], ['b']]);
      assertAccounts([setup.account], { drained: true });
    }
  });

  it('with timeout 0 also passes the rest of a split on at once', () => {
    const setup = setUp({ timeout: 0, send_batch_size: 4, send_batch_max_size: 4 });
    setup.offer(batchOf(names(10)));
    expect(setup.passed.map((batch) => batch.itemCount)).toEqual([4, 4, 2]);
    const text = setup.deps.metrics.renderPrometheus();
    expect(text).toContain('otelcol_processor_batch_batch_size_trigger_send{processor="batch"} 3');
    assertAccounts([setup.account], { drained: true });
  });

  it('counts data points of metrics and hands on marked as acknowledged', async () => {
    const setup = setUp({ send_batch_size: 3 });
    setup.offer(batchOf(['m1', 'm2', 'm3'], { signal: 'metrics' }));
    expect(setup.passed).toMatchObject([{ itemCount: 3, acknowledged: true }]);
    assertAccounts([setup.account], { drained: true });
  });

  it('answers the sender with yes although the next stage refuses: the items are lost, and counted by that stage', async () => {
    const setup = setUp({ send_batch_size: 1 });
    const refusal = { cause: 'queue_full', retryable: true, afterMs: 1000, message: 'full' } as const;
    setup.answer = (batch) => refuse(batch, [setup.account], refusal);
    expect(setup.offer(batchOf(['a']))).toEqual(ACCEPTED);
    expect(setup.account.dropped).toEqual({ queue_full: 1 });
    assertAccounts([setup.account], { drained: true });
  });

  it('lets senders wait while the next stage does, in order and with at most one batch under way', async () => {
    const setup = setUp({ send_batch_size: 2 });
    const answers: ((verdict: Verdict) => void)[] = [];
    setup.answer = (batch) => {
      setup.account.held += batch.itemCount;
      return new Promise<Verdict>((resolve) => answers.push(resolve)).then((verdict) => {
        setup.account.held -= batch.itemCount;
        setup.account.delivered += batch.itemCount;
        return verdict;
      });
    };
    setup.offer(batchOf(['a', 'b']));
    const waiting = setup.offer(batchOf(['c', 'd']));
    expect(waiting).toBeInstanceOf(Promise);
    expect(setup.passed).toHaveLength(1);
    let done = false;
    void (waiting as Promise<Verdict>).then(() => {
      done = true;
    });
    answers[0]!(ACCEPTED);
    await settle();
    expect(setup.passed).toHaveLength(2);
    expect(done).toBe(false);
    answers[1]!(ACCEPTED);
    await settle();
    expect(done).toBe(true);
    assertAccounts([setup.account], { drained: true });
  });

  it('tells senders that wait when the engine stops, and lets what has no sender any more wait on', async () => {
    const setup = setUp({ send_batch_size: 2, send_batch_max_size: 3 });
    const answers: ((verdict: Verdict) => void)[] = [];
    setup.answer = ({ itemCount }) => {
      setup.account.held += itemCount;
      return new Promise<Verdict>((resolve) => answers.push(resolve)).then((verdict) => {
        setup.account.held -= itemCount;
        setup.account.delivered += itemCount;
        return verdict;
      });
    };
    const stopping = { status: 'refused', retryable: true, message: 'the gateway is stopping' };
    setup.offer(batchOf(['a', 'b']));
    setup.offer(batchOf(['c']));
    const untouched = setup.offer(batchOf(['d', 'e']));
    const gathered = setup.offer(batchOf(['f', 'g'], { acknowledged: true }));
    setup.hasten();
    expect(await untouched).toMatchObject(stopping);
    expect(setup.offer(batchOf(['h', 'i']))).toMatchObject(stopping);
    expect(setup.account).toMatchObject({ refused: 4, held: 5 });
    answers[0]!(ACCEPTED);
    await settle();
    answers[1]!(ACCEPTED);
    expect(await gathered).toEqual(ACCEPTED);
    await setup.flush();
    expect(setup.passed.flatMap(namesOf)).toEqual(['a', 'b', 'c', 'f', 'g']);
    assertAccounts([setup.account], { drained: true });
  });

  it('does not refuse on a stop what it has passed on in part', async () => {
    const setup = setUp({ send_batch_size: 2, send_batch_max_size: 2 });
    const answers: ((verdict: Verdict) => void)[] = [];
    setup.answer = ({ itemCount }) => {
      setup.account.delivered += itemCount;
      return new Promise<Verdict>((resolve) => answers.push(resolve));
    };
    setup.offer(batchOf(['a', 'b']));
    const waiting = setup.offer(batchOf(['c', 'd', 'e']));
    answers[0]!(ACCEPTED);
    await settle();
    expect(setup.passed.flatMap(namesOf)).toEqual(['a', 'b', 'c', 'd']);
    setup.hasten();
    expect(await waiting).toEqual(ACCEPTED);
    expect(setup.account).toMatchObject({ refused: 0, held: 1 });
    setup.abandon();
    assertAccounts([setup.account], { drained: true });
  });

  it('passes on everything when it is flushed, and drops what is left when it is abandoned', async () => {
    const setup = setUp({ timeout: '1h' });
    setup.offer(batchOf(['a']));
    await setup.flush();
    expect(setup.passed.map(namesOf)).toEqual([['a']]);
    setup.offer(batchOf(['b']));
    setup.abandon();
    expect(setup.account).toMatchObject({ held: 0, dropped: { shutdown: 1 } });
    expect(setup.clock.pendingTimers).toBe(0);
    assertAccounts([setup.account], { drained: true });
  });

  it('takes the headers of its sender away, even from a single request', () => {
    const setup = setUp({ timeout: 0 });
    setup.offer({ ...batchOf(['a']), metadata: { 'x-tenant': ['acme'] } });
    expect(setup.passed.map(({ metadata }) => metadata)).toEqual([undefined]);
  });

  it('batches requests apart whose headers differ, and passes on those headers only', async () => {
    const setup = setUp({ timeout: '1s', metadata_keys: ['X-Tenant'] });
    const offer = (name: string, ...tenants: readonly string[]) =>
      setup.offer({ ...batchOf([name]), metadata: { 'x-tenant': tenants, host: [name] } });
    offer('a', 'acme');
    offer('b', 'other');
    offer('c', 'acme');
    setup.offer(batchOf(['d']));
    offer('e', '');
    await setup.clock.advance(1000);
    expect(setup.passed.map((batch) => [namesOf(batch), batch.metadata])).toEqual([
      [['a', 'c'], { 'x-tenant': ['acme'] }],
      [['b'], { 'x-tenant': ['other'] }],
      [['d'], {}],
      [['e'], { 'x-tenant': [''] }],
    ]);
    await setup.flush();
    assertAccounts([setup.account], { drained: true });
  });

  it('refuses for good what would be one combination too many', () => {
    const setup = setUp({ metadata_keys: ['a'], metadata_cardinality_limit: 1 });
    setup.offer({ ...batchOf(['one']), metadata: { a: ['1'] } });
    const verdict = setup.offer({ ...batchOf(['two']), metadata: { a: ['2'] } });
    expect(verdict).toMatchObject({ status: 'refused', retryable: false });
    setup.abandon();
    assertAccounts([setup.account], { drained: true });
  });
});
