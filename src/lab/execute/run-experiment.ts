import { errorCode, errorMessage } from '../../lib/index.ts';
import { profileOf } from '../experiment/cells.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { Runner, RunResult } from '../run.ts';
import { RUN_SKIPPED } from '../runners/run-skipped.ts';
import type { ExecutionEffects, ExecutionOptions, PlannedRun } from './execution.ts';
import { planRuns, withoutDone } from './plan-runs.ts';
import { timeLeftMs } from './time-left.ts';

/**
 * Carries the runs of an experiment out, one after another, and hands on a record of each. A run that fails is recorded and
 * the others go on. Resolves with whether all were carried out; false after an abort.
 */
export async function runExperiment(
  experiment: Experiment,
  options: ExecutionOptions,
  runner: Runner,
  effects: ExecutionEffects,
): Promise<boolean> {
  const all = planRuns(experiment, options);
  const runs = withoutDone(all, options.done ?? []);
  const profile = profileOf(experiment, options.profile);
  const tookMs: number[] = [];
  const before = all.length - runs.length;
  for (const [index, run] of runs.entries()) {
    if (effects.signal.aborted) return false;
    const leftMs = timeLeftMs(runs.length - index, profile, tookMs);
    effects.progress({ done: before + index, total: all.length, leftMs, run });
    const record = await carryOut(run, runner, effects);
    if (record === undefined) return false;
    tookMs.push(record.seconds * 1000);
    effects.record(record);
  }
  effects.progress({ done: all.length, total: all.length, leftMs: 0 });
  return true;
}

/** Undefined when it was aborted: half a measurement is none. */
async function carryOut(run: PlannedRun, runner: Runner, effects: ExecutionEffects): Promise<RunRecord | undefined> {
  const { clock, signal, say } = effects;
  const startedAt = new Date(clock.nowMs()).toISOString();
  const startMs = clock.monotonicMs();
  let outcome: Outcome;
  try {
    outcome = outcomeOf(await runner.run(run.plan, { signal, say }));
  } catch (error) {
    if (signal.aborted) return undefined;
    const status = errorCode(error) === RUN_SKIPPED ? 'skipped' : 'failed';
    outcome = { status, problem: errorMessage(error), figures: {}, series: {} };
  }
  return {
    cell: run.cell.id,
    coordinates: run.cell.coordinates,
    repetition: run.repetition,
    seed: run.plan.seed,
    startedAt,
    seconds: Math.round(clock.monotonicMs() - startMs) / 1000,
    ...outcome,
  };
}

type Outcome = Pick<RunRecord, 'status' | 'problem' | 'figures' | 'censored' | 'series' | 'ledger'>;

function outcomeOf({ figures, censored = [], series, ledger }: RunResult): Outcome {
  const measured = { figures, ...(censored.length === 0 ? {} : { censored }), series, ledger };
  if (ledger.balanced) return { status: 'ok', ...measured };
  const problem = `the ledger does not balance: ${ledger.unaccounted} of ${ledger.acknowledged} items are unaccounted for`;
  return { status: 'unbalanced', problem, ...measured };
}
