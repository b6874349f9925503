import { describe, expect, it } from 'vitest';
import {
  batchOf,
  configOf,
  createTestBackend,
  DELIVERED,
  exporterType,
  requestOf,
  startTestEngine,
  testDeps,
} from '../../../test/testkit/engine.ts';
import { Account } from '../../flow/index.ts';
import { systemClock } from '../../lib/index.ts';
import type { ComponentId, OtelcolConfig, PipelineId } from '../../otelcol/index.ts';
import { createOtlpHttpClient } from '../../otlp/index.ts';
import { ACCEPTED, type Batch, refuse, type Verdict } from '../batch.ts';
import type { PipelineNode } from './pipeline-node.ts';
import { Retries } from './retries.ts';
import { createRouter } from './router.ts';

const REFUSAL = { cause: 'queue_full', retryable: true, afterMs: 1000, message: 'full' } as const;

/** A pipeline with one account, that answers as it is told. */
function pipeline(id: string, answer: (batch: Batch, account: Account) => Verdict | Promise<Verdict>) {
  const account = new Account();
  const entry = { consume: (batch: Batch) => answer(batch, account) };
  const node: PipelineNode = {
    id: id as PipelineId,
    signal: 'traces',
    entry,
    accounts: [account],
    outputs: [],
    processors: [],
    behind: [],
    parts: [],
  };
  return { account, node };
}

function take(batch: Batch, account: Account): Verdict {
  account.delivered += batch.itemCount;
  return ACCEPTED;
}

function setUp(routes: readonly string[], behind: readonly ReturnType<typeof pipeline>[]) {
  const account = new Account();
  const deps = testDeps();
  const router = createRouter({
    id: 'routing' as ComponentId,
    from: 'traces/in' as PipelineId,
    signal: 'traces',
    connector: { route: () => routes as readonly PipelineId[] },
    pipelines: behind.map(({ node }) => node),
    account,
    deps,
    retries: new Retries(deps),
  });
  const consume = (batch: Batch) => {
    account.received += batch.itemCount;
    return router.consume(batch);
  };
  return { account, deps, consume };
}

const unaccounted = (...accounts: readonly Account[]) => accounts.map((account) => account.row().unaccounted);

it('routes by headers, and by another table after a reload, with rows for the pipelines on both sides', async () => {
  const memory = createTestBackend();
  const config = (acme: string) =>
    ({
      ...configOf({
        connectors: {
          routing: { table: [{ context: 'request', condition: 'request["x-tenant"] == "acme"', pipelines: [acme] }] },
        },
        exporters: { memory: {}, 'memory/2': {} },
        pipelines: {
          'traces/in': { exporters: ['routing'] },
          'traces/a': { receivers: ['routing'], exporters: ['memory'] },
          'traces/b': { receivers: ['routing'], exporters: ['memory/2'] },
        },
      }),
      receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0', include_metadata: true } } } },
    }) as unknown as OtelcolConfig;
  const test = await startTestEngine(config('traces/a'), { exporters: { memory: exporterType(memory) } });
  const send = async (tenant: string) => {
    const client = createOtlpHttpClient({
      endpoint: test.url('http'),
      headers: { 'x-tenant': tenant },
      compression: 'none',
      encoding: 'proto',
      clock: systemClock,
    });
    expect(await client.export('traces', requestOf(['1']), { signal: AbortSignal.timeout(5000) })).toEqual(DELIVERED);
    await client.close();
  };
  await send('acme');
  await test.engine.reload(config('traces/b'));
  await send('acme');
  await send('nobody');
  expect(test.engine.snapshot().pipelines).toMatchObject([
    { id: 'traces/a', ledger: { received: 1, delivered: 1 } },
    { id: 'traces/b', ledger: { received: 1, delivered: 1 } },
    { id: 'traces/in', ledger: { received: 3, delivered: 2, dropped: { no_route: 1 } }, exporters: [] },
  ]);
  await test.stop();
});

describe('a connector that chooses', () => {
  it('gives a batch to the pipelines it chooses and to no other: delivered in front, received behind', () => {
    const [a, b, c] = ['traces/a', 'traces/b', 'traces/c'].map((id) => pipeline(id, take));
    const { account, consume } = setUp(['traces/a', 'traces/c'], [a!, b!, c!]);
    expect(consume(batchOf(['1', '2']))).toEqual(ACCEPTED);
    expect(account.row()).toMatchObject({ received: 2, delivered: 2 });
    expect([a!, b!, c!].map((one) => one.account.received)).toEqual([2, 0, 2]);
    expect(unaccounted(account, a!.account, b!.account, c!.account)).toEqual([0, 0, 0, 0]);
  });

  it('drops what has no route, counted and told', () => {
    const a = pipeline('traces/a', take);
    const { account, deps, consume } = setUp([], [a]);
    expect(consume(batchOf(['1', '2']))).toEqual(ACCEPTED);
    expect(account.row()).toMatchObject({ delivered: 0, dropped: { no_route: 2 }, unaccounted: 0 });
    expect(deps.lines).toMatchObject([
      { level: 'error', fields: { connector: 'routing', cause: 'no_route', items: 2 } },
    ]);
  });

  it('tells the sender what one pipeline refuses, although others took it', () => {
    const a = pipeline('traces/a', take);
    const b = pipeline('traces/b', (batch, account) => refuse(batch, [account], REFUSAL));
    const { account, consume } = setUp(['traces/a', 'traces/b'], [a, b]);
    expect(consume(batchOf(['1']))).toMatchObject({ status: 'refused', retryable: true });
    expect(account.row()).toMatchObject({ delivered: 0, refused: 1, unaccounted: 0 });
    expect(unaccounted(a.account, b.account)).toEqual([0, 0]);
  });

  it('has passed on what is lost behind it when the sender has its answer', () => {
    const b = pipeline('traces/b', (batch, account) => refuse(batch, [account], REFUSAL));
    const { account, consume } = setUp(['traces/b'], [b]);
    consume(batchOf(['1'], { acknowledged: true }));
    expect(account.row()).toMatchObject({ delivered: 1, refused: 0, unaccounted: 0 });
    expect(b.account.row()).toMatchObject({ dropped: { queue_full: 1 }, unaccounted: 0 });
  });

  it('holds what waits for an answer', async () => {
    let answer = (_: Verdict): void => {};
    const a = pipeline('traces/a', (batch, account) => {
      account.held += batch.itemCount;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const { account, consume } = setUp(['traces/a'], [a]);
    const verdict = consume(batchOf(['1']));
    expect(account.row()).toMatchObject({ queued: 1, unaccounted: 0 });
    answer(ACCEPTED);
    expect(await verdict).toEqual(ACCEPTED);
    expect(account.row()).toMatchObject({ queued: 0, delivered: 1, unaccounted: 0 });
  });
});
