export type { BackendFailure, BackendFailureKind } from './backend-failure.ts';
export { Account, DROP_CAUSES, type DropCause, type LedgerRow, lostItems, sumRows } from './ledger.ts';
export type { EngineSnapshot, ExporterSnapshot, PipelineSnapshot } from './snapshot.ts';
