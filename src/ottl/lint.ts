import { failingArguments } from './failing-arguments.ts';
import type { Group, GroupProblem } from './group.ts';
import { parseCondition, parseStatement } from './parse.ts';
import { nameOf, type Removal, RemovedAttributes } from './removed-attributes.ts';
import type { Condition, Parsed, Statement, TextRange } from './syntax.ts';
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
    const texts = textsOf(group, at);
    const lints = texts.flatMap((text) => [
      ...lintTruth(group, text),
      ...lintArguments(text),
      ...(group.for === 'filter' ? lintRemoved(group, text, removed) : []),
    ]);
    removed.follow(group, at);
    return lints;
  });
}

interface ParsedText {
  readonly site: Site;
  readonly ast: Statement | Condition;
}

function textsOf(group: Group, at: number): readonly ParsedText[] {
  const parse = (part: Site['in'], parseText: (text: string) => Parsed<Statement | Condition>) =>
    group[part].flatMap((text, index): ParsedText[] => {
      const parsed = parseText(text);
      return parsed.problems === undefined ? [{ site: { group: at, in: part, index }, ast: parsed.ast }] : [];
    });
  return [...parse('conditions', parseCondition), ...parse('statements', parseStatement)];
}

function conditionOf(ast: Statement | Condition): Condition | undefined {
  return ast.kind === 'statement' ? ast.where : ast;
}

function lintTruth(group: Group, { site, ast }: ParsedText): readonly Lint[] {
  const condition = conditionOf(ast);
  if (condition === undefined) return [];
  if (condition.kind === 'constant' && condition.value && group.for === 'filter') return [everything(site, condition)];
  return verdictsOf(condition).map(({ always, range, label, help }) =>
    warning(site, range, {
      code: always ? 'SL0222' : 'SL0221',
      message: always ? 'this condition is always true' : 'this condition can never be true',
      label,
      ...(help !== undefined && { help }),
    }),
  );
}

function lintArguments({ site, ast }: ParsedText): readonly Lint[] {
  return failingArguments(ast).map(({ range, function: name, label, help, isVain }) =>
    warning(site, range, {
      code: 'SL0224',
      message: `\`${name}\` ${isVain === true ? 'has no effect' : 'always fails'} here`,
      label,
      ...(help !== undefined && { help }),
    }),
  );
}

function warning(
  site: Site,
  { start, end }: TextRange,
  told: Pick<Lint, 'code' | 'message' | 'label' | 'help' | 'related'>,
): Lint {
  return { ...site, severity: 'warning', start, end, ...told };
}

function everything(site: Site, condition: Condition): Lint {
  return warning(site, condition, {
    code: 'SL0222',
    message: 'this condition is always true',
    label: 'a filter with it drops everything',
  });
}

function lintRemoved(group: Group, { site, ast }: ParsedText, removed: RemovedAttributes): readonly Lint[] {
  const lints: Lint[] = [];
  walk(ast, {
    path(path) {
      const name = nameOf(path, group);
      const removal = name === undefined ? undefined : removed.get(name);
      if (removal !== undefined) lints.push(removedLint(site, path, removal));
    },
  });
  return lints;
}

function removedLint(site: Site, range: TextRange, { group, index, statement, renamedTo }: Removal): Lint {
  const { start, end } = statement;
  return warning(site, range, {
    code: 'SL0223',
    message: 'the filter tests an attribute that a transform removes',
    label: 'always nil at this point: transforms run before filters',
    ...(renamedTo !== undefined && { help: `test \`${renamedTo}\` instead` }),
    related: { group, in: 'statements', index, start, end, label: 'it is deleted here, before filters run' },
  });
}
