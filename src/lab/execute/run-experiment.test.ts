import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleExperiment } from '../../../test/testkit/experiment.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { CodedError, sleep } from '../../lib/index.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { Runner, RunPlan } from '../run.ts';
import { RUN_SKIPPED } from '../runners/run-skipped.ts';
import type { ExecutionOptions, Progress } from './execution.ts';
import { planRuns } from './plan-runs.ts';
import { runExperiment } from './run-experiment.ts';

const experiment = exampleExperiment();
const BALANCED = { balanced: true, acknowledged: 100, unaccounted: 0, queued: 0, unknown: 0, lossByCause: {} };
const RUN_MS = 20_000;

describe('the order of runs', () => {
  it('has each cell as often as it is repeated, every cell once before any comes again', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, repetitions) => {
        const runs = planRuns(experiment, { profile: 'full', seed, repetitions });
        expect(runs).toHaveLength(7 * repetitions);
        for (let block = 0; block < repetitions; block++) {
          const inBlock = runs.slice(block * 7, block * 7 + 7);
          expect(new Set(inBlock.map(({ cell }) => cell.id)).size).toBe(7);
          for (const run of inBlock) expect([run.repetition, run.plan.seed]).toEqual([block + 1, seed + block]);
        }
      }),
    );
  });

  it('is decided by the seed alone, and differs from seed to seed and from repetition to repetition', () => {
    const order = (seed: number) => planRuns(experiment, { profile: 'full', seed }).map(({ cell }) => cell.id);
    expect(order(3)).toEqual(order(3));
    expect(order(3)).not.toEqual(order(4));
    expect(order(3).slice(0, 7)).not.toEqual(order(3).slice(7, 14));
  });

  it('has the cells that are named, those outside the profile too; a pattern chooses among those of the profile', () => {
    const ids = (cells: readonly string[]) =>
      [...new Set(planRuns(experiment, { profile: 'quick', seed: 1, cells }).map(({ cell }) => cell.id))].sort();
    expect(ids(['engine.per-signal.dead.x1'])).toEqual(['engine.per-signal.dead.x1']);
    expect(ids(['engine.*'])).toEqual(['engine.shared.dead.x1', 'engine.shared.dead.x2', 'engine.shared.none.x1']);
    expect(ids(['*.dead.x1'])).toEqual(['engine.shared.dead.x1', 'otelcol.shared.dead.x1']);
  });

  it('of one run alone is the run of that seed', () => {
    const third = planRuns(experiment, { profile: 'full', seed: 5 }).find((run) => run.repetition === 3)!;
    const again = planRuns(experiment, { profile: 'full', seed: 7, repetitions: 1, cells: [third.cell.id] });
    expect(again.map(({ plan }) => plan)).toEqual([third.plan]);
  });
});

/** Carries plans out in no time of its own: what it answers is up to the test. */
async function execute(
  answer: (plan: RunPlan, count: number) => Awaited<ReturnType<Runner['run']>> | Error,
  options: Partial<ExecutionOptions> = {},
  abortAfterMs?: number,
) {
  const clock = createFakeClock();
  const abort = new AbortController();
  const records: RunRecord[] = [];
  const progress: Progress[] = [];
  let count = 0;
  const runner: Runner = {
    async run(plan, { signal }) {
      await sleep(clock, RUN_MS, signal);
      const result = answer(plan, count++);
      if (result instanceof Error) throw result;
      return result;
    },
  };
  if (abortAfterMs !== undefined) clock.after(abortAfterMs, () => abort.abort(new Error('Ctrl-C')));
  const all = { profile: 'quick', seed: 1, ...options } as const;
  const finished = runExperiment(experiment, all, runner, {
    clock,
    record: (run) => records.push(run),
    progress: (now) => progress.push(now),
    say: () => {},
    signal: abort.signal,
  });
  await clock.advance(RUN_MS * 20);
  return { finished: await finished, records, progress };
}

const good = () => ({ figures: { goodput_percent: 100 }, series: {}, ledger: BALANCED });

describe('an execution', () => {
  it('records every run with what is needed to repeat it', async () => {
    const { finished, records } = await execute(good);
    expect(finished).toBe(true);
    expect(records).toHaveLength(5);
    expect(records[0]).toMatchObject({ repetition: 1, seed: 1, seconds: 20, status: 'ok', ledger: BALANCED });
    expect(records[0]?.startedAt).toBe('2023-11-14T22:13:20.000Z');
  });

  it('tells how far it is, and learns from runs how long the rest takes', async () => {
    const { progress } = await execute(good);
    expect(progress.map(({ done, total }) => `${done}/${total}`)).toEqual(['0/5', '1/5', '2/5', '3/5', '4/5', '5/5']);
    // The profile says 1 s, 10 s and 4 s a run; they take 20 s.
    expect(progress.map(({ leftMs }) => leftMs)).toEqual([75_000, 80_000, 60_000, 40_000, 20_000, 0]);
    expect(progress.at(-1)?.run).toBeUndefined();
  });

  it('goes on after a run that could not be carried out, and names what this machine cannot do', async () => {
    const { finished, records } = await execute((_, count) => {
      if (count === 0) return new Error('gateway ended with 4');
      return count === 1 ? new CodedError(RUN_SKIPPED, 'filling a disk needs root') : good();
    });
    expect(finished).toBe(true);
    expect(records.map(({ status, problem }) => [status, problem]).slice(0, 3)).toEqual([
      ['failed', 'gateway ended with 4'],
      ['skipped', 'filling a disk needs root'],
      ['ok', undefined],
    ]);
  });

  it('marks a run whose ledger does not balance', async () => {
    const ledger = { ...BALANCED, balanced: false, unaccounted: 3 };
    const { records } = await execute(() => ({ ...good(), ledger }));
    expect(records[0]?.status).toBe('unbalanced');
    expect(records[0]?.problem).toBe('the ledger does not balance: 3 of 100 items are unaccounted for');
  });

  it('ends at once when it is aborted, and keeps what was measured', async () => {
    const { finished, records } = await execute(good, {}, 2.5 * RUN_MS);
    expect(finished).toBe(false);
    expect(records).toHaveLength(2);
  });

  it('goes on where another ended: what was measured is not measured again, what failed is', async () => {
    const first = await execute((_, count) => (count === 1 ? new Error('no') : good()), {}, 3.5 * RUN_MS);
    expect(first.records.map(({ status }) => status)).toEqual(['ok', 'failed', 'ok']);
    const second = await execute(good, { done: first.records });
    expect(second.finished).toBe(true);
    expect(second.progress[0]).toMatchObject({ done: 2, total: 5 });
    const cells = [...first.records, ...second.records].filter(({ status }) => status === 'ok').map(({ cell }) => cell);
    expect(new Set(cells).size).toBe(5);
    expect(cells).toHaveLength(5);
  });
});
