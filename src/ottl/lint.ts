import type { Group, GroupProblem } from './group.ts';
import { parseCondition, parseStatement } from './parse.ts';
import { nameOf, RemovedAttributes } from './removed-attributes.ts';
import type { Condition, Statement } from './syntax.ts';
import { verdictsOf } from './truth.ts';
import { walk } from './walk.ts';

/** A warning about one text of one of the groups, with what another has to do with it. */
export interface Lint extends GroupProblem {
  /** Which of the groups. */
  readonly group: number;
  /** A second place that is to blame. */
  readonly related?: Pick<Lint, 'group' | 'in' | 'index' | 'start' | 'end'> & { readonly label: string };
}

type Site = Pick<Lint, 'group' | 'in' | 'index'>;

/**
 * What the groups of one pipeline, in the order they run, do in vain. For groups without errors: what can't be parsed is left
 * out here.
 */
export function lintGroups(groups: readonly Group[]): readonly Lint[] {
  const removed = new RemovedAttributes();
  return groups.flatMap((group, at) => {
    const lints = [...lintTruth(group, at), ...(group.for === 'filter' ? lintRemoved(group, at, removed) : [])];
    removed.follow(group, at);
    return lints;
  });
}

function conditionsOf(group: Group, at: number): readonly (readonly [Site, Condition])[] {
  const conditions = group.conditions.map((text, index) => {
    const { ast } = parseCondition(text) as { readonly ast?: Condition };
    return [{ group: at, in: 'conditions', index }, ast] as const;
  });
  const wheres = group.statements.map((text, index) => {
    const { ast } = parseStatement(text) as { readonly ast?: Statement };
    return [{ group: at, in: 'statements', index }, ast?.where] as const;
  });
  return [...conditions, ...wheres].flatMap(([site, condition]) =>
    condition === undefined ? [] : [[site, condition]],
  );
}

function lintTruth(group: Group, at: number): readonly Lint[] {
  return conditionsOf(group, at).flatMap(([site, condition]) => {
    if (condition.kind === 'constant' && condition.value && group.for === 'filter')
      return [everything(site, condition)];
    return verdictsOf(condition).map(({ always, range: { start, end }, label, help }) => ({
      ...site,
      code: always ? 'SL0222' : 'SL0221',
      severity: 'warning' as const,
      message: always ? 'this condition is always true' : 'this condition can never be true',
      start,
      end,
      label,
      ...(help !== undefined && { help }),
    }));
  });
}

function everything(site: Site, { start, end }: Condition): Lint {
  return {
    ...site,
    code: 'SL0222',
    severity: 'warning',
    message: 'this condition is always true',
    start,
    end,
    label: 'a filter with it drops everything',
  };
}

function lintRemoved(group: Group, at: number, removed: RemovedAttributes): readonly Lint[] {
  const lints: Lint[] = [];
  for (const [site, condition] of conditionsOf(group, at)) {
    walk(condition, {
      path(path) {
        const name = nameOf(path, group);
        const removal = name === undefined ? undefined : removed.get(name);
        if (removal === undefined) return;
        const { statement, renamedTo } = removal;
        lints.push({
          ...site,
          code: 'SL0223',
          severity: 'warning',
          message: 'the filter tests an attribute that a transform removes',
          start: path.start,
          end: path.end,
          label: 'always nil at this point: transforms run before filters',
          ...(renamedTo !== undefined && { help: `test \`${renamedTo}\` instead` }),
          related: {
            group: removal.group,
            in: 'statements',
            index: removal.index,
            start: statement.start,
            end: statement.end,
            label: 'it is deleted here, before filters run',
          },
        });
      },
    });
  }
  return lints;
}
