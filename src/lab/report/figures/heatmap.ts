import { AXES, type AxisName, type FigureDefinition } from '../../experiment/experiment.ts';
import type { CellResults } from '../../results/results.ts';
import { formatNumber } from '../format-number.ts';
import { type TableCell, table } from '../html.ts';

const SHADES = 5;

/**
 * A matrix of one figure: scenarios across, everything else that varies down. A table, so that it can be read aloud and
 * copied; the darker a field, the worse. Undefined where there is nothing to lay across or down.
 */
export function heatmap(figure: FigureDefinition, cells: readonly CellResults[]): string | undefined {
  const scenarios = distinct(cells.map(({ coordinates }) => coordinates.scenario));
  const varying = AXES.filter(
    (axis) => axis !== 'scenario' && distinct(cells.map(({ coordinates }) => coordinates[axis])).length > 1,
  );
  if (scenarios.length < 2 || varying.length === 0) return undefined;
  const rowOf = (cell: CellResults) => varying.map((axis) => valueText(axis, cell)).join(' · ');
  const means = cells.flatMap(({ figures }) => figures[figure.name]?.estimate.mean ?? []);
  const shade = shadeOf(figure, means);
  const rows = distinct(cells.map(rowOf)).map((row): readonly TableCell[] => [
    { text: row, isHead: true },
    ...scenarios.map((scenario): TableCell => {
      const cell = cells.find((one) => one.coordinates.scenario === scenario && rowOf(one) === row);
      const mean = cell?.figures[figure.name]?.estimate.mean;
      if (mean === undefined) return { text: cell === undefined ? '' : 'no run counts', isNumber: true };
      return { text: formatNumber(mean), isNumber: true, className: `shade-${shade(mean)}` };
    }),
  ]);
  const unit = figure.unit === '' ? '' : `, ${figure.unit}`;
  const caption = `${figure.title}${unit}: mean by scenario; the darker, the worse`;
  return table(caption, [varying.join(' · '), ...scenarios], rows);
}

/** From 0, the best value that was found, to the worst. Where all are within what is of no importance, none is dark. */
function shadeOf({ better, tolerance }: FigureDefinition, means: readonly number[]): (mean: number) => number {
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const span = high - low;
  if (span <= tolerance || span === 0) return () => 0;
  return (mean) => Math.round(((better === 'more' ? high - mean : mean - low) / span) * (SHADES - 1));
}

function valueText(axis: AxisName, { coordinates }: CellResults): string {
  if (axis !== 'replicas') return coordinates[axis];
  return coordinates.replicas === 1 ? '1 replica' : `${coordinates.replicas} replicas`;
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
