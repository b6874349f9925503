import type { Group, GroupProblem } from './group.ts';

/** A warning about one text of one of the groups, with what another has to do with it. */
export interface Lint extends GroupProblem {
  /** Which of the groups. */
  readonly group: number;
  /** A second place that is to blame. */
  readonly related?: Pick<Lint, 'group' | 'in' | 'index' | 'start' | 'end'> & { readonly label: string };
}

/** What the groups of one pipeline, in the order they run, do in vain. Only for groups without errors. */
export function lintGroups(_groups: readonly Group[]): readonly Lint[] {
  return [];
}
