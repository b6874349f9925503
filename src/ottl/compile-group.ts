import { compileFunction } from './compile-call.ts';
import { compileCondition } from './compile-condition.ts';
import { compileExpression } from './compile-expression.ts';
import { ITEM_CONTEXT, lowerContexts, SIGNAL_CONTEXTS } from './contexts.ts';
import type { FunctionEnvironment, Getter } from './function.ts';
import type { CompiledCondition, CompiledStatement, Group, GroupProblem } from './group.ts';
import { type Inferred, inferContext, type ParsedText } from './infer-context.ts';
import { MAX_PROBLEMS } from './limits.ts';
import { parseCondition, parseStatement } from './parse.ts';
import { isUpper } from './parse-value.ts';
import { printPath } from './print.ts';
import { findFunction } from './registry.ts';
import type { ContextName } from './row.ts';
import { reportError, type Scope } from './scope.ts';
import type { Problem, Statement } from './syntax.ts';
import { walk } from './walk.ts';

export interface GroupResult {
  readonly context: ContextName | undefined;
  readonly problems: readonly GroupProblem[];
  readonly conditions: readonly CompiledCondition[];
  readonly statements: readonly CompiledStatement[];
}

/** Parses, infers the context, checks and compiles in one go; what is compiled counts only where there are no problems. */
export function compileTexts(group: Group, environment: FunctionEnvironment): GroupResult {
  const problems: GroupProblem[] = [];
  const texts = [...parseAll(group, 'conditions', problems), ...parseAll(group, 'statements', problems)];
  const context = group.context ?? inferOrReport(group, texts, problems);
  const conditions: CompiledCondition[] = [];
  const statements: CompiledStatement[] = [];
  for (const text of texts) {
    const { ast, index } = text;
    const found = problems.length;
    const scope: Scope = {
      context: context ?? ITEM_CONTEXT[group.signal],
      isQualified: group.context === undefined,
      place: { for: group.for, in: text.in },
      environment,
      report: (problem) => {
        if (problems.length - found < MAX_PROBLEMS) problems.push({ ...problem, in: text.in, index });
      },
    };
    const source = group[text.in][index]!;
    if (ast.kind === 'statement') statements.push(compileOne(source, ast, scope));
    else conditions.push({ text: source, test: compileCondition(ast, scope) });
  }
  return { context, problems: context === undefined ? withoutFollowing(problems) : problems, conditions, statements };
}

function parseAll(group: Group, part: 'conditions' | 'statements', problems: GroupProblem[]): readonly ParsedText[] {
  return group[part].flatMap((text, index) => {
    const parsed = part === 'conditions' ? parseCondition(text) : parseStatement(text);
    if (parsed.problems === undefined) return [{ in: part, index, ast: parsed.ast }];
    problems.push(...parsed.problems.map((problem) => ({ ...problem, in: part, index })));
    return [];
  });
}

function compileOne(text: string, { editor, where }: Statement, scope: Scope): CompiledStatement {
  const edit = compileEditor(editor, scope);
  if (where === undefined) {
    return {
      text,
      run(row) {
        edit(row);
        return true;
      },
    };
  }
  const test = compileCondition(where, scope);
  return {
    text,
    run(row) {
      if (!test(row)) return false;
      edit(row);
      return true;
    },
  };
}

function compileEditor(editor: Statement['editor'], scope: Scope): Getter {
  if (isUpper(editor.name) && findFunction(editor.name) !== undefined)
    reportError(scope, editor.nameRange, {
      code: 'SL0210',
      message: `\`${editor.name}\` yields a value and changes nothing`,
      label: 'a statement begins with an editor',
      help: 'to keep the value, write `set(…, …)`; to test it, write it behind `where`',
    });
  for (const key of editor.keys.slice(0, 1))
    reportError(scope, key, { code: 'SL0210', message: `an editor yields no value, so there is nothing to index` });
  return compileFunction(editor, scope, compileExpression) ?? (() => undefined);
}

/** The context, or undefined after telling why there is none. */
function inferOrReport(group: Group, texts: readonly ParsedText[], problems: GroupProblem[]): ContextName | undefined {
  if (texts.length === 0) return ITEM_CONTEXT[group.signal];
  const inferred = inferContext(group, texts);
  if (inferred.context === undefined) problems.push(...failureOf(group, texts, inferred));
  return inferred.context;
}

function failureOf(
  { signal }: Group,
  texts: readonly ParsedText[],
  inferred: Extract<Inferred, { readonly context?: undefined }>,
): readonly GroupProblem[] {
  if (inferred.reason === 'no path') {
    // Paths without a context say so themselves.
    const [first] = texts;
    const { in: part, index, ast } = first!;
    return hasPaths(texts)
      ? []
      : [
          {
            ...error(ast, 'nothing says what this runs on'),
            help: `name a path, such as \`${ITEM_CONTEXT[signal]}.attributes["…"]\``,
            in: part,
            index,
          },
        ];
  }
  const { in: part, index } = inferred.text;
  if (inferred.reason === 'older name') {
    const path = printPath(inferred.culprit);
    const help = `write \`${path.replace('instrumentation_scope', 'scope')}\``;
    return [{ ...error(inferred.culprit, '`instrumentation_scope` alone names no context'), help, in: part, index }];
  }
  const { name } = inferred.culprit;
  const range = 'nameRange' in inferred.culprit ? inferred.culprit.nameRange : inferred.culprit;
  const tried = [inferred.of, ...lowerContexts(signal, inferred.of)].map((context) => `\`${context}\``);
  const others = SIGNAL_CONTEXTS[signal].filter((context) => !tried.includes(`\`${context}\``));
  return [
    {
      ...error(range, `no context has all paths of these and \`${name}\``),
      label: `not there for ${tried.join(', ')}`,
      ...(others.length > 0 && {
        help: 'paths of a more particular context decide where all of them run; move them to an entry of their own',
      }),
      in: part,
      index,
    },
  ];
}

function hasPaths(texts: readonly ParsedText[]): boolean {
  let found = false;
  const path = () => {
    found = true;
  };
  for (const { ast } of texts) walk(ast, { path });
  return found;
}

function error({ start, end }: { readonly start: number; readonly end: number }, message: string): Problem {
  return { code: 'SL0212', severity: 'error', message, start, end };
}

/** Without a context, only what does not depend on it is worth telling. */
function withoutFollowing(problems: readonly GroupProblem[]): readonly GroupProblem[] {
  return problems.filter(({ code }) => code !== 'SL0205' && code !== 'SL0206' && code !== 'SL0215');
}
