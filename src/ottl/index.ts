export type { FunctionEnvironment } from './function.ts';
export type { ContextName } from './row.ts';
