import type { FigureDefinition } from '../experiment/experiment.ts';
import type { ComparisonResults, ComparisonRow } from '../results/results.ts';
import type { Interval } from '../statistics/estimate.ts';
import { formatDifference, formatNumber, formatRatio } from './format-number.ts';
import { element, escapeText, type TableCell, table } from './html.ts';

/** One comparison: what differs by how much at a glance, and below it, folded, all numbers with their intervals. */
export function comparisonSection({ title, rows }: ComparisonResults, figures: readonly FigureDefinition[]): string {
  const count = (verdict: ComparisonRow['verdict']) => rows.filter((row) => row.verdict === verdict).length;
  const summary = (['better', 'worse', 'same', 'unclear'] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`)
    .join(', ');
  return [
    element('h3', {}, escapeText(title)),
    element('p', {}, escapeText(`${summary}.`)),
    overview(title, rows, figures),
    element('details', {}, [
      element('summary', {}, escapeText(`${title} with intervals and ratios`)),
      numbers(title, rows, figures),
    ]),
  ].join('\n');
}

function overview(title: string, rows: readonly ComparisonRow[], figures: readonly FigureDefinition[]): string {
  const shown = figures.filter(({ name }) => rows.some((row) => row.figure === name));
  const pairs = [...new Map(rows.map((row) => [row.cell, row.baseline]))];
  const lines = pairs.map(([cell, baseline]): readonly TableCell[] => [
    { text: cell, isHead: true },
    { text: baseline },
    ...shown.map(({ name }): TableCell => {
      const row = rows.find((one) => one.cell === cell && one.figure === name);
      if (row === undefined) return { text: '' };
      if (row.verdict === 'same') return { text: 'same', className: 'muted' };
      return { text: `${formatDifference(row.difference)} ${row.verdict}`, className: row.verdict };
    }),
  ]);
  const header = ['cell', 'baseline', ...shown.map((figure) => `${figure.title}${unitOf(figure, ', ')}`)];
  return table(`${title}: difference to the baseline, and what it means`, header, lines);
}

function numbers(title: string, rows: readonly ComparisonRow[], figures: readonly FigureDefinition[]): string {
  const header = ['figure', 'cell', 'baseline', 'of the cell', 'of the baseline', 'difference', 'ratio', 'verdict'];
  const lines = rows.map((row): readonly TableCell[] => {
    const figure = figures.find(({ name }) => name === row.figure)!;
    const unit = unitOf(figure, ' ');
    return [
      { text: figure.title, isHead: true },
      { text: row.cell },
      { text: row.baseline },
      { text: `${formatNumber(row.value)}${unit}`, isNumber: true },
      { text: `${formatNumber(row.baselineValue)}${unit}`, isNumber: true },
      {
        text: withInterval(formatDifference(row.difference), row.differenceInterval, formatDifference),
        isNumber: true,
      },
      {
        text: row.ratio === undefined ? '-' : withInterval(formatRatio(row.ratio), row.ratioInterval, formatRatio),
        isNumber: true,
      },
      { text: row.censored ? 'unclear: a value is only a lower bound' : row.verdict, className: row.verdict },
    ];
  });
  return table(`${title}: difference and ratio to the baseline, with 95 % intervals`, header, lines);
}

function unitOf({ unit }: FigureDefinition, before: string): string {
  return unit === '' ? '' : `${before}${unit}`;
}

function withInterval(text: string, interval: Interval | undefined, format: (value: number) => string): string {
  return interval === undefined ? text : `${text} [${format(interval.low)}, ${format(interval.high)}]`;
}
