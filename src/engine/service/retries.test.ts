import { describe, expect, it } from 'vitest';
import {
  assertAccounts,
  configOf,
  createTestBackend,
  exporterType,
  requestOf,
  startTestEngine,
  testDeps,
} from '../../../test/testkit/engine.ts';
import { createFakeClock, settle } from '../../../test/testkit/fake-clock.ts';
import { sendHttp } from '../../../test/testkit/senders.ts';
import { Account } from '../../flow/index.ts';
import type { PipelineId } from '../../otelcol/index.ts';
import type { RequestMetadata } from '../../otlp/index.ts';
import { ACCEPTED, type Batch, type Consumer, refuse, type Verdict } from '../batch.ts';
import { createEntry } from './entry.ts';
import { type Branch, createFanout } from './fanout.ts';
import type { PipelineNode } from './pipeline-node.ts';
import { Retries } from './retries.ts';

type Answer = 'takes' | 'full' | 'rejects';

interface Leaf {
  readonly branch: Branch;
  readonly account: Account;
  readonly taken: string[];
  answer: Answer;
  isLater: boolean;
}

const TEXT = new TextDecoder();

function leaf(name: string): Leaf {
  const account = new Account();
  const decide = (batch: Batch, text: string): Verdict => {
    if (made.answer === 'takes') {
      made.taken.push(text);
      account.delivered += batch.itemCount;
      return ACCEPTED;
    }
    const retryable = made.answer === 'full';
    return refuse(batch, [account], { cause: 'queue_full', retryable, afterMs: 1000, message: name });
  };
  const consumer: Consumer = {
    consume(batch) {
      const text = TEXT.decode(batch.bytes);
      if (!made.isLater) return decide(batch, text);
      account.held += batch.itemCount;
      return Promise.resolve().then(() => {
        account.held -= batch.itemCount;
        return decide(batch, text);
      });
    },
  };
  const made: Leaf = {
    branch: { name, consumer, accounts: [account] },
    account,
    taken: [],
    answer: 'takes',
    isLater: false,
  };
  return made;
}

function nodeOf(
  id: string,
  branches: readonly Branch[],
  retries: Retries,
  stage = (next: Consumer) => next,
): PipelineNode {
  const accounts = branches.flatMap((branch) => branch.accounts);
  const entry = stage(createFanout(branches, retries));
  return {
    id: id as PipelineId,
    signal: 'traces',
    entry,
    accounts,
    outputs: [],
    processors: [],
    behind: [],
    parts: [],
  };
}

/** A receiver with pipelines that are one leaf each, but for the last: that is a pipeline with two outputs. */
function setUp({ maxBytes, stage }: { readonly maxBytes?: number; stage?(next: Consumer): Consumer } = {}) {
  const clock = createFakeClock();
  const deps = testDeps(clock);
  const retries = new Retries({ ...deps, ...(maxBytes !== undefined && { maxBytes }) });
  const [a, b, x, y] = [leaf('a'), leaf('b'), leaf('x'), leaf('y')];
  const nodes = [
    nodeOf('traces/a', [a.branch], retries),
    nodeOf('traces/b', [b.branch], retries),
    nodeOf('traces/xy', [x.branch, y.branch], retries, stage),
  ];
  const entry = createEntry(nodes, { clock, offered: { traces: 0, metrics: 0, logs: 0 }, retries });
  const leaves = [a, b, x, y] as const;
  const send = async (text: string, peer?: string, metadata?: RequestMetadata): Promise<Verdict> => {
    const batch = {
      signal: 'traces' as const,
      bytes: new TextEncoder().encode(text),
      itemCount: 1,
      acknowledged: false,
      ...(metadata !== undefined && { metadata }),
    };
    const verdict = await entry.consume(peer === undefined ? batch : { ...batch, peer });
    assertAccounts(
      leaves.map(({ account }) => account),
      { drained: true },
    );
    return verdict;
  };
  return { clock, deps, retries, leaves, a, b, x, y, send };
}

const metric = (deps: ReturnType<typeof testDeps>, name: string) =>
  deps.metrics
    .renderPrometheus()
    .split('\n')
    .filter((line) => line.startsWith(name));

const sampleOf = (deps: ReturnType<typeof testDeps>, sample: string) => Number(metric(deps, sample)[0]!.split(' ')[1]);
const memory = (deps: ReturnType<typeof testDeps>) => sampleOf(deps, 'sluice_retry_memory_bytes');

