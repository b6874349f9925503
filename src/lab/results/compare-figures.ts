import type { FigureDefinition } from '../experiment/experiment.ts';
import { difference, ratio } from '../statistics/estimate.ts';
import { verdictOf } from '../statistics/verdict.ts';
import type { CellResults, ComparisonRow } from './results.ts';

/** A figure of one cell beside the same figure of another; undefined where one of them has none. */
export function compareFigure(
  figure: FigureDefinition,
  cell: CellResults,
  baseline: CellResults,
): ComparisonRow | undefined {
  const [found, expected] = [cell.figures[figure.name], baseline.figures[figure.name]];
  if (found === undefined || expected === undefined) return undefined;
  const apart = difference(found.values, expected.values);
  const times = ratio(found.values, expected.values);
  const isBound = (found.estimate.censored ?? 0) + (expected.estimate.censored ?? 0) > 0;
  return {
    figure: figure.name,
    cell: cell.id,
    baseline: baseline.id,
    value: found.estimate.mean,
    baselineValue: expected.estimate.mean,
    difference: apart.value,
    ...(apart.interval === undefined || isBound ? {} : { differenceInterval: apart.interval }),
    ...(times === undefined || isBound ? {} : { ratio: times.value }),
    ...(times?.interval === undefined || isBound ? {} : { ratioInterval: times.interval }),
    ...(isBound && { censored: true }),
    verdict: isBound ? 'unclear' : verdictOf(apart, figure),
  };
}
