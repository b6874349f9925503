import { createRandom } from '../../load/index.ts';
import { allCells, cellsOf } from '../experiment/cells.ts';
import type { Cell, Experiment } from '../experiment/experiment.ts';
import { runPlan } from '../experiment/run-plan.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { ExecutionOptions, PlannedRun } from './execution.ts';

/**
 * Every run, in the order in which they are carried out: all cells once in random order, then all once again, so that the
 * drift of a machine meets all of them alike, and an execution that ends early has measured each about as often.
 */
export function planRuns(experiment: Experiment, options: ExecutionOptions): readonly PlannedRun[] {
  const profile = experiment.profiles[options.profile];
  const cells = chosenCells(experiment, options);
  const random = createRandom(options.seed);
  return Array.from({ length: options.repetitions ?? profile.repetitions }, (_, index) =>
    shuffled(cells, (below) => random.integer(0, below - 1)).map((cell) => ({
      cell,
      repetition: index + 1,
      plan: runPlan(experiment, cell, profile, options.seed + index),
    })),
  ).flat();
}

/** What is left to do when some runs were carried out before. One that yielded nothing is carried out again. */
export function withoutDone(runs: readonly PlannedRun[], done: readonly RunRecord[]): readonly PlannedRun[] {
  return runs.filter(
    ({ cell, plan }) =>
      !done.some(
        (one) => one.cell === cell.id && one.seed === plan.seed && (one.status === 'ok' || one.status === 'unbalanced'),
      ),
  );
}

/** A cell that is named need not be one of the profile. */
function chosenCells(experiment: Experiment, { cells, profile }: ExecutionOptions): readonly Cell[] {
  if (cells === undefined || cells.length === 0) return cellsOf(experiment, profile);
  return allCells(experiment).filter(({ id }) => cells.includes(id));
}

/** Fisher and Yates. */
function shuffled<T>(values: readonly T[], below: (bound: number) => number): readonly T[] {
  const left = [...values];
  for (let end = left.length - 1; end > 0; end--) {
    const at = below(end + 1);
    [left[end], left[at]] = [left[at]!, left[end]!];
  }
  return left;
}
