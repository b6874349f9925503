import type { ExecutionOptions, PlannedRun } from '../execute/execution.ts';
import { planRuns } from '../execute/plan-runs.ts';
import { allCells, matchesAny, profileOf, same } from '../experiment/cells.ts';
import type { Cell, Comparison, Experiment } from '../experiment/experiment.ts';
import type { Machine } from '../machine.ts';
import { estimate } from '../statistics/estimate.ts';
import { median } from '../statistics/summary.ts';
import { checkCriterion } from './check-criterion.ts';
import { compareFigure } from './compare-figures.ts';
import { repeatCommand, repeatOfRun } from './repeat-command.ts';
import type { CellResults, ComparisonResults, FigureResults, LedgerSums, Results, RunProblem } from './results.ts';
import type { RunRecord } from './run-record.ts';

export interface Measured {
  readonly records: readonly RunRecord[];
  readonly options: ExecutionOptions;
  readonly machine: Machine;
  /** SHA-256 of experiment.yaml. */
  readonly experimentHash: string;
}

/** What the records of an execution sum up to. Only runs whose ledger balances count; of a run that was tried twice, the last. */
export function summarise(experiment: Experiment, { records, options, machine, experimentHash }: Measured): Results {
  const runs = planRuns(experiment, options);
  const found = runs.map((run) => ({ run, record: lastRecord(run, records) }));
  const cells = cellsIn(experiment, runs).map((cell) => cellResults(experiment, cell, { found, records, options }));
  const problems = found
    .flatMap(({ run, record }) => problemOf(experiment, run, record, options))
    .sort((a, b) => a.repetition - b.repetition || (a.cell < b.cell ? -1 : 1));
  return {
    version: 1,
    question: experiment.question,
    title: experiment.title,
    hypothesis: experiment.hypothesis,
    ...(experiment.why === undefined ? {} : { why: experiment.why }),
    limits: experiment.limits,
    conditions: { ...conditionsOf(experiment, records, options), experimentHash },
    machine,
    figures: experiment.figures,
    cells,
    comparisons: experiment.comparisons.map((one) => comparisonResults(experiment, one, cells)),
    problems,
    repeated: found.flatMap((one) => repeatedOf(experiment, one, { records, options })),
    criteria: experiment.criteria.map((one) => checkCriterion(one, cells)),
    complete: problems.length === 0,
  };
}

interface Found {
  readonly run: PlannedRun;
  readonly record: RunRecord | undefined;
}

function lastRecord(run: PlannedRun, records: readonly RunRecord[]): RunRecord | undefined {
  return records.findLast((one) => isOf(run, one));
}

function isOf({ cell, plan }: PlannedRun, { seed, coordinates }: RunRecord): boolean {
  return seed === plan.seed && same(coordinates, cell.coordinates);
}

/** In the order of the axes, which the runs are not in. */
function cellsIn(experiment: Experiment, runs: readonly PlannedRun[]): readonly Cell[] {
  const ids = new Set(runs.map(({ cell }) => cell.id));
  return allCells(experiment).filter(({ id }) => ids.has(id));
}

function conditionsOf(experiment: Experiment, records: readonly RunRecord[], options: ExecutionOptions) {
  const { profile, seed, repetitions } = options;
  const { warmUpMs, durationMs, repetitions: usual } = profileOf(experiment, profile);
  const starts = records.map(({ startedAt }) => startedAt).sort();
  return {
    profile,
    warmUpMs,
    durationMs,
    repetitions: repetitions ?? usual,
    seed,
    startedAt: starts[0] ?? '',
    repeat: repeatCommand({ question: experiment.question, ...options }),
  };
}

