import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertAccounts, batchOf, namesOf, testDeps } from '../../../test/testkit/engine.ts';
import { createFakeClock, settle } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import type { ComponentConfig, ComponentId } from '../../otelcol/index.ts';
import { pipelineId } from '../../otelcol/index.ts';
import { ACCEPTED, type Batch, type Consumer, type Verdict } from '../batch.ts';
import type { ProcessorFactory, ProcessorInstance } from '../component.ts';
import { createFanout } from '../service/fanout.ts';
import { fusedStages } from '../service/fused-stages.ts';
import { Retries } from '../service/retries.ts';
import { attributesProcessor } from './attributes.ts';
import { batchProcessor } from './batch.ts';
import { filterProcessor } from './filter.ts';
import { memoryLimiterProcessor } from './memory-limiter.ts';
import { resourceProcessor } from './resource.ts';
import { Scratch } from './scratch.ts';
import { transformProcessor } from './transform.ts';

/** What lent memory holds once it was given back: read as a request it is none. */
const POISON = 0xff;

/** Hands a batch on in memory that is lent, where the consumer borrows, and written over as soon as it may be. */
function lendTo(consumer: Consumer, batch: Batch): Verdict | Promise<Verdict> {
  if (consumer.borrows !== true) return consumer.consume(batch);
  // A view into a Buffer, as what comes from sockets is: its `slice` copies nothing.
  const lent = Buffer.from(batch.bytes);
  try {
    return consumer.consume({ ...batch, bytes: lent });
  } finally {
    lent.fill(POISON);
  }
}

/** Borrows, and keeps names only. */
function borrower(): Consumer & { readonly names: string[]; readonly views: Uint8Array[] } {
  const names: string[] = [];
  const views: Uint8Array[] = [];
  return {
    names,
    views,
    borrows: true,
    consume(batch) {
      names.push(...namesOf(batch));
      views.push(batch.bytes);
      return ACCEPTED;
    },
  };
}

/** Does not borrow: looks at everything when all is over. */
function keeper(): Consumer & { readonly batches: Batch[] } {
  const batches: Batch[] = [];
  return {
    batches,
    consume(batch) {
      batches.push(batch);
      return ACCEPTED;
    },
  };
}

const clock = createFakeClock();
const deps = testDeps(clock);

function instanceOf(factory: ProcessorFactory, type: string, settings: object): ProcessorInstance {
  return factory.create(settings as ComponentConfig, { id: type as ComponentId, deps });
}

function attach(instances: readonly ProcessorInstance[], next: Consumer, accounts: readonly Account[] = []): Consumer {
  const scratch = new Scratch();
  return fusedStages(instances, 'traces').reduceRight<Consumer>(
    (behind, stage) =>
      stage.attach({ pipeline: pipelineId('traces'), signal: 'traces', next: behind, scratch, accounts }),
    next,
  );
}

const LIMITER = instanceOf(memoryLimiterProcessor, 'memory_limiter', { check_interval: '1s', limit_mib: 8192 });
const RESOURCE = instanceOf(resourceProcessor, 'resource', {
  attributes: [{ key: 'cluster', value: 'a', action: 'upsert' }],
});
const ATTRIBUTES = instanceOf(attributesProcessor, 'attributes', {
  actions: [{ key: 'team', value: 'b', action: 'upsert' }],
});
const FILTER = instanceOf(filterProcessor, 'filter', { error_mode: 'ignore', traces: { span: ['name == "drop"'] } });
const TRANSFORM = instanceOf(transformProcessor, 'transform', {
  error_mode: 'ignore',
  trace_statements: [{ context: 'span', statements: ['set(name, Concat([name, "!"], ""))'] }],
});
const CHAIN = [LIMITER, RESOURCE, ATTRIBUTES, FILTER, TRANSFORM, RESOURCE];
const STAGES = { LIMITER, RESOURCE, ATTRIBUTES, FILTER, TRANSFORM };

describe('stages in front of a consumer that borrows', () => {
  for (const [name, instance] of Object.entries(STAGES)) {
    it(`${name} borrows as the next one does, and passes on the same`, () => {
      const [lent, kept] = [borrower(), keeper()];
      const [lending, keeping] = [attach([instance], lent), attach([instance], kept)];
      expect([lending.borrows, keeping.borrows]).toEqual([true, false]);
      for (const names of [['a', 'drop', 'b'], ['drop'], ['a long name, so that more is written', 'c'], ['d']]) {
        lendTo(lending, batchOf(names));
        lendTo(keeping, batchOf(names));
      }
      expect(lent.names).toEqual(kept.batches.flatMap(namesOf));
    });
  }

  it('what they write for a consumer that keeps it is never written over', () => {
    const kept = keeper();
    const chain = attach(CHAIN, kept);
    for (let i = 0; i < 20; i++) lendTo(chain, batchOf([`span ${i}`]));
    expect(kept.batches.map(namesOf)).toEqual(Array.from({ length: 20 }, (_, i) => [`span ${i}!`]));
  });

  it('what they write for one that borrows lies in the same memory from request to request', () => {
    const lent = borrower();
    const chain = attach([TRANSFORM], lent);
    for (let i = 0; i < 20; i++) lendTo(chain, batchOf([`span ${i}`]));
    expect(new Set(lent.views.map(({ buffer }) => buffer)).size).toBe(1);
    expect(lent.names).toEqual(Array.from({ length: 20 }, (_, i) => `span ${i}!`));
  });

  it('a request that comes back to a stage on its way is written to other memory', () => {
    const seen: string[] = [];
    let again = true;
    const next: Consumer = {
      borrows: true,
      consume(batch) {
        if (again) {
          again = false;
          lendTo(stage, batchOf(['inner']));
        }
        seen.push(...namesOf(batch));
        return ACCEPTED;
      },
    };
    const stage = attach([TRANSFORM], next);
    lendTo(stage, batchOf(['outer']));
    expect(seen).toEqual(['inner!', 'outer!']);
  });

  it('a fan-out borrows if all of its branches do', () => {
    const fanout = (...consumers: Consumer[]) => {
      const branches = consumers.map((consumer, i) => ({ name: String(i), consumer, accounts: [] }));
      return createFanout(branches, new Retries(testDeps()));
    };
    expect(fanout(borrower(), borrower()).borrows).toBe(true);
    expect(fanout(borrower(), keeper()).borrows).toBe(false);
    expect(fanout(borrower()).borrows).toBe(true);
  });
});

