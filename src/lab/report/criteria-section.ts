import type { FigureDefinition } from '../experiment/experiment.ts';
import type { CriterionResults, CriterionRow } from '../results/results.ts';
import { formatNumber, formatRatio } from './format-number.ts';
import { element, escapeText, type TableCell, table } from './html.ts';

/** One promise, cell by cell. */
export function criterionSection(criterion: CriterionResults, figures: readonly FigureDefinition[]): string {
  const { title, rows } = criterion;
  const unit = figures.find(({ name }) => name === criterion.figure)?.unit ?? '';
  const lines = rows.map((row): readonly TableCell[] => {
    const { value, limit, interval } = criterionNumbers(row, unit);
    return [
      { text: row.cell, isHead: true },
      { text: row.baseline ?? '' },
      { text: value, isNumber: true },
      { text: interval, isNumber: true },
      { text: limit, isNumber: true },
      { text: criterionVerdict(row), className: CLASSES[row.verdict] },
    ];
  });
  const header = ['cell', 'beside', 'measured', '95 % interval', 'promised', 'verdict'];
  return [element('h3', {}, escapeText(`${title}: ${criterionCounts(rows)}`)), table(title, header, lines)].join('\n');
}

const CLASSES = { kept: 'better', 'not kept': 'worse', unmeasured: 'unclear' } as const;

/** `12 kept, 1 not kept`. */
export function criterionCounts(rows: readonly CriterionRow[]): string {
  const counts = (['not kept', 'kept', 'unmeasured'] as const).map((verdict) => {
    const count = rows.filter((row) => row.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return counts.flat().join(', ');
}

/** `unsure`: the interval reaches the other side of the limit, there is none, or not every run counts. */
export function criterionVerdict({ verdict, isSure, runs }: CriterionRow): string {
  const counted = runs === undefined ? '' : ` (${runs.counted} of ${runs.of} runs)`;
  return verdict === 'unmeasured' || isSure ? verdict : `${verdict}, unsure${counted}`;
}

/** Ratios where the row has a baseline, the figure's unit otherwise. */
export function criterionNumbers(row: CriterionRow, unit: string) {
  const format = (value: number) =>
    row.baseline === undefined ? `${formatNumber(value)} ${unit}`.trim() : formatRatio(value);
  const { value, interval, bound, limit } = row;
  return {
    value: value === undefined ? '-' : format(value),
    interval: interval === undefined ? '-' : `${format(interval.low)} to ${format(interval.high)}`,
    limit: `${bound} ${format(limit)}`,
  };
}
