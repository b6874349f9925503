import type { PipelineKind, SecretKeyRef } from '../apis/index.ts';
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

/** Which namespaces' data an input takes: one of the two lists, or all. Data that names no namespace is never left out. */
export interface NamespaceSelection {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Data that senders push over OTLP. */
export interface OtlpReceiverNode extends NodeBase {
  readonly kind: 'receiver';
  readonly type: 'otlp';
  readonly namespaces?: NamespaceSelection;
}

/** Kubernetes resources whose metrics `runtime` takes. */
export const RUNTIME_RESOURCES = [
  'pod',
  'container',
  'node',
  'volume',
  'daemonset',
  'deployment',
  'statefulset',
  'job',
] as const;
export type RuntimeResource = (typeof RUNTIME_RESOURCES)[number];

/** Metrics of the Kubernetes resources themselves, from kubelet and API server. Only in a cluster. */
export interface RuntimeReceiverNode extends NodeBase {
  readonly kind: 'receiver';
  readonly type: 'runtime';
  readonly namespaces: NamespaceSelection;
  readonly resources: readonly RuntimeResource[];
  /** Names of metrics beyond the default ones. */
  readonly additionalMetrics: readonly string[];
}

/** Scrapes Pods and Services with the annotations of Prometheus. Only in a cluster. */
export interface PrometheusReceiverNode extends NodeBase {
  readonly kind: 'receiver';
  readonly type: 'prometheus';
  readonly namespaces: NamespaceSelection;
  readonly diagnosticMetrics: boolean;
}

/** Metrics of Istio's proxies. Only in a cluster. */
export interface IstioReceiverNode extends NodeBase {
  readonly kind: 'receiver';
  readonly type: 'istio';
  readonly namespaces: NamespaceSelection;
  readonly diagnosticMetrics: boolean;
  readonly envoyMetrics: boolean;
}

/** What containers write to stdout and stderr, read from the files of the node. Only in a cluster. */
export interface ContainerLogsReceiverNode extends NodeBase {
  readonly kind: 'receiver';
  readonly type: 'container-logs';
  readonly namespaces: NamespaceSelection;
  readonly containers: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  readonly keepOriginalBody: boolean;
}

/** Inputs that agents read on the nodes of a cluster. */
export type CollectingReceiverNode =
  | RuntimeReceiverNode
  | PrometheusReceiverNode
  | IstioReceiverNode
  | ContainerLogsReceiverNode;

export type ReceiverNode = OtlpReceiverNode | CollectingReceiverNode;

/** OTTL statements, run where one of the conditions is true, or always where there is none. */
export interface TransformNode extends NodeBase {
  readonly kind: 'processor';
  readonly type: 'transform';
  readonly conditions: readonly string[];
  readonly statements: readonly string[];
}

/** Drops what one of the OTTL conditions is true for. */
export interface FilterNode extends NodeBase {
  readonly kind: 'processor';
  readonly type: 'filter';
  readonly conditions: readonly string[];
}

/** What a user has done to the data, in the order of `spec.transform`, then `spec.filter`. */
export type ProcessorNode = TransformNode | FilterNode;

/** Text that is never printed: written in a manifest, held by a key of a Secret, or put together from both. */
export interface SecretText {
  /** Absent: it stands in a Secret that this compile was not given, so only the running process knows it. */
  readonly text?: string;
  /** The keys it is made of; empty when all of it stands in the manifest. */
  readonly from: readonly SecretKeyRef[];
  /** For people: how it is made of them, where that is more than copying. */
  readonly form?: string;
}

/** A request header; the value is treated as a secret wherever it came from. */
export interface HeaderSetting {
  readonly name: string;
  readonly value: SecretText;
}

/** TLS of a connection to a backend; what it is made of is absent for plain text. */
export interface TlsSetting {
  /** Plain text. */
  readonly insecure: boolean;
  readonly insecureSkipVerify: boolean;
  /** PEM. */
  readonly ca?: SecretText;
  /** Both or neither. */
  readonly cert?: SecretText;
  readonly key?: SecretText;
}

/** OAuth2 client credentials: a token of the token endpoint goes with every request. */
export interface OAuth2Setting extends NodeBase {
  /** A string: as the user wrote it. */
  readonly tokenUrl: string | SecretText;
  readonly clientId: SecretText;
  readonly clientSecret: SecretText;
  readonly scopes: readonly string[];
  /** Further parameters of the token request. */
  readonly params: readonly { readonly name: string; readonly value: SecretText }[];
}

export type Compression = 'none' | 'gzip' | 'snappy' | 'zstd';

export interface OtlpExporterNode extends NodeBase {
  readonly kind: 'exporter';
  readonly type: 'otlp';
  readonly protocol: 'grpc' | 'http';
  /** `http://host:4317`, `https://host` or, for gRPC, `host:4317`. A string: as the user wrote it. */
  readonly endpoint: string | SecretText;
  /** The endpoint is the whole URL of the signal; nothing is appended. */
  readonly exactUrl: boolean;
  readonly tls: TlsSetting;
  readonly compression: Compression;
  /** With the one that basic authentication makes. */
  readonly headers: readonly HeaderSetting[];
  readonly oauth2?: OAuth2Setting;
  /** Of metrics: cumulative sums and histograms are sent as they come, or made delta. Absent: as they come. */
  readonly temporality?: 'delta';
}

/** Prometheus remote write: in order, one request at a time for each series. */
export interface RemoteWriteExporterNode extends NodeBase {
  readonly kind: 'exporter';
  readonly type: 'prometheusRemoteWrite';
  /** The whole URL. A string: as the user wrote it. */
  readonly endpoint: string | SecretText;
  /** Of the message: `prometheus.WriteRequest` or `io.prometheus.write.v2.Request`. */
  readonly version: '1.0' | '2.0';
  readonly tls: TlsSetting;
  readonly headers: readonly HeaderSetting[];
  readonly oauth2?: OAuth2Setting;
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

export type ExporterNode =
  | OtlpExporterNode
  | RemoteWriteExporterNode
  | StdoutExporterNode
  | FileExporterNode
  | ViewerExporterNode;

/** What stands between a pipeline and its exporter, so that a slow backend costs its neighbours nothing. */
export interface QueueSetting extends NodeBase {
  readonly sizeBytes: number;
  /** What does not fit, or the oldest that is there, is lost, and counted; or its sender is refused and tries again. */
  readonly onFull: 'DropOldest' | 'DropNewest' | 'Block';
  /** What waited longer is dropped, and counted; 0: never. Absent: the default of the program that runs it. */
  readonly maxAgeMs?: number;
  /** Absent: it is in memory. */
  readonly disk?: DiskSetting;
  /** What is acknowledged is in the queue on disk until it is delivered, or dropped as the pipeline asks for. Absent: BestEffort. */
  readonly guarantee?: 'AtLeastOnce';
}

/** A queue on disk. */
export interface DiskSetting {
  /** Share of the volume that is this queue's; absent: as much as the program that runs it needs. */
  readonly volumeBytes?: number;
  /** Absent: that of the cluster. */
  readonly storageClass?: string;
}

/** What one pipeline does, without saying where it runs. Frozen. */
export interface PipelineGraph {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly signal: Signal;
  /** Empty: nothing sends to it, so it does not run. */
  readonly receivers: readonly ReceiverNode[];
  /** In the order they run. */
  readonly processors: readonly ProcessorNode[];
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

/** The name of the built-in pipelines that feed the viewer. No resource can have it. */
export const VIEWER_NAME = '_viewer';

/** A pipeline of the product's own, which shows data to people instead of delivering it. */
export function feedsViewer({ name }: Pick<PipelineGraph, 'name'>): boolean {
  return name === VIEWER_NAME;
}

/**
 * Whether a batch may gather data in front of the queue. It answers the senders in the queue's place, so none is there where the
 * queue refuses or keeps what is acknowledged. The viewer takes everything at once: people see what they sent as soon as the
 * sender has its answer.
 */
export function hasBatch({ exporter, queue }: Pick<PipelineGraph, 'exporter' | 'queue'>): boolean {
  return exporter.type !== 'viewer' && queue?.onFull !== 'Block' && queue?.guarantee === undefined;
}

/** `tracepipeline-jaeger`: unique over all pipelines, as a kind holds no hyphen and names are unique within their kind. */
export function qualifiedName(graph: Pick<PipelineGraph, 'kind' | 'name'>): string {
  return `${graph.kind.toLowerCase()}-${graph.name}`;
}