const settingsArbitrary = fc.record({
  size: fc.integer({ min: 0, max: 12 }),
  above: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
  timeout: fc.constantFrom('0s', '1s'),
  metadata_keys: fc.constantFrom([], ['x-tenant']),
});
const stepsArbitrary = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('request' as const), items: fc.integer({ min: 1, max: 20 }) }),
    fc.constant({ kind: 'time' as const }),
    fc.constant({ kind: 'taken' as const }),
  ),
  { maxLength: 30 },
);

describe('the batch processor', () => {
  it('delivers every item once and in order out of memory that was lent and written over', async () => {
    await fc.assert(
      fc.asyncProperty(settingsArbitrary, stepsArbitrary, fc.boolean(), async (settings, steps, slow) => {
        const time = createFakeClock();
        const account = new Account();
        const passed: Batch[] = [];
        const open: ((verdict: Verdict) => void)[] = [];
        const next: Consumer = {
          consume(batch) {
            passed.push(batch);
            account.delivered += batch.itemCount;
            return slow ? new Promise((resolve) => open.push(resolve)) : ACCEPTED;
          },
        };
        const { size, above, ...rest } = settings;
        const most = above === undefined ? 0 : Math.max(1, size) + above;
        const config = { ...rest, send_batch_size: size, send_batch_max_size: most };
        const stage = batchProcessor.create(config, { id: 'batch' as ComponentId, deps: testDeps(time) }).attach({
          pipeline: pipelineId('traces'),
          signal: 'traces',
          next,
          scratch: new Scratch(),
          accounts: [account],
        });
        const chain = attach(CHAIN, stage);
        const sent: string[] = [];
        const answers: (Verdict | Promise<Verdict>)[] = [];
        for (const step of steps) {
          if (step.kind === 'time') await time.advance(1000);
          else if (step.kind === 'taken') open.shift()?.(ACCEPTED);
          else {
            const names = Array.from({ length: step.items }, (_, i) => `${sent.length + i}`);
            sent.push(...names.map((name) => `${name}!`));
            account.received += step.items;
            answers.push(lendTo(chain, batchOf(names)));
          }
          await settle();
        }
        let flushed = false;
        const flushing = stage.flush!().then(() => {
          flushed = true;
        });
        while (!flushed) {
          for (const take of open.splice(0)) take(ACCEPTED);
          await settle();
        }
        await flushing;
        expect(passed.flatMap(namesOf)).toEqual(sent);
        if (most > 0) expect(Math.max(0, ...passed.map(({ itemCount }) => itemCount))).toBeLessThanOrEqual(most);
        for (const answer of await Promise.all(answers)) expect(answer).toBe(ACCEPTED);
        assertAccounts([account], { drained: true });
      }),
      { numRuns: 150 },
    );
  });

  it('borrows where it gathers, and not where every request goes out by itself', () => {
    const borrows = (settings: object) => attach([instanceOf(batchProcessor, 'batch', settings)], keeper()).borrows;
    expect(borrows({})).toBe(true);
    expect(borrows({ metadata_keys: ['x-tenant'] })).toBe(true);
    expect(borrows({ timeout: '0s' })).toBe(false);
    expect(borrows({ send_batch_size: 0 })).toBe(false);
    expect(borrows({ send_batch_size: 0, metadata_keys: ['x-tenant'] })).toBe(false);
  });

  it('sends batches that waste no more than an eighth of their memory', async () => {
    const kept = keeper();
    const stage = attach([instanceOf(batchProcessor, 'batch', { send_batch_size: 1000, timeout: '1s' })], kept);
    for (const count of [500, 3, 40, 41, 41, 2]) {
      for (let i = 0; i < count; i++) lendTo(stage, batchOf([`span ${i}`]));
      await clock.advance(1000);
    }
    expect(kept.batches.map(({ itemCount }) => itemCount)).toEqual([500, 3, 40, 41, 41, 2]);
    for (const { bytes } of kept.batches)
      expect(bytes.length).toBeGreaterThanOrEqual(bytes.buffer.byteLength * (7 / 8));
  });
});
