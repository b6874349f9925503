import type { PipelineKind } from '../apis/index.ts';
import type { SourceSpan } from '../diagnostics/index.ts';
import type { Signal } from '../pdata/index.ts';

/** Where in the user's files a node comes from; absent for what the product adds itself. */
export interface NodeSource {
  readonly span: SourceSpan;
  /** Field path for people: `spec.output.otlp`. */
  readonly field: string;
}

interface NodeBase {
  readonly source?: NodeSource;
}

/** Data that senders push over OTLP. */
export interface OtlpReceiverNode extends NodeBase {
  readonly kind: 'receiver';
  readonly type: 'otlp';
}

export type ReceiverNode = OtlpReceiverNode;

/** A request header; the value is treated as a secret wherever it came from. */
export interface HeaderSetting {
  readonly name: string;
  readonly value: string;
}

/** TLS of a connection to a backend. */
export interface TlsSetting {
  /** Plain text. */
  readonly insecure: boolean;
  readonly insecureSkipVerify: boolean;
}

export type Compression = 'none' | 'gzip' | 'snappy' | 'zstd';

export interface OtlpExporterNode extends NodeBase {
  readonly kind: 'exporter';
  readonly type: 'otlp';
  readonly protocol: 'grpc' | 'http';
  /** `http://host:4317`, `https://host` or, for gRPC, `host:4317`. */
  readonly endpoint: string;
  /** The endpoint is the whole URL of the signal; nothing is appended. */
  readonly exactUrl: boolean;
  readonly tls: TlsSetting;
  readonly compression: Compression;
  readonly headers: readonly HeaderSetting[];
}

/** Prints what arrives to standard output, for people. */
export interface StdoutExporterNode extends NodeBase {
  readonly kind: 'exporter';
  readonly type: 'stdout';
  readonly verbosity: 'basic' | 'normal' | 'detailed';
}

/** Appends to a file. */
export interface FileExporterNode extends NodeBase {
  readonly kind: 'exporter';
  readonly type: 'file';
  readonly path: string;
  /** OTLP JSON, one request a line; or length-prefixed protobuf. */
  readonly format: 'json' | 'proto';
  readonly rotation?: { readonly maxSizeBytes: number; readonly maxBackups: number };
}

/** The in-memory viewer of the engine's own process. */
export interface ViewerExporterNode extends NodeBase {
  readonly kind: 'exporter';
  readonly type: 'viewer';
}

export type ExporterNode = OtlpExporterNode | StdoutExporterNode | FileExporterNode | ViewerExporterNode;

/** What stands between a pipeline and its exporter, so that a slow backend costs its neighbours nothing. */
export interface QueueSetting extends NodeBase {
  readonly sizeBytes: number;
  /** What does not fit is lost, and counted. */
  readonly onFull: 'DropNewest';
}

/** What one pipeline does, without saying where it runs. Frozen. */
export interface PipelineGraph {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly signal: Signal;
  /** Empty: nothing sends to it, so it does not run. */
  readonly receivers: readonly ReceiverNode[];
  readonly exporter: ExporterNode;
  /** Absent where the exporter has nothing to wait for. */
  readonly queue?: QueueSetting;
}

/** The signal each kind of pipeline carries. */
export const SIGNAL_OF_KIND: Readonly<Record<PipelineKind, Signal>> = {
  TracePipeline: 'traces',
  MetricPipeline: 'metrics',
  LogPipeline: 'logs',
};

/** `tracepipeline-jaeger`: unique over all pipelines, as a kind holds no hyphen and names are unique within their kind. */
export function qualifiedName(graph: Pick<PipelineGraph, 'kind' | 'name'>): string {
  return `${graph.kind.toLowerCase()}-${graph.name}`;
}
