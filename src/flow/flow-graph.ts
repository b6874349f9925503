/**
 * Pipelines as a picture: what data passes on its way from senders to backends. One value for `sluice graph`, the HTTP
 * API and the UI; the compiler knows its nodes and edges, a running engine adds the figures.
 */
import type { Signal } from '../pdata/index.ts';
import type { BackendFailureKind } from './backend-failure.ts';
import type { DropCause } from './ledger.ts';

/** In the order of data. A hop is the queue in which a process keeps what it hands over to another one. */
export const FLOW_STAGES = ['source', 'input', 'hop', 'processor', 'queue', 'backend'] as const;
export type FlowStage = (typeof FLOW_STAGES)[number];

/** What stands in a column of the picture: a hop lies between two inputs. */
export const FLOW_COLUMN = {
  source: 'source',
  input: 'input',
  hop: 'input',
  processor: 'processor',
  queue: 'queue',
  backend: 'backend',
} as const satisfies Record<FlowStage, FlowStage>;

/** Which pipeline a node belongs to; nodes that several share have none. */
export interface FlowPipelineRef {
  readonly kind: 'TracePipeline' | 'MetricPipeline' | 'LogPipeline';
  readonly name: string;
  /** Shows data in the UI; no resource of the user's. */
  readonly builtIn?: true;
}

/** Where in the user's files a node comes from. */
export interface FlowSource {
  readonly file: string;
  readonly line: number;
  /** `spec.output.otlp`. */
  readonly field: string;
}

export interface FlowNode {
  /** Stable while the configuration is: derived from what the node is, not from where it stands. */
  readonly id: string;
  readonly stage: FlowStage;
  /** Short, for people: `OTLP`, `batch`, `queue 16 MiB`, `localhost:14317 (gRPC)`; never holds a credential. */
  readonly label: string;
  /** The process that runs it: `otlp-gateway`. Absent for sources and backends. */
  readonly workload?: string;
  readonly pipeline?: FlowPipelineRef;
  readonly source?: FlowSource;
  /** Present only where an engine runs it. */
  readonly live?: FlowNodeLive;
}

export interface FlowNodeLive {
  /** Of a queue or a hop. */
  readonly queue?: { readonly sizeBytes: number; readonly capacityBytes: number };
  /** What left the flow here since the start, by cause, and per second. */
  readonly dropped?: Readonly<Partial<Record<DropCause, number>>>;
  readonly droppedPerSecond?: number;
  /** What a filter has left out since the start, in items, and per second. */
  readonly filtered?: number;
  readonly filteredPerSecond?: number;
  /** Of a backend. */
  readonly backend?: {
    readonly state: 'unknown' | 'ok' | 'failing';
    /** RFC 3339. */
    readonly since: string;
    readonly failure?: { readonly kind: BackendFailureKind; readonly code: string; readonly message: string };
  };
}

export interface FlowEdge {
  /** Node ids. */
  readonly from: string;
  readonly to: string;
  readonly signal: Signal;
  readonly pipeline?: FlowPipelineRef;
  /** Items per second over the last 10 seconds; absent where nothing runs. */
  readonly perSecond?: number;
}

/** GET /api/v1/graph */
export interface FlowGraph {
  readonly topology: 'Shared' | 'PerSignal' | 'PerPipeline';
  /** In the order of stage, signal, kind and name. */
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}