describe('a retry of a request that one branch refused', () => {
  it('reaches only the branch that refused it, and counts as received only there', async () => {
    const { a, b, send, deps } = setUp();
    b.answer = 'full';
    expect(await send('one', '10.0.0.1')).toMatchObject({ status: 'refused', retryable: true });
    expect(memory(deps)).toBeGreaterThan(0);
    expect(await send('one', '10.0.0.1')).toMatchObject({ status: 'refused' });
    b.answer = 'takes';
    expect(await send('one', '10.0.0.1')).toEqual(ACCEPTED);
    expect([a.taken, b.taken]).toEqual([['one'], ['one']]);
    expect(a.account.row()).toMatchObject({ received: 1, delivered: 1, refused: 0 });
    expect(b.account.row()).toMatchObject({ received: 3, delivered: 1, refused: 2 });
    expect(memory(deps)).toBe(0);
  });

  it('is given to all once more when it was taken in the end: the same bytes again are new data', async () => {
    const { a, b, send } = setUp();
    b.answer = 'full';
    await send('one', '10.0.0.1');
    b.answer = 'takes';
    await send('one', '10.0.0.1');
    await send('one', '10.0.0.1');
    expect([a.taken.length, b.taken.length]).toEqual([2, 2]);
  });

  it('is recognised where verdicts come later, also in a pipeline inside', async () => {
    const { a, b, x, y, send } = setUp();
    for (const late of [a, b, x, y]) late.isLater = true;
    y.answer = 'full';
    await send('one', '10.0.0.1');
    y.answer = 'takes';
    expect(await send('one', '10.0.0.1')).toEqual(ACCEPTED);
    for (const { taken } of [a, b, x, y]) expect(taken).toEqual(['one']);
  });

  it('is recognised behind a stage that writes something else every time', async () => {
    let calls = 0;
    const stage = (next: Consumer): Consumer => ({
      consume: (batch) => next.consume({ ...batch, bytes: new TextEncoder().encode(`call ${calls++}`) }),
    });
    const { x, y, send } = setUp({ stage });
    y.answer = 'full';
    await send('one', '10.0.0.1');
    y.answer = 'takes';
    await send('one', '10.0.0.1');
    expect([x.taken, y.taken]).toEqual([['call 0'], ['call 1']]);
  });

  it('balances where a stage in front of the branches made items', async () => {
    const made: Account[] = [];
    const stage = (next: Consumer): Consumer => ({
      consume(batch) {
        for (const account of made) account.created += 2;
        return next.consume({ ...batch, itemCount: batch.itemCount + 2 });
      },
    });
    const { x, y, send } = setUp({ stage });
    made.push(x.account, y.account);
    y.answer = 'full';
    await send('one', '10.0.0.1');
    y.answer = 'takes';
    await send('one', '10.0.0.1');
    expect(x.account.row()).toMatchObject({ received: 1, created: 2, delivered: 3, unaccounted: 0 });
    expect(y.account.row()).toMatchObject({ received: 2, created: 4, delivered: 3, refused: 3, unaccounted: 0 });
  });

  it('of other bytes, of another peer or of an unknown one reaches everybody', async () => {
    const { a, b, send } = setUp();
    b.answer = 'full';
    await send('one', '10.0.0.1');
    await send('two', '10.0.0.1');
    await send('one', '10.0.0.2');
    await send('one');
    await send('one');
    expect(a.taken).toEqual(['one', 'two', 'one', 'one', 'one']);
  });

  it('with other headers reaches everybody, as routes may depend on them; those of one try do not count', async () => {
    const { a, b, send } = setUp();
    b.answer = 'full';
    await send('one', '10.0.0.1', { tenant: ['x'], 'grpc-timeout': ['4999m'] });
    await send('one', '10.0.0.1', { tenant: ['y'], 'grpc-timeout': ['4999m'] });
    await send('one', '10.0.0.1');
    expect(a.taken).toEqual(['one', 'one', 'one']);
    await send('one', '10.0.0.1', { 'grpc-timeout': ['4998m'], tenant: ['x'] });
    expect(a.taken).toEqual(['one', 'one', 'one']);
  });

  it('reaches everybody when no retry was asked for', async () => {
    const { a, b, send, deps } = setUp();
    b.answer = 'rejects';
    await send('one', '10.0.0.1');
    await send('one', '10.0.0.1');
    expect(a.taken).toEqual(['one', 'one']);
    expect(memory(deps)).toBe(0);
  });

  it('is forgotten after five minutes, and counted', async () => {
    const { a, b, send, clock, deps } = setUp();
    b.answer = 'full';
    await send('one', '10.0.0.1');
    await clock.advance(5 * 60_000);
    await send('one', '10.0.0.1');
    expect(a.taken).toEqual(['one', 'one']);
    expect(metric(deps, 'sluice_retry_forgotten')).toContain(
      'sluice_retry_forgotten_requests_total{cause="expired"} 1',
    );
  });

  it('is forgotten five minutes after the first try, however often it came since', async () => {
    const { a, b, send, clock, deps } = setUp();
    b.answer = 'full';
    const ofOne: number[] = [];
    for (let minute = 0; minute < 5; minute++) {
      await send('one', '10.0.0.1');
      ofOne.push(memory(deps));
      await clock.advance(60_000);
    }
    expect(a.taken).toEqual(['one']);
    await send('one', '10.0.0.1');
    expect(a.taken).toEqual(['one', 'one']);
    expect([...new Set(ofOne)]).toEqual([memory(deps)]);
  });

  it('gives way to newer ones when the memory for it is full, and is counted', async () => {
    const { a, b, send, deps } = setUp({ maxBytes: 2000 });
    b.answer = 'full';
    for (let i = 0; i < 20; i++) await send(`request ${i}`, '10.0.0.1');
    expect(memory(deps)).toBeLessThanOrEqual(2000);
    const evicted = sampleOf(deps, 'sluice_retry_forgotten_requests_total{cause="evicted"}');
    expect(evicted).toBeGreaterThan(0);
    expect(evicted).toBeLessThan(19);
    a.taken.length = 0;
    for (let i = 19; i >= evicted; i--) await send(`request ${i}`, '10.0.0.1');
    expect(a.taken).toEqual([]);
    await send('request 0', '10.0.0.1');
    expect(a.taken).toEqual(['request 0']);
  });

  it('costs no digest while nothing is remembered, nor for a length that is not', async () => {
    const { b, send, retries } = setUp();
    b.answer = 'full';
    await send('one', '10.0.0.1');
    let read = 0;
    const bytes = new Proxy(new TextEncoder().encode('of another length'), {
      get(target, key) {
        if (key !== 'length') read++;
        return Reflect.get(target, key, target);
      },
    });
    retries.begin({ signal: 'traces', bytes, itemCount: 1, acknowledged: false, peer: '10.0.0.1' }, false);
    void retries.end(ACCEPTED);
    expect(read).toBe(0);
  });

  it('that comes while the first try waits is given to all: its sender has given up on the first', async () => {
    const { a, b, x, y, send } = setUp();
    b.isLater = true;
    const first = send('one', '10.0.0.1').catch(() => undefined);
    const second = send('one', '10.0.0.1').catch(() => undefined);
    await Promise.all([first, second]);
    await settle();
    expect([a, b, x, y].map(({ taken }) => taken.length)).toEqual([2, 2, 2, 2]);
  });
});

