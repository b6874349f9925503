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

/** One OTTL statement or condition of a pipeline, and what became of it since it runs like this. */
export interface RuleStatus {
  /** `spec.filter[0].conditions[1]`; `spec.input.otlp` for its namespaces. */
  readonly field: string;
  readonly part: 'statement' | 'condition';
  /** Cut when it is long. */
  readonly text: string;
  /** Items, resources and so on that came as far as to it. */
  readonly asked: number;
  /** Those for which the statement ran or the condition was true. */
  readonly matched: number;
  /** Those for which it could not be evaluated; they pass as if it were not there. */
  readonly failed: number;
  /** Why it last failed, and when. */
  readonly error?: string;
  readonly lastFailedAt?: string;
  readonly source?: { readonly file: string; readonly line: number; readonly field?: string };
}

/** GET /api/v1/pipelines/{kind}/{name}/rules: up to 500 of them; fewer in documents about all pipelines. */
export interface PipelineRules {
  readonly count: number;
  /** How many failed in the last 5 minutes. */
  readonly failing: number;
  /** In the order they run; of very many those that failed, then from the top. */
  readonly items: readonly RuleStatus[];
  /** The condition that left out most; absent while none did. */
  readonly dropsMost?: RuleStatus;
}

/** The queue in front of a backend: the fullest, where a pipeline has several. */
export interface QueueStatus {
  readonly sizeBytes: number;
  readonly capacityBytes: number;
  /** Of a queue on disk. */
  readonly disk?: {
    /** When the oldest of what waits was received; absent: nothing waits. */
    readonly oldest?: string;
    /** Why the disk takes nothing at the moment. */
    readonly failure?: string;
  };
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
  readonly queue: QueueStatus;
  /** Age of the newest item received; null before the first. */
  readonly newestAgeSeconds: number | null;
  /** Items in per second, one entry per second, oldest first, at most 900. */
  readonly trend: readonly number[];
  readonly backend: BackendStatus;
  readonly ledger: LedgerRow;
  /** Absent for a pipeline without transform, filter and namespaces, and for one that does not run. */
  readonly rules?: PipelineRules;
}
