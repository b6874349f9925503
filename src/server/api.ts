/**
 * The HTTP API's documents, shared by the server, the UI and `sluice status`. Field names never change within v1; additions only.
 * Durations are seconds, sizes bytes, times RFC 3339 UTC, rates items per second over the last 10 seconds.
 */
import type { Issue } from '../diagnostics/index.ts';
import type { BackendFailureKind, FlowGraph, FlowNodeLive, LedgerRow } from '../flow/index.ts';
import type { Signal } from '../pdata/index.ts';

export type PipelineKind = 'TracePipeline' | 'MetricPipeline' | 'LogPipeline';

/** GET /api/v1/ledger */
export interface LedgerDocument {
  readonly pipelines: readonly ({ readonly kind: PipelineKind; readonly name: string } & LedgerRow)[];
}

export interface BackendStatus {
  /** `localhost:14317 (gRPC)`; never holds a credential. */
  readonly destination: string;
  readonly state: 'unknown' | 'ok' | 'failing';
  readonly since: string;
  readonly failure?: { readonly kind: BackendFailureKind; readonly code: string; readonly message: string };
  readonly failedTries: number;
}

export interface PipelineStatus {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly signal: Signal;
  readonly ready: 'True' | 'False' | 'Unknown';
  /** NoDataYet, FlowHealthy, BufferFillingUp, SomeDataDropped, AllDataDropped, ConfigurationInvalid. */
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
  readonly signals: Readonly<Record<Signal, SignalTotals>>;
  readonly pipelines: readonly PipelineStatus[];
  readonly memory: { readonly rssBytes: number; readonly limitBytes: number };
  /** Absent where everything runs in one process. */
  readonly processes?: readonly ProcessDocument[];
}

/** One question on the way of the first item; the first `no` or `waiting` is the last in its list. */
export interface FirstDataStep {
  readonly id: 'listening' | 'connected' | 'otlp' | 'accepted' | 'claimed' | 'delivered' | 'clock';
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
}

/** What the viewer keeps and how much of it; `oldest` is null when it is empty. */
export interface ViewerRetention {
  readonly kept: number;
  readonly capacity: number;
  readonly oldest: string | null;
}

/** What every list says beside its items. */
interface ViewerList {
  readonly retention: ViewerRetention;
  /** How many match; `items` holds the first `limit` of them. */
  readonly total: number;
  /** Every service that is kept, whatever the filter and the limit; sorted. */
  readonly services: readonly string[];
}

/** GET /api/v1/explore/traces?limit=&service=&q= , newest first */
export interface TraceListDocument extends ViewerList {
  readonly items: readonly TraceSummary[];
}

export interface TraceSummary {
  readonly traceId: string;
  /** Name and service of the root span, or of the earliest one when the root is missing. */
  readonly name: string;
  readonly service: string;
  readonly startTime: string;
  readonly durationSeconds: number;
  readonly spanCount: number;
  readonly errorCount: number;
}

/**
 * GET /api/v1/explore/traces/{traceId}; 404 when it is not kept. Spans in order of the waterfall: a parent before its
 * children, siblings by start; a span whose parent is missing stands like a root.
 */
export interface TraceDocument {
  readonly traceId: string;
  readonly startTime: string;
  readonly durationSeconds: number;
  readonly spans: readonly SpanDocument[];
}

export type AttributeDocument = { readonly key: string; readonly type: string; readonly value: string };

export interface SpanDocument {
  readonly spanId: string;
  readonly parentSpanId: string;
  /** 0 for roots and for spans whose parent is missing. */
  readonly depth: number;
  readonly name: string;
  readonly service: string;
  /** INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER or UNSPECIFIED. */
  readonly kind: string;
  readonly status: 'UNSET' | 'OK' | 'ERROR';
  readonly statusMessage: string;
  readonly startTime: string;
  /** Seconds from the start of the trace's earliest span. */
  readonly offsetSeconds: number;
  readonly durationSeconds: number;
  readonly attributes: readonly AttributeDocument[];
  readonly resource: readonly AttributeDocument[];
  readonly scope: { readonly name: string; readonly version: string };
  readonly events: readonly {
    readonly name: string;
    readonly offsetSeconds: number;
    readonly attributes: readonly AttributeDocument[];
  }[];
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: readonly AttributeDocument[];
  }[];
}

/**
 * GET /api/v1/explore/metrics?q=&service=&name=&limit=&points= ; one item per metric name, service and attribute set, by name.
 * `name` matches exactly; each series holds its newest `points` points.
 */
