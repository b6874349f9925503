export type { ExecutionEffects, ExecutionOptions, PlannedRun, Progress } from './execute/execution.ts';
export { chosenCells, planRuns } from './execute/plan-runs.ts';
export { runExperiment } from './execute/run-experiment.ts';
export { estimateMs } from './execute/time-left.ts';
export { allCells, cellsOf } from './experiment/cells.ts';
export {
  type Cell,
  type Coordinates,
  type Experiment,
  PROFILES,
  type Profile,
  type ProfileName,
} from './experiment/experiment.ts';
export { type ReadExperiment, readExperiment } from './experiment/read-experiment.ts';
export { describeMachine, type Machine } from './machine.ts';
export { methodText, placeText } from './report/conditions.ts';
export { criterionCounts, criterionNumbers, criterionVerdict } from './report/criteria-section.ts';
export { formatDifference, formatMean, formatNumber, formatRatio } from './report/format-number.ts';
export { type PlacedResults, summaryPage } from './report/summary-page.ts';
export { compareResults, type ResultsComparison } from './results/compare-results.ts';
export {
  appendRun,
  type Execution,
  holdsRuns,
  RESULTS_UNUSABLE,
  readResults,
  readRuns,
  resultFolders,
  writeReport,
  writeResults,
} from './results/result-folder.ts';
export type { CellResults, ComparisonRow, CriterionResults, Results, RunProblem } from './results/results.ts';
export type { RunRecord } from './results/run-record.ts';
export { summarise } from './results/summarise.ts';
export type { Backend, Fault, LedgerCheck, Load, Runner, RunnerName, RunPlan, RunResult } from './run.ts';
export { type ClusterRunnerOptions, createClusterRunner } from './runners/cluster/cluster-runner.ts';
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
export { NAMED_SETTINGS, type NamedSettings } from './runners/named-settings.ts';
export { RUN_SKIPPED } from './runners/run-skipped.ts';
export { createRunner, type RunnerOptions } from './runners/runner.ts';
export type { Interval } from './statistics/estimate.ts';
export type { Verdict } from './statistics/verdict.ts';