describe('in an engine', () => {
  const config = (extra: Record<string, unknown> = {}) =>
    configOf({
      connectors: { forward: {} },
      exporters: { good: {}, full: {}, ...extra },
      pipelines: {
        'traces/in': { exporters: ['forward'] },
        'traces/a': { receivers: ['forward'], exporters: ['good'] },
        'traces/b': { receivers: ['forward'], exporters: ['full'] },
      },
    });

  it('a retry over another connection is recognised behind a forward connector, and after a reload', async () => {
    const good = createTestBackend();
    const full = createTestBackend();
    full.answer = () => ({ status: 'retryable', failure: { kind: 'unavailable', message: 'not now' } });
    const exporters = { good: exporterType(good), full: exporterType(full) };
    const { engine, url, stop } = await startTestEngine(config(), { exporters });
    const port = Number(new URL(url('http')).port);
    const body = requestOf(['span']);
    const send = () =>
      sendHttp(port, { path: '/v1/traces', body, headers: { 'content-type': 'application/x-protobuf' } });
    expect((await send()).status).toBe(503);
    expect((await send()).status).toBe(503);
    await engine.reload(config({ 'good/2': {} }));
    full.answer = () => ({ status: 'delivered', rejectedCount: 0 });
    expect((await send()).status).toBe(200);
    expect([good.taken, full.taken]).toEqual([['span'], ['span']]);
    await stop();
  });

  it('a retry through a router that adds an attribute is recognised; through another replica of it, it is a duplicate', async () => {
    const good = createTestBackend();
    const full = createTestBackend();
    full.answer = () => ({ status: 'retryable', failure: { kind: 'unavailable', message: 'not now' } });
    const gateway = await startTestEngine(config(), {
      exporters: { good: exporterType(good), full: exporterType(full) },
    });
    const router = await startTestEngine(
      configOf({
        processors: { resource: { attributes: [{ key: 'via', value: 'router', action: 'upsert' }] } },
        exporters: {
          otlp_http: {
            endpoint: gateway.url('http'),
            compression: 'none',
            sending_queue: { enabled: false },
            retry_on_failure: { enabled: false },
          },
        },
        pipelines: { traces: { processors: ['resource'], exporters: ['otlp_http'] } },
      }),
    );
    expect((await router.send(['span'])).status).toBe('throttled');
    expect((await router.send(['span'])).status).toBe('throttled');
    expect(good.taken).toEqual(['span']);
    // The other replica has another address, which is all that the gateway knows of who sends.
    const body = good.tries[0]!.bytes;
    const port = Number(new URL(gateway.url('http')).port);
    const answer = await sendHttp(port, {
      path: '/v1/traces',
      body,
      headers: { 'content-type': 'application/x-protobuf' },
      localAddress: '127.0.0.5',
    });
    expect(answer.status).toBe(503);
    expect(good.taken).toEqual(['span', 'span']);
    full.answer = () => ({ status: 'delivered', rejectedCount: 0 });
    expect((await router.send(['span'])).status).toBe('delivered');
    expect([good.taken, full.taken]).toEqual([['span', 'span'], ['span']]);
    await router.stop();
    await gateway.stop();
  });
});
