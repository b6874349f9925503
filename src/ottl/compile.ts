import type { Signal } from '../pdata/index.ts';
import { compileTexts } from './compile-group.ts';
import type { FunctionEnvironment } from './function.ts';
import type { CompiledCondition, CompiledGroup, CompiledStatement, Group, GroupProblem } from './group.ts';
import type { ContextName } from './row.ts';

/** Throws for a group that `checkGroup` finds errors in. */
export function compileGroup(group: Group, environment: FunctionEnvironment): CompiledGroup {
  const { context, problems, conditions, statements } = compileTexts(group, environment);
  const [first] = problems;
  if (context === undefined || first !== undefined) throw new Error(`the group has errors: ${describe(group, first)}`);
  return { context, conditions, statements };
}

/** One statement for rows of a context; paths may leave the context's own name out. Throws where there are problems. */
export function compileStatement(
  text: string,
  context: ContextName,
  environment: FunctionEnvironment,
): CompiledStatement {
  const group = { signal: signalOf(context), for: 'transform', context, conditions: [], statements: [text] } as const;
  return compileGroup(group, environment).statements[0]!;
}

/** One condition, with the functions of the filter processor. */
export function compileCondition(
  text: string,
  context: ContextName,
  environment: FunctionEnvironment,
): CompiledCondition {
  const group = { signal: signalOf(context), for: 'filter', context, conditions: [text], statements: [] } as const;
  return compileGroup(group, environment).conditions[0]!;
}

function signalOf(context: ContextName): Signal {
  if (context === 'log') return 'logs';
  return context === 'metric' || context === 'datapoint' ? 'metrics' : 'traces';
}

function describe(group: Group, problem: GroupProblem | undefined): string {
  if (problem === undefined) return 'it has no context';
  return `${problem.message} in ${group[problem.in][problem.index]}`;
}
