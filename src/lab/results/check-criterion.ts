import { parseByteSize } from '../../lib/index.ts';
import { matchesAny, same } from '../experiment/cells.ts';
import type { Criterion } from '../experiment/experiment.ts';
import { type Interval, ratio } from '../statistics/estimate.ts';
import type { CellResults, CriterionResults, CriterionRow } from './results.ts';

/** Whether each cell that a promise is for keeps it. Means decide; the interval says whether chance may have. */
export function checkCriterion(criterion: Criterion, cells: readonly CellResults[]): CriterionResults {
  const { title, figure, of } = criterion;
  const bounded = cells.filter(({ coordinates }) => matchesAny(coordinates, criterion.cells));
  const rows = bounded.flatMap((cell): readonly CriterionRow[] => {
    if (of === undefined) {
      const found = cell.figures[figure]?.estimate;
      return [row(criterion, cell, found && { value: found.mean, ...pick(found.interval) })];
    }
    const baseline = cells.find((one) => same(one.coordinates, { ...cell.coordinates, ...of }));
    // What is the baseline is promised nothing beside itself.
    if (baseline === cell) return [];
    if (baseline === undefined) return [row(criterion, cell, undefined)];
    const [above, below] = [cell.figures[figure], baseline.figures[figure]];
    const times = above && below && ratio(above.values, below.values);
    return [{ ...row(criterion, cell, times), baseline: baseline.id }];
  });
  return { title, figure, rows };
}

interface Measured {
  readonly value: number;
  readonly interval?: Interval;
}

function row(criterion: Criterion, cell: CellResults, measured: Measured | undefined): CriterionRow {
  const { atLeast, atMost } = criterion;
  const bound = atLeast === undefined ? 'at most' : 'at least';
  const limit = limitOf(atLeast ?? atMost!, cell);
  if (measured === undefined) return { cell: cell.id, bound, limit, verdict: 'unmeasured', isSure: false };
  const keeps = (value: number) => (bound === 'at least' ? value >= limit : value <= limit);
  const { value, interval } = measured;
  const { counted, unbalanced, failed } = cell;
  // Runs that lose what their ledger cannot account for are in no mean.
  const isKept = keeps(value) && !(unbalanced > 0 && criterion.figure.startsWith('lost_items'));
  const of = counted + Math.max(cell.planned - counted, unbalanced + failed);
  return {
    cell: cell.id,
    value,
    ...pick(interval),
    bound,
    limit,
    verdict: isKept ? 'kept' : 'not kept',
    isSure:
      of === counted && interval !== undefined && [interval.low, interval.high].every((one) => keeps(one) === isKept),
    ...(of === counted ? {} : { runs: { counted, of } }),
  };
}

/** `memory`: that of the cell, MiB. */
function limitOf(limit: number | 'memory', { coordinates }: CellResults): number {
  return limit === 'memory' ? parseByteSize(coordinates.memory)! / 2 ** 20 : limit;
}

function pick(interval: Interval | undefined): { readonly interval?: Interval } {
  return interval === undefined ? {} : { interval };
}
