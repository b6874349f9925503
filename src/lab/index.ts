export type {
  ExecutionEffects,
  ExecutionOptions,
  PlannedRun,
  Progress,
} from './execute/execution.ts';
export { planRuns } from './execute/plan-runs.ts';
export { runExperiment } from './execute/run-experiment.ts';
export { estimateMs } from './execute/time-left.ts';
export { allCells, cellsOf } from './experiment/cells.ts';
export type { Cell, Coordinates, Experiment, Profile, ProfileName } from './experiment/experiment.ts';
export { AXES, PROFILES } from './experiment/experiment.ts';
export { type ReadExperiment, readExperiment } from './experiment/read-experiment.ts';
export type { RunRecord } from './results/run-record.ts';
export type { Backend, Fault, LedgerCheck, Load, Runner, RunnerName, RunPlan, RunResult } from './run.ts';
export { type GatewayProgram, type RunningGateway, startGateway } from './runners/gateway-process.ts';
export {
  type GeneratorProcess,
  type SinkProcess,
  startGeneratorProcess,
  startSinkProcess,
} from './runners/load-process.ts';
export {
  busySecondsOfMachine,
  type CpuPlan,
  cpuPlan,
  cpuSecondsOf,
  freePorts,
  machineName,
  memoryOf,
} from './runners/machine.ts';
export { RUN_SKIPPED, type RunnerOptions } from './runners/runner.ts';
