/**
 * The HTTP API's documents, shared by the server, the UI and `sluice status`. Field names never change within v1; additions only.
 * Durations are seconds, sizes bytes, times RFC 3339 UTC, rates items per second over the last 10 seconds.
 */
import type { FlowGraph, FlowNodeLive, LedgerRow } from '../flow/index.ts';
import type { Signal } from '../pdata/index.ts';
import type { PipelineKind, PipelineStatus } from './api-pipeline.ts';

export type * from './api-configuration.ts';
export type * from './api-explore.ts';
export type * from './api-pipeline.ts';
export type * from './api-preview.ts';

/** GET /api/v1/ledger */
export interface LedgerDocument {
  readonly pipelines: readonly ({ readonly kind: PipelineKind; readonly name: string } & LedgerRow)[];
}

export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly pipeline?: { readonly kind: PipelineKind; readonly name: string };
  readonly code?: string;
  /** One sentence: who, what, since when. */
  readonly title: string;
  readonly detail: string;
  /** Commands to run next. */
  readonly commands: readonly string[];
  /** Where in the user's files the cause stands. */
  readonly source?: { readonly file: string; readonly line: number; readonly field?: string };
}

export interface SignalTotals {
  /** Items senders offered, each counted once; `inPerSecond` counts every pipeline's copy. */
  readonly offeredPerSecond: number;
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly filteredPerSecond: number;
  readonly lostPerSecond: number;
  readonly newestAgeSeconds: number | null;
  readonly trend: readonly number[];
}

/** GET /api/v1/overview; the same document once a second as SSE event `stats` of GET /api/v1/stream. */
export interface OverviewDocument {
  readonly generatedAt: string;
  readonly version: string;
  /** `built-in pipelines` or the files given. */
  readonly source: string;
  /** How the command line is called where the server runs: `sluice`, `./bin/sluice`. */
  readonly program: string;
  readonly startedAt: string;
  readonly health: { readonly state: 'waiting' | 'ok' | 'warning' | 'failing'; readonly sentence: string };
  readonly problems: readonly Problem[];
  readonly endpoints: { readonly grpc: string; readonly http: string; readonly ui: string };
  /** What the waiting page ticks off. */
  readonly progress: {
    readonly listening: boolean;
    readonly connected: boolean;
    readonly received: boolean;
    readonly delivered: boolean;
    readonly lastAttempt?: AttemptDocument;
    /** What the first item passes on its way, in order, up to the first that did not happen. */
    readonly steps: readonly FirstDataStep[];
  };
  /** What was not taken in the last 5 minutes, by reason, the newest first. */
  readonly turnedAway: readonly TurnedAwayDocument[];
  readonly signals: Readonly<Record<Signal, SignalTotals>>;
  readonly pipelines: readonly PipelineStatus[];
  readonly memory: { readonly rssBytes: number; readonly limitBytes: number };
  /** Absent where everything runs in one process. */
  readonly processes?: readonly ProcessDocument[];
}

/** One question on the way of the first item; the first `no` or `waiting` is the last in its list. */
export interface FirstDataStep {
  readonly id: 'listening' | 'connected' | 'otlp' | 'accepted' | 'claimed' | 'kept' | 'delivered' | 'clock';
  /** `listening`, `a sender connected`. */
  readonly title: string;
  /** `waiting`: it may still come by itself; `no`: somebody has to act. */
  readonly answer: 'yes' | 'waiting' | 'no';
  /** What was seen, and what to do about it. */
  readonly detail?: string;
  readonly code?: string;
  readonly commands: readonly string[];
}

/** An entry of GET /api/v1/ingest/attempts: `{items: AttemptDocument[]}`, newest first. */
export interface AttemptDocument {
  readonly at: string;
  readonly peer: string;
  readonly protocol: 'grpc' | 'http' | 'unknown';
  readonly signal?: Signal;
  readonly outcome: 'accepted' | 'rejected' | 'refused';
  readonly message?: string;
  /** It spoke something else than OTLP; `message` says what. */
  readonly foreign?: true;
}

/** Requests and connections of the last minutes that were not taken for the same reason. */
export interface TurnedAwayDocument {
  /** The sentence that the sender got, where its protocol can carry one. */
  readonly message: string;
  readonly count: number;
  /** The newest of them. */
  readonly last: AttemptDocument;
  /** SL0503 for what is not OTLP. */
  readonly code?: string;
}

/** GET /api/v1/pipelines */
export interface PipelineListDocument {
  readonly items: readonly PipelineStatus[];
}

/**
 * GET /api/v1/graph: the picture with live figures. On GET /api/v1/stream?topics=graph it is the event `graph`, sent at
 * first and when the topology changes; every second `figures` holds the figures alone.
 */
export interface GraphDocument extends FlowGraph {
  readonly generatedAt: string;
}

/** SSE event `figures`: what the nodes and edges of the last `graph` show now. */
export interface GraphFigures {
  readonly generatedAt: string;
  /** By node id; nodes that show nothing are left out. */
  readonly nodes: Readonly<Record<string, FlowNodeLive>>;
  /** Items per second, in the order of the edges. */
  readonly edges: readonly number[];
}

/** One process of a topology that has several. */
export interface ProcessDocument {
  /** `otlp-gateway`. */
  readonly workload: string;
  readonly state: 'running' | 'starting' | 'restarting' | 'stopped';
  readonly pid?: number;
  /** RFC 3339, of `state`. */
  readonly since: string;
  /** How often it was started again after it died. */
  readonly restarts: number;
  /** Why it is not running: `killed by SIGKILL`; or, while it is, that it hangs: `it has not answered for 12 s`. */
  readonly message?: string;
}

/** POST /api/v1/local/sample: what the built-in generator sent. */
export interface SampleDocument {
  readonly sent: Readonly<Record<Signal, number>>;
  /** One of the traces, to look at. */
  readonly traceId?: string;
}

/** Every error of the API, with the CLI's wording. */
export interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly help?: string };
}
