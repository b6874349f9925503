import { createRandom } from '../../load/index.ts';
import { allCells, cellsOf, profileOf } from '../experiment/cells.ts';
import type { Cell, Experiment } from '../experiment/experiment.ts';
import { runPlan } from '../experiment/run-plan.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { ExecutionOptions, PlannedRun } from './execution.ts';

/**
 * Every run, in the order in which they are carried out: all cells once in random order, then all once again, so that the
 * drift of a machine meets all of them alike, and an execution that ends early has measured each about as often.
 */
export function planRuns(experiment: Experiment, options: ExecutionOptions): readonly PlannedRun[] {
  const profile = profileOf(experiment, options.profile);
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

/** The cells that are measured: one that is named need not be one of the profile, a pattern chooses among those. */
export function chosenCells(experiment: Experiment, { cells, profile }: ExecutionOptions): readonly Cell[] {
  const usual = cellsOf(experiment, profile);
  if (cells === undefined || cells.length === 0) return usual;
  const isUsual = (cell: Cell) => usual.some(({ id }) => id === cell.id);
  return allCells(experiment).filter((cell) =>
    cells.some((one) => one === cell.id || (one.includes('*') && isUsual(cell) && fits(cell.id, one))),
  );
}

/** `engine.*` fits what begins with `engine.`; `*` stands for any text. */
function fits(id: string, pattern: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${literal.join('.*')}$`).test(id);
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
