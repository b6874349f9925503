import {
  type ComparisonRow,
  type CriterionResults,
  criterionCounts,
  criterionNumbers,
  criterionVerdict,
  formatDifference,
  formatMean,
  formatNumber,
  formatRatio,
  type Interval,
  methodText,
  placeText,
  type Results,
  type ResultsComparison,
  type Verdict,
} from '../../lab/index.ts';
import { asCalled } from '../program-name.ts';
import { renderTable } from '../table.ts';

type Figure = Results['figures'][number];

/** Beside each other in one table, so that it fits a terminal. */
const FIGURES_ACROSS = 4;

export interface TextOptions {
  /** As the command was called. */
  readonly program: string;
  /** Comparisons with what is the same or unclear, too. */
  readonly all: boolean;
}

/** What `show` prints: a row for each cell, then what differs, then what did not count. */
export function resultsText(results: Results, { program, all }: TextOptions): string {
  const { title, figures, comparisons, problems, repeated = [], criteria = [], limits, conditions } = results;
  const groups = Array.from({ length: Math.ceil(figures.length / FIGURES_ACROSS) }, (_, index) =>
    figures.slice(index * FIGURES_ACROSS, (index + 1) * FIGURES_ACROSS),
  );
  return [
    `${title}\n${methodText(results)}\n${placeText(results)}\n`,
    ...criteria.filter(({ rows }) => rows.length > 0).map((one) => criterionTable(one, figures)),
    ...groups.map((group) => figuresTable(group, results)),
    ...comparisons
      .filter(({ rows }) => rows.length > 0)
      .map(({ title: heading, rows }) => comparisonTable(heading, all ? rows : clearOf(rows), { rows, figures })),
    ...(problems.length === 0 ? [] : [problemsTable('Runs that do not count', problems)]),
    ...(repeated.length === 0 ? [] : [problemsTable('Runs that were carried out again', repeated)]),
    ...(limits.length === 0 ? [] : [`Not covered:\n${indent(`${limits.join('\n')}\n`)}`]),
    `Repeat:  ${asCalled(conditions.repeat, program)}\n`,
  ].join('\n');
}

function clearOf(rows: readonly ComparisonRow[]): readonly ComparisonRow[] {
  return rows.filter(({ verdict }) => verdict === 'better' || verdict === 'worse');
}

/** Means with half the width of their intervals. */
function figuresTable(group: readonly Figure[], { cells }: Results): string {
  const rows = cells.map(({ id, counted, planned, figures }) => [
    id,
    counted === planned ? String(counted) : `${counted} of ${planned}`,
    ...group.map(({ name }) => meanText(figures[name])),
  ]);
  const legend = group.map(({ name, title, unit, better }) => {
    return `${name}: ${title}${unit === '' ? '' : `, ${unit}`} (${better} is better)\n`;
  });
  const header = ['CELL', 'RUNS', ...group.map(({ name }) => name.toUpperCase())];
  return `${legend.join('')}${indent(renderTable(header, rows))}`;
}

function meanText(found: Results['cells'][number]['figures'][string] | undefined): string {
  if (found === undefined) return '-';
  const { interval } = found.estimate;
  const reach = interval === undefined ? '' : ` ± ${formatNumber((interval.high - interval.low) / 2)}`;
  return `${formatMean(found.estimate)}${reach}`;
}

/** A promise, and which cells keep it. */
function criterionTable({ title, figure, rows }: CriterionResults, figures: readonly Figure[]): string {
  const unit = figures.find(({ name }) => name === figure)?.unit ?? '';
  const lines = rows.map((row) => {
    const { value, interval, limit } = criterionNumbers(row, unit);
    return [row.cell, value, interval, limit, criterionVerdict(row)];
  });
  const header = ['CELL', 'MEASURED', '95 % INTERVAL', 'PROMISED', 'VERDICT'];
  return `Promised: ${title}: ${criterionCounts(rows)}\n${indent(renderTable(header, lines))}`;
}

/** `shown` are some of the rows; the others are counted. */
function comparisonTable(
  heading: string,
  shown: readonly ComparisonRow[],
  { rows, figures }: { readonly rows: readonly ComparisonRow[]; readonly figures: readonly Figure[] },
): string {
  const header = ['FIGURE', 'CELL', 'BASELINE', 'DIFFERENCE', '95 % INTERVAL', 'RATIO', 'VERDICT'];
  const lines = shown.map((row) => [
    row.figure,
    row.cell,
    row.baseline,
    `${formatDifference(row.difference)} ${figures.find(({ name }) => name === row.figure)?.unit ?? ''}`.trim(),
    intervalText(row.differenceInterval, formatDifference),
    row.ratio === undefined ? '-' : formatRatio(row.ratio),
    row.verdict,
  ]);
  const table = lines.length === 0 ? '' : indent(renderTable(header, lines));
  return `${heading}: ${verdictCounts(rows)}\n${table}`;
}

function verdictCounts(rows: readonly ComparisonRow[]): string {
  return ORDER.map((verdict) => `${rows.filter((row) => row.verdict === verdict).length} ${verdict}`).join(', ');
}

/** What people look for first. */
const ORDER: readonly Verdict[] = ['worse', 'better', 'unclear', 'same'];

function problemsTable(title: string, problems: Results['problems']): string {
  const rows = problems.map(({ cell, repetition, status, problem }) => [
    cell,
    String(repetition),
    status,
    firstLine(problem),
  ]);
  return `${title}\n${indent(renderTable(['CELL', 'RUN', 'STATUS', 'WHY'], rows))}`;
}

/** For terminals that show no other signs. */
export function asciiOf(text: string): string {
  const signs: Readonly<Record<string, string>> = { '−': '-', '×': 'x', '±': '+/-', '→': '->' };
  return text.replace(/[−×±→]/g, (sign) => signs[sign]!);
}

/** Of what a process wrote before it ended; the rest stands in `runs.jsonl`. */
export function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}

/** What `compare` prints. Without `all`, what is the same is only counted. */
export function comparisonText(comparison: ResultsComparison, figures: readonly Figure[], all: boolean): string {
  const { question, rows, baseline, newer, experimentChanged, unmatched, differences } = comparison;
  const shown = rows.filter(({ verdict }) => all || verdict !== 'same');
  const sorted = [...shown].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  return [
    `baseline  ${baseline}\nnewer     ${newer}\n`,
    ...(experimentChanged
      ? ['The experiment changed in between: cells and figures of one name may not be the same.\n']
      : []),
    // Before the table: counts of a longer run are larger, whatever the verdict says.
    ...(differences.length === 0 ? [] : [`Not measured alike:\n${indent(`${differences.join('\n')}\n`)}`]),
    comparisonTable(question, sorted, { rows, figures }),
    ...(unmatched.length === 0 ? [] : [`In one of the two only: ${unmatched.join(', ')}\n`]),
  ].join('\n');
}

function intervalText(interval: Interval | undefined, format: (value: number) => string): string {
  return interval === undefined ? '' : `${format(interval.low)} to ${format(interval.high)}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
