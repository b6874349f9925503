export type { Backend, Fault, LedgerCheck, Load, Runner, RunnerName, RunPlan, RunResult } from './run.ts';
