import type { Signal } from '../pdata/index.ts';
import type { BackendFailure } from './backend-failure.ts';
import type { LedgerRow } from './ledger.ts';

/** State of one exporter of one pipeline at one moment. */
export interface ExporterSnapshot {
  /** Component id, such as `otlp_grpc/tracepipeline-jaeger`. */
  readonly id: string;
  /** Where it sends to, for people: `localhost:14317 (gRPC)`, `./logs/out.jsonl`; never holds a credential. */
  readonly destination: string;
  /** `unknown` until the first answer of the backend. */
  readonly state: 'unknown' | 'ok' | 'failing';
  /** Wall clock of the last change of `state`, ms since the epoch. */
  readonly sinceMs: number;
  /** The last failure while `failing`. */
  readonly failure?: BackendFailure;
  /** Why it last gave up items of a request for good, all or some of them; stays while others are taken. */
  readonly rejection?: BackendFailure;
  /** Failed tries since `sinceMs`. */
  readonly failedTries: number;
  readonly queueBytes: number;
  /** 0 when the exporter has no queue. */
  readonly queueCapacityBytes: number;
  /** Of a queue on disk; what it takes there is `queueBytes`. */
  readonly disk?: DiskSnapshot;
  /** This exporter's share of the pipeline's ledger; the rows of all of them, with those no longer listed, make the pipeline's. */
  readonly ledger: LedgerRow;
  /** The pipeline no longer ends in it: it delivers what it holds. */
  readonly retired?: true;
}

/** What a queue on disk says of itself. */
export interface DiskSnapshot {
  readonly directory: string;
  /** Requests that are not settled. */
  readonly requests: number;
  /** Wall clock of the oldest of them, ms; absent: there is none. */
  readonly oldestMs?: number;
  /** Bytes that could not be read since the start, and do not say how many items they held. */
  readonly unreadableBytes: number;
  /** Why the disk takes nothing at the moment. */
  readonly failure?: string;
}

/** A queue on disk that no exporter of the configuration has. Nothing of it is sent, and nothing deleted. */
export interface UnownedBacklog {
  readonly directory: string;
  readonly bytes: number;
}

/** State of one pipeline of the running configuration. */
export interface PipelineSnapshot {
  /** Pipeline id of the Collector configuration, such as `traces/tracepipeline-jaeger`. */
  readonly id: string;
  readonly signal: Signal;
  readonly ledger: LedgerRow;
  readonly exporters: readonly ExporterSnapshot[];
  /** Wall clock of the newest item handed to this pipeline, ms; undefined before the first. */
  readonly lastReceivedMs?: number;
  readonly lastDeliveredMs?: number;
  /** The configuration no longer has it: it takes nothing new and delivers what it holds; its account stays. */
  readonly retired?: true;
}

/** What became of one OTTL statement or condition of a processor since it runs with these settings. */
export interface StatementSnapshot {
  /** Component id, such as `filter/tracepipeline-jaeger-0`. */
  readonly processor: string;
  readonly signal: Signal;
  readonly part: 'statement' | 'condition';
  /** Its place among all statements, or all conditions, of the processor and signal. */
  readonly index: number;
  readonly text: string;
  /** Items, resources and so on that came as far as to it. */
  readonly asked: number;
  /** Those that it was run on, or that met it as a condition: 0 is worth a look. */
  readonly matched: number;
  readonly failed: number;
  /** Why it last failed, and when, in ms of the wall clock. */
  readonly lastError?: string;
  readonly lastFailedMs?: number;
}

/** What one engine says of itself; the one source of status, ledger and overview. */
export interface EngineSnapshot {
  readonly takenAtMs: number;
  /** Items senders offered, each counted once however many pipelines take it. */
  readonly offered: Readonly<Record<Signal, number>>;
  /**
   * Pipelines that end in an exporter to the outside or in a connector that chooses; shared input stages are part of those
   * behind them. Those the configuration no longer has stay, `retired`, up to a bound.
   */
  readonly pipelines: readonly PipelineSnapshot[];
  /** Found on disk at the start, beside the queues of the configuration; absent where there is none. */
  readonly unowned?: readonly UnownedBacklog[];
  /** Sum of the retired pipelines that are no longer listed; absent while there is none. */
  readonly folded?: LedgerRow;
  /** Of the processors `filter` and `transform`; absent where none runs. */
  readonly statements?: readonly StatementSnapshot[];
  /** Items that each `filter` has dropped since the start; absent where none runs. */
  readonly filtered?: readonly { readonly processor: string; readonly items: number }[];
}
