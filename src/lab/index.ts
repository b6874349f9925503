export type { Backend, Fault, LedgerCheck, Load, Runner, RunnerName, RunPlan, RunResult } from './run.ts';
export { RUN_SKIPPED, type RunnerOptions } from './runners/runner.ts';
