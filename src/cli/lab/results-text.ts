import {
  type ComparisonRow,
  formatDifference,
  formatNumber,
  formatRatio,
  type Interval,
  type Results,
  type ResultsComparison,
  type Verdict,
} from '../../lab/index.ts';
import { formatDuration } from '../../lib/index.ts';
import { asCalled } from '../program-name.ts';
import { renderTable } from '../table.ts';

type Figure = Results['figures'][number];

/** What `show` prints: a table for each figure, then the comparisons, then what did not count. */
export function resultsText(results: Results, program: string): string {
  const { title, figures, comparisons, problems, limits, conditions } = results;
  return [
    `${title}\n${conditionsText(results)}\n`,
    ...figures.map((figure) => figureTable(figure, results)),
    ...comparisons
      .filter(({ rows }) => rows.length > 0)
      .map(({ title: heading, rows }) => comparisonTable(heading, rows, figures)),
    ...(problems.length === 0 ? [] : [problemsTable(results)]),
    ...(limits.length === 0 ? [] : [`Not covered: ${limits.join('; ')}\n`]),
    `Repeat:  ${asCalled(conditions.repeat, program)}\n`,
  ].join('\n');
}

function conditionsText({ conditions, machine, cells }: Results): string {
  const { profile, warmUpMs, durationMs, repetitions, seed } = conditions;
  const counted = cells.reduce((sum, cell) => sum + cell.counted, 0);
  const planned = cells.reduce((sum, cell) => sum + cell.planned, 0);
  const runs = `${repetitions} ${repetitions === 1 ? 'run' : 'runs'} a cell`;
  return [
    `profile ${profile}: ${formatDuration(durationMs)} after ${formatDuration(warmUpMs)} of warm-up, ${runs}, seed ${seed}`,
    `${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB; ${counted} of ${planned} runs count`,
  ].join('\n');
}

function figureTable({ name, title, unit, better }: Figure, { cells }: Results): string {
  const rows = cells.map(({ id, counted, planned, figures }) => {
    const found = figures[name];
    const runs = counted === planned ? String(counted) : `${counted} of ${planned}`;
    if (found === undefined) return [id, runs, '-', '', '', ''];
    const { mean, median, min, max, interval } = found.estimate;
    const range = found.values.length < 2 ? '' : `${formatNumber(min)} to ${formatNumber(max)}`;
    return [id, runs, formatNumber(mean), intervalText(interval, formatNumber), formatNumber(median), range];
  });
  const heading = `${title}${unit === '' ? '' : `, ${unit}`} (${better} is better)`;
  return `${heading}\n${indent(renderTable(['CELL', 'RUNS', 'MEAN', '95 % INTERVAL', 'MEDIAN', 'RANGE'], rows))}`;
}

function comparisonTable(heading: string, rows: readonly ComparisonRow[], figures: readonly Figure[]): string {
  const header = ['FIGURE', 'CELL', 'BASELINE', 'DIFFERENCE', '95 % INTERVAL', 'RATIO', 'VERDICT'];
  const lines = rows.map((row) => [
    row.figure,
    row.cell,
    row.baseline,
    `${formatDifference(row.difference)} ${figures.find(({ name }) => name === row.figure)?.unit ?? ''}`.trim(),
    intervalText(row.differenceInterval, formatDifference),
    row.ratio === undefined ? '-' : formatRatio(row.ratio),
    row.verdict,
  ]);
  return `${heading}\n${indent(renderTable(header, lines))}`;
}

function problemsTable({ problems }: Results): string {
  const rows = problems.map(({ cell, repetition, status, problem }) => [
    cell,
    String(repetition),
    status,
    firstLine(problem),
  ]);
  return `Runs that do not count\n${indent(renderTable(['CELL', 'RUN', 'STATUS', 'WHY'], rows))}`;
}

/** Of what a process wrote before it ended; the rest stands in `runs.jsonl`. */
export function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}

/** What `compare` prints. Without `all`, what is the same is only counted. */
export function comparisonText(comparison: ResultsComparison, figures: readonly Figure[], all: boolean): string {
  const { rows, verdicts, unmatched, differences } = comparison;
  const shown = all ? rows : rows.filter(({ verdict }) => verdict !== 'same');
  const order: readonly Verdict[] = ['worse', 'better', 'unclear', 'same'];
  const counts = order.map((verdict) => `${verdicts[verdict]} ${verdict}`).join(', ');
  return [
    `${comparison.question}: ${counts}\nbaseline  ${comparison.baseline}\nnewer     ${comparison.newer}\n`,
    ...(shown.length === 0
      ? []
      : [comparisonTable('The newer results beside the baseline', sorted(shown, order), figures)]),
    ...(differences.length === 0 ? [] : [`Not measured alike:\n${indent(`${differences.join('\n')}\n`)}`]),
    ...(unmatched.length === 0 ? [] : [`In one of the two only: ${unmatched.join(', ')}\n`]),
  ].join('\n');
}

function sorted(rows: readonly ComparisonRow[], order: readonly Verdict[]): readonly ComparisonRow[] {
  return [...rows].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
}

function intervalText(interval: Interval | undefined, format: (value: number) => string): string {
  return interval === undefined ? '' : `${format(interval.low)} to ${format(interval.high)}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