export interface MetricListDocument extends ViewerList {
  readonly items: readonly MetricSeries[];
}

export interface MetricSeries {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';
  readonly temporality?: 'cumulative' | 'delta';
  readonly monotonic?: boolean;
  readonly service: string;
  readonly attributes: readonly AttributeDocument[];
  /** Value of a number point, count and sum of the others; oldest first. */
  readonly points: readonly {
    readonly time: string;
    readonly value: number | null;
    readonly count?: string;
    readonly sum?: number;
  }[];
}

/** GET /api/v1/explore/logs?limit=&q=&service=&traceId= , newest first */
export interface LogListDocument extends ViewerList {
  readonly items: readonly LogDocument[];
}

export interface LogDocument {
  readonly time: string;
  readonly severity: string;
  readonly severityNumber: number;
  readonly body: string;
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: readonly AttributeDocument[];
  readonly resource: readonly AttributeDocument[];
}

/** GET /api/v1/pipelines */
export interface PipelineListDocument {
  readonly items: readonly PipelineStatus[];
}

/**
 * GET /api/v1/configuration: what runs, and what became of the newest version of the files. The same document is the SSE
 * event `configuration`, sent when it changes. Secret values and header values are masked in every text.
 */
export interface ConfigurationDocument {
  /** Counts the versions that were looked at, from 1. */
  readonly generation: number;
  readonly loadedAt: string;
  /** How long it took from reading the files until the rules ran. */
  readonly activatedMs: number;
  /** `partly`: something has an error; what was valid before keeps running in its place, or is left out. */
  readonly state: 'running' | 'partly' | 'rejected';
  readonly topology: 'Shared' | 'PerSignal' | 'PerPipeline';
  readonly files: readonly { readonly file: string; readonly text: string }[];
  readonly issues: readonly Issue[];
  readonly pipelines: readonly PipelineSourceDocument[];
  /** One Collector configuration a process. */
  readonly rendered: readonly { readonly workload: string; readonly yaml: string }[];
}

/** One resource: its text, and where it stands. */
export interface PipelineSourceDocument {
  readonly kind: PipelineKind;
  readonly name: string;
  /** Absent for the built-in ones. */
  readonly source?: { readonly file: string; readonly line: number; readonly endLine: number };
  /** The version that runs: `current`, the last valid one because the current one has an error, or none. */
  readonly runs: 'current' | 'previous' | 'nothing';
  readonly origin: 'file' | 'applied' | 'built-in';
  /** Blocks of `rendered` that come from it: `otlp-gateway: exporters/otlp_grpc/tracepipeline-jaeger`. */
  readonly blocks: readonly {
    readonly workload: string;
    readonly block: string;
    readonly line: number;
    readonly field: string;
  }[];
}

/** GET /api/v1/pipelines/{kind}/{name}: everything about one pipeline; what belongs to others is left out. */
export interface PipelineDocument {
  readonly status: PipelineStatus;
  /** Absent where the server does not know the configuration. */
  readonly source?: PipelineSourceDocument;
  /** The file it stands in, masked. */
  readonly file?: { readonly file: string; readonly text: string };
  /** Findings within its lines. */
  readonly issues: readonly Issue[];
  /** Configurations that hold blocks of it. */
  readonly rendered: ConfigurationDocument['rendered'];
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
  /** Why it is not running: `killed by SIGKILL`. */
  readonly message?: string;
}

/** POST /api/v1/validate with `{text}`: findings of one file, as if it stood alone. */
export interface ValidateDocument {
  readonly issues: readonly Issue[];
  readonly resourceCount: number;
}

/** Body of POST /api/v1/local/apply. */
export interface ApplyRequest {
  readonly files: readonly { readonly file: string; readonly text: string }[];
  readonly dryRun?: boolean;
}

/** Body of POST /api/v1/local/delete. */
export interface DeleteRequest {
  readonly kind: string;
  readonly name: string;
  readonly dryRun?: boolean;
}

/** Answer of POST /api/v1/local/apply and /api/v1/local/delete. */
export interface ApplyDocument {
  readonly changes: readonly ResourceChange[];
  /** With an error in them nothing is applied. */
  readonly issues: readonly Issue[];
  /** The generation that runs afterwards. */
  readonly generation: number;
}

export interface ResourceChange {
  readonly kind: string;
  readonly name: string;
  readonly action: 'created' | 'configured' | 'unchanged' | 'deleted';
  /** By field path; secrets show as `‹hidden›`, also when only they differ. */
  readonly fields: readonly { readonly path: string; readonly before?: string; readonly after?: string }[];
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
