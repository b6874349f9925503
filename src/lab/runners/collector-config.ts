/** The parts of a rendered Collector configuration that a runner changes; everything else is passed on as it is. */
export interface CollectorConfig {
  readonly receivers: Readonly<Record<string, OtlpReceiver>>;
  readonly processors?: Readonly<Record<string, unknown>>;
  readonly connectors?: Readonly<Record<string, unknown>>;
  readonly exporters: Readonly<Record<string, ExporterConfig>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly service: ServiceConfig;
}

export interface OtlpReceiver {
  readonly protocols?: { readonly grpc?: { readonly endpoint: string } };
}

export interface ExporterConfig {
  readonly endpoint?: string;
  readonly sending_queue?: Readonly<Record<string, unknown>>;
  readonly [setting: string]: unknown;
}

export interface ServiceConfig {
  readonly extensions?: readonly string[];
  readonly telemetry?: unknown;
  readonly pipelines: Readonly<Record<string, PipelineConfig>>;
}

export interface PipelineConfig {
  readonly receivers: readonly string[];
  readonly processors?: readonly string[];
  readonly exporters: readonly string[];
}

/** The gRPC port that it takes data at. */
export function receivingPort(config: CollectorConfig): number {
  const { endpoint } = config.receivers['otlp']!.protocols!.grpc!;
  return Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));
}

/** Name of the pipeline that an exporter belongs to, `tracepipeline-healthy`; undefined for a router's. */
export function pipelineOfExporter(id: string): string | undefined {
  const name = id.slice(id.indexOf('/') + 1);
  return /^(trace|metric|log)pipeline-/.test(name) ? name : undefined;
}
