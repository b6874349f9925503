export type { BackendFailure, BackendFailureKind } from './backend-failure.ts';
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
export type {
  ExporterFigures,
  FluentBitInputFigures,
  FluentBitOutputFigures,
  IntakeFigures,
  MetricsSample,
  ProcessFigures,
} from './health/metrics-sample.ts';
export type { FlowReason, FlowVerdict } from './health/verdict.ts';
export { joinHops, rowOfKilled } from './hops.ts';
export { Account, addRows, DROP_CAUSES, type DropCause, type LedgerRow, lostItems, sumRows } from './ledger.ts';
export type { EngineSnapshot, ExporterSnapshot, PipelineSnapshot, StatementSnapshot } from './snapshot.ts';
