import { compileFunction } from './compile-call.ts';
import { compileCondition } from './compile-condition.ts';
import { compileExpression } from './compile-expression.ts';
import { ITEM_CONTEXT } from './contexts.ts';
import type { FunctionEnvironment, Getter } from './function.ts';
import type { CompiledCondition, CompiledStatement, Group, GroupProblem } from './group.ts';
import { type Inferred, inferContext, type ParsedText } from './infer-context.ts';
import { inferenceProblem } from './inference-problem.ts';
import { MAX_PROBLEMS } from './limits.ts';
import { parseCondition, parseStatement } from './parse.ts';
import { isUpper } from './parse-value.ts';
import { findFunction } from './registry.ts';
import type { ContextName } from './row.ts';
import { reportError, type Scope } from './scope.ts';
import type { Statement } from './syntax.ts';

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
  const inferred = contextOf(group, texts);
  const { context } = inferred;
  const conditions: CompiledCondition[] = [];
  const statements: CompiledStatement[] = [];
  for (const text of texts) {
    const { ast, index } = text;
    const found = problems.length;
    const scope: Scope = {
      signal: group.signal,
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
  return { context, problems: withInference(group, inferred, { texts, problems }), conditions, statements };
}

function contextOf(group: Group, texts: readonly ParsedText[]): Inferred {
  if (group.context !== undefined) return { context: group.context };
  return texts.length === 0 ? { context: ITEM_CONTEXT[group.signal] } : inferContext(group, texts);
}

/** Without a context, what depends on it is not worth telling; and who names no path has often written it wrong. */
function withInference(
  { signal }: Group,
  inferred: Inferred,
  { texts, problems }: { readonly texts: readonly ParsedText[]; readonly problems: readonly GroupProblem[] },
): readonly GroupProblem[] {
  if (inferred.context !== undefined) return problems;
  const others = problems.filter(({ code }) => code !== 'SL0205' && code !== 'SL0206' && code !== 'SL0215');
  const isTold = inferred.reason === 'no path' && others.length > 0;
  return isTold ? others : [inferenceProblem(signal, texts[0]!, inferred), ...others];
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
