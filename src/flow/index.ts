export type { BackendFailure, BackendFailureKind } from './backend-failure.ts';
export { BACKEND_WORDS } from './backend-words.ts';
export {
  FLOW_COLUMN,
  FLOW_STAGES,
  type FlowEdge,
  type FlowGraph,
  type FlowNode,
  type FlowNodeLive,
  type FlowPipelineRef,
  type FlowSource,
  type FlowStage,
} from './flow-graph.ts';
export { readExposition, type Series } from './health/exposition.ts';
export { flowVerdict, type JudgedFlow } from './health/flow-verdict.ts';
export { type FlowPlace, FlowWindow, type ObservedFlow, type ObservedPod } from './health/flow-window.ts';
export type {
  ExporterFigures,
  FluentBitInputFigures,
  FluentBitOutputFigures,
  IntakeFigures,
  MetricsSample,
  ProcessFigures,
} from './health/metrics-sample.ts';
export { type TakenSample, takeSample } from './health/take-sample.ts';
export type { FlowReason, FlowVerdict } from './health/verdict.ts';
export { joinHops, rowOfKilled } from './hops.ts';
export { Account, addRows, DROP_CAUSES, type DropCause, type LedgerRow, lostItems, sumRows } from './ledger.ts';
export type {
  DiskSnapshot,
  EngineSnapshot,
  ExporterSnapshot,
  PipelineSnapshot,
  StatementSnapshot,
  UnownedBacklog,
} from './snapshot.ts';
