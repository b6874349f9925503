import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createRunner,
  planRuns,
  RUN_SKIPPED,
  type RunPlan,
  type RunResult,
  readExperiment,
} from '../../src/lab/index.ts';
import { errorCode, errorMessage, systemClock } from '../../src/lib/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { createHome } from '../testkit/sluice.ts';

/** Short and light: whether every experiment can be carried out, not what comes out. */
const WARM_UP_MS = 500;
const DURATION_MS = 3000;
const MOST_ITEMS_PER_SECOND = 1000;
const SMALL_BACKLOG_BYTES = 2 * 2 ** 20;

const ROOT = join(import.meta.dirname, '../..');
const peer = requirePeer('otelcol');
const home = createHome();
afterAll(() => home.remove());

const runner = createRunner({
  sluice: [join(ROOT, 'bin/sluice')],
  otelcol: peer.status === 'ready' ? { path: peer.path } : { missing: peer.reason },
  clock: systemClock,
  folder: join(home.path, 'runs'),
});

/** Cells of each experiment that differ in what has to be done for them. */
const CELLS: Readonly<Record<string, readonly string[]>> = {
  isolation: [
    'engine.shared.sluice.dead.spans-10k.640mi.queue-default',
    'engine.shared.sluice.poison.spans-10k.640mi.queue-default',
    'engine.shared.durable.recovers.spans-10k.640mi.queue-default',
    'engine.shared.durable.long-backlog.spans-10k.640mi.queue-6gi',
    'engine.shared.durable.disk-full.spans-10k.640mi.queue-default',
    'engine.shared.sluice.squeezed.spans-10k.640mi.queue-default',
    'engine.per-pipeline.sluice.killed.spans-10k.640mi.queue-default',
    'otelcol.shared.sluice.partial.spans-10k.640mi.queue-default',
    'otelcol.shared.file-storage.dead.spans-10k.640mi.queue-default',
  ],
  'shared-or-per-signal': ['engine.per-signal.crash.even', 'otelcol.shared.healthy.even'],
  'processing-ha': [
    'engine.sluice.outputs-3.full-speed.x1.processes',
    'engine.durable.kill.steady.x2.processes',
    'otelcol.sluice.change.steady.x2.processes',
  ],
};

function lightened(plan: RunPlan): RunPlan {
  return {
    ...plan,
    ...(plan.backlogBytes === undefined ? {} : { backlogBytes: SMALL_BACKLOG_BYTES }),
    load: plan.load.map((load) => ({
      ...load,
      itemsPerSecond: Math.min(load.itemsPerSecond || MOST_ITEMS_PER_SECOND, MOST_ITEMS_PER_SECOND),
    })),
    faults: plan.faults.map((fault, index) => ({ ...fault, afterMs: 1000 * (index + 1) })),
    warmUpMs: WARM_UP_MS,
    durationMs: DURATION_MS,
  };
}

describe.each(Object.keys(CELLS))('experiment %s', (question) => {
  const file = join(ROOT, 'experiments', question, 'experiment.yaml');
  const { experiment, issues } = readExperiment({ file, text: readFileSync(file, 'utf8') }, question);
  const runs = planRuns(experiment!, { profile: 'full', seed: 1, repetitions: 1, cells: CELLS[question]! });
  const results: RunResult[] = [];

  it('is without mistakes, and has the cells that are tried here', () => {
    expect(issues).toEqual([]);
    expect(runs.map(({ cell }) => cell.id).sort()).toEqual([...CELLS[question]!].sort());
  });

  for (const run of runs) {
    const withoutPeer = run.plan.runner === 'otelcol' && peer.status === 'missing';
    it.skipIf(withoutPeer)(`carries out ${run.cell.id}, and its ledger balances`, async (context) => {
      const said: string[] = [];
      const running = runner.run(lightened(run.plan), {
        signal: new AbortController().signal,
        say: (line) => void said.push(line),
      });
      const result = await running.catch((error: unknown) => {
        // Some faults need rights, to mount or to limit, that not every machine gives.
        if (errorCode(error) === RUN_SKIPPED) context.skip(errorMessage(error));
        throw error;
      });
      results.push(result);
      expect(result.ledger, JSON.stringify({ result, said })).toMatchObject({ balanced: true, unaccounted: 0 });
      expect(result.ledger.acknowledged).toBeGreaterThan(0);
      expect(result.figures['delivered_per_second']).toBeGreaterThan(0);
      expect(result.figures['rss_peak_mib']).toBeGreaterThan(10);
      const lengths = Object.values(result.series).map((series) => series.length);
      expect(new Set(lengths)).toEqual(new Set([DURATION_MS / 1000]));
      expect(Object.values(result.figures).every(Number.isFinite), JSON.stringify(result.figures)).toBe(true);
    });
  }

  it.skipIf(peer.status === 'missing')('lists no figure that no run yields', () => {
    const yielded = new Set(results.flatMap(({ figures }) => Object.keys(figures)));
    const listed = experiment!.figures.map(({ name }) => name);
    expect(listed.filter((name) => !yielded.has(name))).toEqual([]);
  });
});
