/** A pipeline and its backend, as every document names them. */
import type { BackendFailureKind, LedgerRow } from '../flow/index.ts';
import type { Signal } from '../pdata/index.ts';

export type PipelineKind = 'TracePipeline' | 'MetricPipeline' | 'LogPipeline';

export interface BackendStatus {
  /** `localhost:14317 (gRPC)`; never holds a credential. */
  readonly destination: string;
  readonly state: 'unknown' | 'ok' | 'failing';
  readonly since: string;
  readonly failure?: { readonly kind: BackendFailureKind; readonly code: string; readonly message: string };
  readonly failedTries: number;
  /** Why it last rejected items for good, all or some of a request; stays while it takes others. */
  readonly rejection?: { readonly kind: BackendFailureKind; readonly code: string; readonly message: string };
}

export interface PipelineStatus {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly signal: Signal;
  readonly ready: 'True' | 'False' | 'Unknown';
  /** NoDataYet, FlowHealthy, BufferFillingUp, SomeDataDropped, AllDataDropped, ConfigurationInvalid, NotConfigured. */
  readonly reason: string;
  readonly message: string;
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly filteredPerSecond: number;
  readonly lostPerSecond: number;
  /** Items lost in the last 5 minutes. */
  readonly lostRecently: number;
  readonly queue: { readonly sizeBytes: number; readonly capacityBytes: number };
  /** Age of the newest item received; null before the first. */
  readonly newestAgeSeconds: number | null;
  /** Items in per second, one entry per second, oldest first, at most 900. */
  readonly trend: readonly number[];
  readonly backend: BackendStatus;
  readonly ledger: LedgerRow;
}
