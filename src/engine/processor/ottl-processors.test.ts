import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertBalanced,
  batchOf,
  configOf,
  createTestBackend,
  exporterType,
  namesOf,
  REJECTED,
  startTestEngine,
  testDeps,
  UNAVAILABLE,
} from '../../../test/testkit/engine.ts';
import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { Account } from '../../flow/index.ts';
import type { ComponentConfig, ComponentId, PipelineId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { ACCEPTED, type Batch } from '../batch.ts';
import { checkEngineConfig } from '../engine.ts';
import { defaultQueue } from '../settings/queue.ts';
import { filterProcessor } from './filter.ts';
import { Scratch } from './scratch.ts';
import { transformProcessor } from './transform.ts';

const FACTORIES = { filter: filterProcessor, transform: transformProcessor } as const;

/** A stage in front of a consumer that takes everything. */
function stageOf(type: keyof typeof FACTORIES, settings: object, signal: Signal = 'traces') {
  const deps = testDeps();
  const id = `${type}/x` as ComponentId;
  const instance = FACTORIES[type].create(settings as ComponentConfig, { id, deps });
  const account = new Account();
  const passed: Batch[] = [];
  const next = {
    consume(batch: Batch) {
      passed.push(batch);
      account.delivered += batch.itemCount;
      return ACCEPTED;
    },
  };
  const processor = instance.attach({
    pipeline: `${signal}/p` as PipelineId,
    signal,
    next,
    scratch: new Scratch(),
    accounts: [account],
  });
  const consume = (batch: Batch) => {
    account.received += batch.itemCount;
    return processor.consume(batch);
  };
  return { consume, account, passed, deps, statements: () => instance.statements?.() ?? [] };
}

const SPANS = { error_mode: 'ignore', traces: { span: ['name == "drop"', 'name == "never"'] } };

describe('filter', () => {
  it('drops what meets a condition, and books it as filtered', () => {
    const { consume, account, passed } = stageOf('filter', SPANS);
    expect(consume(batchOf(['keep', 'drop', 'keep2']))).toBe(ACCEPTED);
    expect(passed.map(namesOf)).toEqual([['keep', 'keep2']]);
    expect(passed[0]!.itemCount).toBe(2);
    expect(account.row()).toMatchObject({ received: 3, filtered: 1, delivered: 2, unaccounted: 0 });
  });

  it('passes a batch on as the same object when it drops nothing, and no batch when it drops all', () => {
    const { consume, passed, account } = stageOf('filter', SPANS);
    const batch = batchOf(['keep']);
    consume(batch);
    expect(passed[0]).toBe(batch);
    expect(consume(batchOf(['drop', 'drop']))).toBe(ACCEPTED);
    expect(passed).toHaveLength(1);
    expect(account.row()).toMatchObject({ filtered: 2, unaccounted: 0 });
  });

  it('counts how often each condition was met and failed', () => {
    const { consume, statements, deps } = stageOf('filter', {
      error_mode: 'ignore',
      traces: { span: ['ParseJSON(name) != nil', 'name == "drop"', 'name == "never"'] },
    });
    consume(batchOf(['keep', 'drop', 'drop']));
    expect(statements().map(({ matched, failed }) => [matched, failed])).toEqual([
      [0, 3],
      [2, 0],
      [0, 0],
    ]);
    const text = deps.metrics.renderPrometheus();
    expect(text).toContain('otelcol_processor_filter_spans_filtered{filter="filter/x"} 2');
  });

  it('leaves other signals alone', () => {
    const { consume, passed } = stageOf('filter', SPANS, 'logs');
    const batch = batchOf(['drop'], { signal: 'logs' });
    consume(batch);
    expect(passed).toEqual([batch]);
  });
});

describe('transform', () => {
  const BROKEN = 'set(span.name, "x") where ParseJSON(span.name) != nil';

  it('refuses the batch when a failure is propagated, and the sender may try again', () => {
    const { consume, account, passed } = stageOf('transform', { trace_statements: [BROKEN] });
    const verdict = consume(batchOf(['a', 'b']));
    expect(verdict).toMatchObject({ status: 'refused', retryable: true, message: expect.stringContaining(BROKEN) });
    expect(passed).toEqual([]);
    expect(account.row()).toMatchObject({ received: 2, refused: 2, unaccounted: 0 });
  });

  it('drops what it cannot refuse any more', () => {
    const { consume, account } = stageOf('transform', { trace_statements: [BROKEN] });
    consume(batchOf(['a', 'b'], { acknowledged: true }));
    expect(account.row()).toMatchObject({ dropped: { invalid: 2 }, refused: 0, unaccounted: 0 });
  });

  it('goes on after a failure that is ignored, tells of it once in a while, and counts every one', () => {
    const { consume, passed, statements, deps } = stageOf('transform', {
      error_mode: 'ignore',
      trace_statements: [BROKEN, 'set(span.name, "after")'],
    });
    for (let i = 0; i < 3; i++) consume(batchOf(['a', 'b']));
    expect(passed.map(namesOf)).toEqual(Array.from({ length: 3 }, () => ['after', 'after']));
    expect(statements()[0]).toMatchObject({ text: BROKEN, matched: 0, failed: 6 });
    expect(deps.lines.filter((line) => line.message === 'OTTL statement failed')).toHaveLength(1);
  });

  it('counts the conditions of each group beside its statements, with when one failed', () => {
    const groups = [
      { context: 'span', conditions: ['name == "a"'], statements: ['set(name, "b")'] },
      { context: 'span', conditions: ['ParseJSON(name)["x"] == 1', 'name == "b"'], statements: ['set(name, "c")'] },
    ];
    const stage = stageOf('transform', { error_mode: 'ignore', trace_statements: groups });
    stage.consume(batchOf(['a', 'other']));
    expect(
      stage.statements().map(({ part, index, asked, matched, failed, lastFailedMs }) => ({
        at: `${part} ${index}`,
        asked,
        matched,
        failed,
        ...(lastFailedMs !== undefined && { lastFailedMs }),
      })),
    ).toEqual([
      { at: 'statement 0', asked: 1, matched: 1, failed: 0 },
      { at: 'statement 1', asked: 1, matched: 1, failed: 0 },
      { at: 'condition 0', asked: 2, matched: 1, failed: 0 },
      { at: 'condition 1', asked: 2, matched: 0, failed: 2, lastFailedMs: expect.any(Number) },
      { at: 'condition 2', asked: 2, matched: 1, failed: 0 },
    ]);
  });

  it('books metrics that statements make as created, and those they merge as merged', () => {
    const made = stageOf(
      'transform',
      { metric_statements: ['copy_metric(name="copy") where metric.name != "copy"'] },
      'metrics',
    );
    made.consume(batchOf(['a', 'b'], { signal: 'metrics' }));
    expect(made.passed[0]!.itemCount).toBe(4);
    expect(made.account.row()).toMatchObject({ received: 2, created: 2, delivered: 4, unaccounted: 0 });
    const merged = stageOf(
      'transform',
      { metric_statements: ['aggregate_on_attributes("sum", []) where metric.name != ""'] },
      'metrics',
    );
    const value = { case: 'asInt', value: 1n };
    const dataPoints = [1, 2, 3].map((i) => ({
      value,
      attributes: [{ key: 'k', value: { value: { case: 'intValue', value: BigInt(i) } } }],
    }));
    const metrics = [{ name: 'm', data: { case: 'gauge', value: { dataPoints } } }];
    const bytes = encodeRequest('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    merged.consume({ signal: 'metrics', bytes, itemCount: 3, acknowledged: false });
    expect(merged.account.row()).toMatchObject({ received: 3, merged: 2, delivered: 1, unaccounted: 0 });
  });
});

describe('settings of filter and transform', () => {
  const check = (processors: object) =>
    checkEngineConfig(
      configOf({
        processors: processors as Readonly<Record<string, unknown>>,
        exporters: { debug: {} },
        pipelines: { 'traces/a': { processors: Object.keys(processors), exporters: ['debug'] } },
      }),
    );

  it.each([
    [
      'an unknown path',
      { transform: { trace_statements: ['set(span.nam, "x")'] } },
      ['transform', 'trace_statements', 0],
    ],
    [
      'a mistake in a group',
      { filter: { trace_conditions: [{ context: 'span', conditions: ['name == ', 'kind == 1'] }] } },
      ['filter', 'trace_conditions', 0, 'conditions', 0],
    ],
    [
      'a mistake in a list of a level',
      { filter: { traces: { span: ['nam == "x"'] } } },
      ['filter', 'traces', 'span', 0],
    ],
    ['another error mode', { filter: { error_mode: 'panic' } }, ['filter', 'error_mode']],
    [
      'what the engine lacks',
      { transform: { profile_statements: ['set(profile.x, 1)'] } },
      ['transform', 'profile_statements'],
    ],
    ['what the engine lacks of a filter', { filter: { spans: { include: {} } } }, ['filter', 'spans']],
    [
      'a context of another signal',
      { transform: { trace_statements: [{ context: 'log', statements: [] }] } },
      ['transform', 'trace_statements', 0, 'context'],
    ],
    ['both forms', { filter: { traces: { span: [] }, trace_conditions: [] } }, ['filter', 'trace_conditions']],
    [
      'groups after texts',
      { transform: { trace_statements: ['set(span.name, "x")', { statements: [] }] } },
      ['transform', 'trace_statements', 1],
    ],
  ])('are refused with %s', (_, processors, path) => {
    expect(check(processors).map((issue) => issue.path)).toEqual([['processors', ...path]]);
  });
});

describe('filters in a running engine', () => {
  it('balance whatever they drop, whatever the backends answer', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const answers = fc.array(fc.constantFrom('take', 'refuse', 'later'), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(name, { minLength: 1, maxLength: 6 }), { maxLength: 6 }),
        fc.subarray(['a', 'b', 'c', 'd']),
        answers,
        fc.boolean(),
        async (requests, dropped, script, queued) => {
          const memory = createTestBackend(queued ? { queue: { ...defaultQueue, capacity: 1000 } } : {});
          const pending = [...script];
          const take = memory.answer;
          memory.answer = (batch) => {
            const next = pending.shift();
            return next === 'refuse' ? REJECTED : next === 'later' ? UNAVAILABLE : take(batch);
          };
          const conditions = dropped.map((one) => `name == "${one}"`);
          const config = configOf({
            processors: {
              filter: { traces: { span: conditions } },
              transform: { trace_statements: ['set(span.attributes["x"], 1)'] },
            },
            exporters: { memory: {} },
            pipelines: { 'traces/a': { processors: ['filter', 'transform'], exporters: ['memory'] } },
          });
          const test = await startTestEngine(config, { exporters: { memory: exporterType(memory) } });
          for (const names of requests) {
            await test.send(names);
            assertBalanced(test.engine);
          }
          await test.stop();
          const { ledger } = test.engine.snapshot().pipelines[0]!;
          expect(ledger.filtered).toBe(requests.flat().filter((one) => dropped.includes(one)).length);
          expect(memory.taken.some((one) => dropped.includes(one as 'a'))).toBe(false);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keep what the queue holds when statements change', async () => {
    const memory = createTestBackend({ queue: { ...defaultQueue, capacity: 1000 } });
    let release = () => {};
    const taken = memory.answer;
    memory.answer = async (batch) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return taken(batch);
    };
    const config = (dropped: string) =>
      configOf({
        processors: { filter: { traces: { span: [`name == "${dropped}"`] } } },
        exporters: { memory: {} },
        pipelines: { 'traces/a': { processors: ['filter'], exporters: ['memory'] } },
      });
    const test = await startTestEngine(config('a'), { exporters: { memory: exporterType(memory) } });
    await test.send(['a', 'b']);
    const { started, stopped } = await test.engine.reload(config('b'));
    expect([started, stopped]).toEqual([['filter'], ['filter']]);
    const held = test.engine.snapshot().pipelines[0]!.ledger;
    expect(held).toMatchObject({ filtered: 1, queued: 1, unaccounted: 0 });
    memory.answer = taken;
    release();
    await test.send(['a', 'b']);
    await test.stop();
    expect(memory.taken).toEqual(['b', 'a']);
    expect(test.engine.snapshot().statements).toMatchObject([{ text: 'name == "b"', matched: 1 }]);
    expect(test.deps.metrics.renderPrometheus()).toContain(
      'sluice_ottl_statement_matched_total{index="0",otel_signal="traces",part="condition",processor="filter"} 1',
    );
  });
});
