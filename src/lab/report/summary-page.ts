import type { FigureDefinition } from '../experiment/experiment.ts';
import type { FigureResults, Results } from '../results/results.ts';
import { methodText, placeText } from './conditions.ts';
import { criterionCounts, criterionNumbers, criterionVerdict } from './criteria-section.ts';
import { formatMean, formatNumber } from './format-number.ts';

/** Results, and where they are, relative to the page. */
export interface PlacedResults {
  readonly results: Results;
  readonly folder: string;
}

/** Figures side by side in a page: the experiment has its most important ones first. */
const FIGURES_ACROSS = 12;

/** What was measured, as a page of Markdown: promises, and the figures of each cell with their intervals. Same results, same bytes. */
export function summaryPage(placed: readonly PlacedResults[]): string {
  const introduction = [
    '# What the lab measured',
    'Made by `npm run generate` from the results below `experiments/results`; [the lab](lab.md) says how they come about and how to read them.',
    'Each figure is the mean of the runs and, behind ±, half of its 95 % interval.',
  ].join('\n\n');
  return `${[introduction, ...placed.map(section)].join('\n\n')}\n`;
}

function section({ results, folder }: PlacedResults): string {
  const { title, hypothesis, limits, conditions, criteria = [] } = results;
  const promises = criteria.filter(({ rows }) => rows.length > 0);
  return [
    `## ${title} (${conditions.profile})`,
    `Hypothesis: ${hypothesis}`,
    `${conditions.startedAt.slice(0, 10)}, ${placeText(results)}; ${methodText(results)}. Everything: [figures](${folder}/report.html), [results.json](${folder}/results.json), [each run](${folder}/results.csv). Repeat: \`${conditions.repeat}\`.`,
    ...promises.flatMap((criterion) => promised(criterion, results.figures)),
    cellTable(results),
    ...problemsOf(results),
    ...(limits.length === 0 ? [] : [`Limits:\n\n${limits.map((limit) => `- ${limit}`).join('\n')}`]),
  ].join('\n\n');
}

function promised(
  { title, figure, rows }: NonNullable<Results['criteria']>[number],
  figures: readonly FigureDefinition[],
): readonly string[] {
  const unit = figures.find(({ name }) => name === figure)?.unit ?? '';
  const lines = rows.map((row) => {
    const { value, interval, limit } = criterionNumbers(row, unit);
    return [code(row.cell), value, interval, limit, criterionVerdict(row)];
  });
  return [
    `### ${title}: ${criterionCounts(rows)}`,
    table(['cell', 'measured', '95 % interval', 'promised', 'verdict'], lines),
  ];
}

function cellTable({ figures, cells }: Results): string {
  const shown = figures.filter(({ name }) => cells.some((cell) => cell.figures[name])).slice(0, FIGURES_ACROSS);
  const header = ['cell', ...shown.map(({ title, unit }) => (unit === '' ? title : `${title}, ${unit}`))];
  return table(
    header,
    cells.map((cell) => [code(cell.id), ...shown.map(({ name }) => meanOf(cell.figures[name]))]),
  );
}

function meanOf(found: FigureResults | undefined): string {
  if (found === undefined) return '';
  const { interval } = found.estimate;
  const reach = interval === undefined ? '' : ` ± ${formatNumber((interval.high - interval.low) / 2)}`;
  return `${formatMean(found.estimate)}${reach}`;
}

function problemsOf({ problems, repeated = [] }: Results): readonly string[] {
  const lines = (found: Results['problems']) =>
    found.map(({ cell, repetition, problem }) => `- ${code(cell)}, run ${repetition}: ${problem}`);
  return [
    ...(problems.length === 0 ? [] : [`Runs that do not count:\n\n${lines(problems).join('\n')}`]),
    ...(repeated.length === 0 ? [] : [`Runs that were carried out again:\n\n${lines(repeated).join('\n')}`]),
  ];
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
