import { element } from '../html.ts';
import { AXIS_HEIGHT, labelEnd, ROW_HEIGHT, rowLabel, svg, VALUES_END, verticalGrid, WIDTH } from './drawing.ts';
import { createScale } from './scale.ts';

/** A row of a plot: one dot for each run, the mean, and its interval where there is one. */
export interface PlotRow {
  readonly label: string;
  readonly values: readonly number[];
  readonly mean: number;
  readonly interval?: { readonly low: number; readonly high: number };
}

export interface PlotOptions {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly max?: number;
}

/** Dots and intervals, one row for each cell. */
export function intervalPlot(all: readonly PlotRow[], { max, ...drawing }: PlotOptions): string {
  const rows = all.map((row) => (max === undefined ? row : withinMax(row, max)));
  const left = labelEnd(rows.map(({ label }) => label));
  const height = rows.length * ROW_HEIGHT + 4;
  const ends = rows.flatMap(({ values, interval }) => [...values, ...(interval ? [interval.low, interval.high] : [])]);
  const scale = createScale(ends, { from: left, to: VALUES_END, ...(max === undefined ? {} : { max }) });
  const marks = rows.flatMap(({ label, values, mean, interval }, index) => {
    const y = 4 + (index + 0.5) * ROW_HEIGHT;
    return [
      rowLabel(label, left, y),
      ...(interval === undefined ? [] : whisker(scale.at(interval.low), scale.at(interval.high), y)),
      ...values.map((value) => element('circle', { cx: scale.at(value), cy: y, r: 2.5, class: 'run' })),
      element('path', { d: diamond(scale.at(mean), y), class: 'mean' }),
    ];
  });
  return svg({ ...drawing, width: WIDTH, height: height + AXIS_HEIGHT }, [...verticalGrid(scale, height), ...marks]);
}

/** Nothing lies behind the end of a figure, though Student's interval knows of none. */
function withinMax(row: PlotRow, max: number): PlotRow {
  const { mean, interval } = row;
  if (interval === undefined || interval.high <= max) return row;
  return { ...row, interval: { low: interval.low, high: Math.max(mean, max) } };
}

function whisker(from: number, to: number, y: number): readonly string[] {
  const end = (x: number) => element('line', { x1: x, x2: x, y1: y - 6, y2: y + 6, class: 'interval' });
  return [element('line', { x1: from, x2: to, y1: y, y2: y, class: 'interval' }), end(from), end(to)];
}

function diamond(x: number, y: number): string {
  const at = (dx: number, dy: number) => `${Math.round((x + dx) * 10) / 10} ${y + dy}`;
  return `M${at(0, -6)}L${at(5, 0)}L${at(0, 6)}L${at(-5, 0)}Z`;
}