function cellResults(
  { question, scenarios, figures }: Experiment,
  cell: Cell,
  { found, records, options }: { readonly found: readonly Found[] } & Pick<Measured, 'records' | 'options'>,
): CellResults {
  const own = found.filter(({ run }) => run.cell.id === cell.id);
  const counted = own.flatMap(({ record }) => (record?.status === 'ok' ? [record] : []));
  const { title } = scenarios[cell.coordinates.scenario]!;
  const ended = (status: RunRecord['status']) =>
    records.filter((record) => record.status === status && own.some(({ run }) => isOf(run, record))).length;
  return {
    ...cell,
    ...(title === undefined ? {} : { scenarioTitle: title }),
    planned: own.length,
    counted: counted.length,
    unbalanced: ended('unbalanced'),
    failed: ended('failed'),
    figures: Object.fromEntries(
      figures.flatMap(({ name }): [string, FigureResults][] => {
        const having = counted.filter((record) => Number.isFinite(record.figures[name]));
        const values = having.map((record) => record.figures[name]!);
        const censored = having.filter((record) => record.censored?.includes(name)).length;
        return values.length === 0 ? [] : [[name, { values, estimate: estimate(values, censored) }]];
      }),
    ),
    series: seriesOf(counted),
    ledger: ledgerOf(counted),
    repeat: repeatOfRun({ question, ...options }, { cell: cell.id, seed: options.seed }),
  };
}

/** As long as the shortest run; what not every run has is left out. */
function seriesOf(records: readonly RunRecord[]): Readonly<Record<string, readonly number[]>> {
  const [first, ...others] = records;
  const names = Object.keys(first?.series ?? {}).filter((name) => others.every(({ series }) => series[name]));
  return Object.fromEntries(
    names.sort().map((name) => {
      const all = records.map(({ series }) => series[name]!);
      const length = Math.min(...all.map((one) => one.length));
      return [name, Array.from({ length }, (_, second) => median(all.map((one) => one[second]!)))];
    }),
  );
}

function ledgerOf(records: readonly RunRecord[]): LedgerSums {
  const ledgers = records.flatMap(({ ledger }) => ledger ?? []);
  const sum = (pick: (ledger: (typeof ledgers)[number]) => number) =>
    ledgers.reduce((total, ledger) => total + pick(ledger), 0);
  const causes = [...new Set(ledgers.flatMap(({ lossByCause }) => Object.keys(lossByCause)))].sort();
  return {
    acknowledged: sum(({ acknowledged }) => acknowledged),
    queued: sum(({ queued }) => queued),
    unknown: sum(({ unknown }) => unknown),
    lossByCause: Object.fromEntries(causes.map((cause) => [cause, sum(({ lossByCause }) => lossByCause[cause] ?? 0)])),
  };
}

function comparisonResults(
  { figures }: Experiment,
  { title, axis, baseline, figures: wanted, cells: patterns }: Comparison,
  cells: readonly CellResults[],
): ComparisonResults {
  const compared = cells.filter(
    ({ coordinates }) => coordinates[axis] !== baseline && matchesAny(coordinates, patterns),
  );
  const shown = figures.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const rows = shown.flatMap((figure) =>
    compared.flatMap((cell) => {
      const other = cells.find((one) => same(one.coordinates, { ...cell.coordinates, [axis]: baseline }));
      return other === undefined ? [] : (compareFigure(figure, cell, other) ?? []);
    }),
  );
  return { title, rows };
}

function problemOf(
  { question }: Experiment,
  { cell, repetition, plan }: PlannedRun,
  record: RunRecord | undefined,
  options: ExecutionOptions,
): readonly RunProblem[] {
  if (record?.status === 'ok') return [];
  const { seed } = plan;
  return [
    {
      cell: cell.id,
      repetition,
      seed,
      status: record?.status ?? 'missing',
      problem: record?.problem ?? 'it was not carried out',
      repeat: repeatOfRun({ question, ...options }, { cell: cell.id, seed }),
    },
  ];
}

/** What went wrong before the run that counts: `--resume` must not make it vanish. */
function repeatedOf(
  experiment: Experiment,
  { run, record }: Found,
  { records, options }: Pick<Measured, 'records' | 'options'>,
): readonly RunProblem[] {
  if (record?.status !== 'ok') return [];
  return records
    .filter((one) => isOf(run, one) && one.status !== 'ok')
    .flatMap((one) => problemOf(experiment, run, one, options));
}
