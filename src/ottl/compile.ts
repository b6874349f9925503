import type { FunctionEnvironment } from './function.ts';
import type { CompiledCondition, CompiledGroup, CompiledStatement, Group } from './group.ts';
import type { ContextName } from './row.ts';

/** Throws for a group that `checkGroup` finds errors in. */
export function compileGroup(_group: Group, _environment: FunctionEnvironment): CompiledGroup {
  throw new Error('being written');
}

/** One statement for rows of a context; paths may leave the context's own name out. Throws where there are problems. */
export function compileStatement(
  _text: string,
  _context: ContextName,
  _environment: FunctionEnvironment,
): CompiledStatement {
  throw new Error('being written');
}

export function compileCondition(
  _text: string,
  _context: ContextName,
  _environment: FunctionEnvironment,
): CompiledCondition {
  throw new Error('being written');
}
