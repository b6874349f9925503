import { same } from '../experiment/cells.ts';
import type { Verdict } from '../statistics/verdict.ts';
import { compareFigure } from './compare-figures.ts';
import type { ComparisonRow, Results } from './results.ts';

/** Two results of one question side by side: has anything become better or worse? */
export interface ResultsComparison {
  readonly question: string;
  /** Which code was measured when: `2026-11-22, commit 0123456789ab`. */
  readonly baseline: string;
  readonly newer: string;
  /** In the order of cells and figures of the newer ones. */
  readonly rows: readonly ComparisonRow[];
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Different versions of the experiment, whose cells and figures of one name may mean different things. */
  readonly experimentChanged: boolean;
  /** Cells that only one of the two has. */
  readonly unmatched: readonly string[];
  /** What was not the same for both, apart from the code: what a difference may come from as well. */
  readonly differences: readonly string[];
}

/** Cells match by their values on the axes, figures by name. */
export function compareResults(baseline: Results, newer: Results): ResultsComparison {
  const pairs = newer.cells.flatMap((cell) => {
    const other = baseline.cells.find((one) => same(one.coordinates, cell.coordinates));
    return other === undefined ? [] : [{ cell, other }];
  });
  const rows = pairs.flatMap(({ cell, other }) =>
    newer.figures.flatMap((figure) => compareFigure(figure, cell, other) ?? []),
  );
  const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length;
  return {
    question: newer.question,
    baseline: originOf(baseline),
    newer: originOf(newer),
    rows,
    verdicts: { better: count('better'), worse: count('worse'), same: count('same'), unclear: count('unclear') },
    experimentChanged: baseline.conditions.experimentHash !== newer.conditions.experimentHash,
    unmatched: [
      ...newer.cells.filter((cell) => !pairs.some((pair) => pair.cell === cell)),
      ...baseline.cells.filter((cell) => !pairs.some((pair) => pair.other === cell)),
    ].map(({ id }) => id),
    differences: differencesOf(baseline, newer),
  };
}

function originOf({ conditions, machine }: Results): string {
  const code = machine.commit === undefined ? `Sluice ${machine.sluice}` : `commit ${machine.commit}`;
  return `${conditions.startedAt.slice(0, 10)}, ${code}`;
}

function differencesOf(a: Results, b: Results): readonly string[] {
  const facts = ({ machine, conditions }: Results): Readonly<Record<string, string | number>> => ({
    'experiment.yaml': conditions.experimentHash?.slice(0, 12) ?? 'not recorded',
    CPU: machine.cpu,
    cores: machine.cores,
    'memory in GiB': Math.round(machine.memoryBytes / 2 ** 30),
    system: machine.system,
    'Node version': machine.node,
    Collector: machine.otelcol ?? 'none',
    'warm-up in s': conditions.warmUpMs / 1000,
    'measurement in s': conditions.durationMs / 1000,
    seed: conditions.seed,
  });
  const [before, after] = [facts(a), facts(b)];
  return Object.keys(after)
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name]} → ${after[name]}`);
}
