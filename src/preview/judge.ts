import type { Item } from './item.ts';
import { normalized } from './otlp-item.ts';
import type { Preview } from './outcome.ts';
import type { ExpectedItem, PipelineTest } from './pipeline-test.ts';
import { valuesOf } from './values.ts';

/** What is not as a test says. */
export type Difference =
  /** `item` counts what came out, from 0. */
  | {
      readonly what: 'value';
      readonly item: number;
      readonly path: string;
      readonly expected: string;
      readonly got: string;
    }
  | { readonly what: 'count'; readonly of: 'out' | 'dropped'; readonly expected: number; readonly got: number };

export const MISSING = '(missing)';

export interface Verdict {
  readonly in: number;
  readonly out: number;
  readonly dropped: number;
  readonly differences: readonly Difference[];
}

/** Whether the items became what the test expects. */
export function judge(test: PipelineTest, { items }: Preview): Verdict {
  const out = items.flatMap(({ after }) => after);
  const dropped = items.filter(({ after }) => after.length === 0).length;
  const expectedOut = test.expect?.length ?? test.count;
  return {
    in: items.length,
    out: out.length,
    dropped,
    differences: [
      ...countDifference('out', expectedOut, out.length),
      ...countDifference('out', test.expect === undefined ? undefined : test.count, out.length),
      ...countDifference('dropped', test.dropped, dropped),
      ...(test.expect ?? []).flatMap((expected, index) => {
        const got = out[index];
        return got === undefined ? [] : valueDifferences(expected, got, index);
      }),
    ],
  };
}

function countDifference(of: 'out' | 'dropped', expected: number | undefined, got: number): readonly Difference[] {
  return expected === undefined || expected === got ? [] : [{ what: 'count', of, expected, got }];
}

/** Only what is written must be so. */
function valueDifferences({ item, missing }: ExpectedItem, got: Item, index: number): readonly Difference[] {
  const values = valuesOf(got);
  const wanted = [...valuesOf(normalized(item))].filter(([path]) => !missing.includes(path));
  return [
    ...wanted
      .filter(([path, expected]) => values.get(path) !== expected)
      .map(([path, expected]) => ({ path, expected, got: values.get(path) ?? MISSING })),
    ...missing
      .filter((path) => values.has(path))
      .map((path) => ({ path, expected: MISSING, got: values.get(path) as string })),
  ].map((difference) => ({ what: 'value', item: index, ...difference }));
}
