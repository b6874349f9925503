export { checkGroup } from './check.ts';
export { compileCondition, compileGroup, compileStatement } from './compile.ts';
export { failureOf } from './evaluation-failure.ts';
export {
  EvaluationError,
  type FunctionEnvironment,
  type FunctionSpec,
  RequestLimitError,
} from './function.ts';
export { functionSignature, functionsPage } from './functions/page.ts';
export { compileTemplate, type Template } from './functions/replacement.ts';
export type {
  CheckedGroup,
  CompiledCondition,
  CompiledGroup,
  CompiledStatement,
  Group,
  GroupProblem,
} from './group.ts';
export { type Lint, lintGroups } from './lint.ts';
export { parseCondition, parseStatement } from './parse.ts';
export { FUNCTIONS, findFunction } from './registry.ts';
export type { ContextName, Row } from './row.ts';
export {
  compileEditor,
  type EditResult,
  enumsOf,
  type MessageFields,
  pathNames,
  type RequestEditor,
  type RowStep,
  rowOf,
  type Walk,
} from './rows/index.ts';
export type { Condition, Problem, Statement } from './syntax.ts';
export { Duration, IdValue, type MapValue, Time, type Value } from './value.ts';
