export type { ContextName, FunctionEnvironment } from './function.ts';
