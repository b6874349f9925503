import type { SourceSpan } from '../../diagnostics/index.ts';
import type { OtelcolConfig, PipelineId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { PipelineKind, SecretText } from '../../pipeline/index.ts';
import type { DistributionName } from '../../topology/index.ts';

/** Which pipeline of a rendered configuration belongs to which resource. */
export interface RenderedPipeline {
  readonly kind: PipelineKind;
  readonly name: string;
  readonly signal: Signal;
  readonly pipelineId: PipelineId;
}

/** One workload's Collector configuration. */
export interface RenderedConfig {
  readonly workload: string;
  readonly distribution: DistributionName;
  /** Secrets stand in it as EnvRef. */
  readonly config: OtelcolConfig;
  readonly pipelines: readonly RenderedPipeline[];
  /** The Collector is to be started with `--feature-gates` and these. */
  readonly featureGates: readonly string[];
  /** By section and id (`exporters/otlp_grpc/tracepipeline-jaeger`): the user's field a block comes from. */
  readonly sourceMap: Readonly<Record<string, BlockSource>>;
  /** Value of each environment variable the configuration refers to, as it is meant; never to be printed. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The variables that whoever starts the process must set: they stand in Secrets that this compile was not given. */
  readonly missingSecrets: Readonly<Record<string, SecretText>>;
}

export interface BlockSource {
  readonly span: SourceSpan;
  readonly field: string;
}

/** Folders of what a process keeps on disk; every pipeline has one of its own in each. */
export interface StateFolders {
  readonly queues: string;
  /** What backends reject for good; no folder of a queue. */
  readonly deadLetters: string;
}

/** Addresses the rendered process listens on and sends to, and where it may write. */
export interface RenderOptions {
  /** `host:port`. */
  readonly otlpGrpc: string;
  /** Not opened by a dispatcher, which only its entry sends to. */
  readonly otlpHttp: string;
  /**
   * OTLP/gRPC of each workload this one sends to, by name: `host:port`, or `dns:///name:port` to balance over what the name
   * stands for. One that is not among them is called by its name, port 4317.
   */
  readonly peers?: Readonly<Record<string, string>>;
  /** Origins whose pages may send over HTTP; `*` stands for any text, absent: none. */
  readonly corsOrigins?: readonly string[];
  /** Absent: on the volume of a Pod. */
  readonly state?: StateFolders;
  /** Where the health check answers; absent: none. */
  readonly health?: string;
  /** Where the process's own metrics are served; absent: none. */
  readonly metrics?: { readonly host: string; readonly port: number };
}
