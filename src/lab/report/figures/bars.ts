import { element } from '../html.ts';
import { AXIS_HEIGHT, labelEnd, ROW_HEIGHT, rowLabel, svg, VALUES_END, verticalGrid, WIDTH } from './drawing.ts';
import type { PlotOptions, PlotRow } from './interval-plot.ts';
import { createScale } from './scale.ts';

/** Lengths from 0, one row for each cell: where every cell was measured once, and there is no interval to show. */
export function bars(rows: readonly PlotRow[], { max, ...drawing }: PlotOptions): string {
  const left = labelEnd(rows.map(({ label }) => label));
  const height = rows.length * ROW_HEIGHT + 4;
  const values = rows.map(({ mean }) => mean);
  const scale = createScale(values, { from: left, to: VALUES_END, ...(max === undefined ? {} : { max }) });
  const marks = rows.flatMap(({ label, mean }, index) => {
    const y = 4 + (index + 0.5) * ROW_HEIGHT;
    const [from, to] = [scale.at(Math.min(0, mean)), scale.at(Math.max(0, mean))];
    return [
      rowLabel(label, left, y),
      element('rect', { x: from, y: y - 8, width: Math.max(1, to - from), height: 16, class: 'bar' }),
    ];
  });
  return svg({ ...drawing, width: WIDTH, height: height + AXIS_HEIGHT }, [...verticalGrid(scale, height), ...marks]);
}
