import type { DeliveryConfig } from './delivery.ts';
import type { OtlpInputConfig } from './input.ts';
import type { FileOutputConfig, StdoutOutputConfig } from './local-outputs.ts';
import type { LogPipelineConfig } from './log-pipeline.ts';
import type { MetricPipelineConfig } from './metric-pipeline.ts';
import type { OtlpOutputConfig } from './otlp-output.ts';
import type { RemoteWriteOutputConfig } from './remote-write-output.ts';
import type { TracePipelineConfig } from './trace-pipeline.ts';

export const API_VERSION = 'telemetry.kyma-project.io/v1beta1';

/** Still read, and converted. */
export const OLD_API_VERSION = 'telemetry.kyma-project.io/v1alpha1';

export interface ResourceMetadata {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An OTLP output with its defaults filled in. */
export type OtlpOutput = OtlpOutputConfig & Required<Pick<OtlpOutputConfig, 'protocol' | 'compression'>>;

export type RemoteWriteOutput = RemoteWriteOutputConfig & Required<Pick<RemoteWriteOutputConfig, 'version'>>;

export type StdoutOutput = Required<StdoutOutputConfig>;

export type FileOutput = FileOutputConfig & Required<Pick<FileOutputConfig, 'format'>>;

type HttpOutputConfig = NonNullable<LogPipelineConfig['output']['http']>;

/** An HTTP output of Fluent Bit with its defaults filled in. */
export type HttpOutput = HttpOutputConfig &
  Required<Pick<HttpOutputConfig, 'uri' | 'port' | 'compress' | 'format' | 'dedot'>>;

/** Exactly one of the outputs this version can run is set. */
export interface PipelineOutput {
  readonly otlp?: OtlpOutput;
  readonly prometheusRemoteWrite?: RemoteWriteOutput;
  readonly stdout?: StdoutOutput;
  readonly file?: FileOutput;
  /** Of Fluent Bit, which runs it. */
  readonly http?: HttpOutput;
  /** A section for Fluent Bit, which runs it. */
  readonly custom?: string;
}

type BufferConfig = NonNullable<DeliveryConfig['buffer']>;

export interface Delivery {
  readonly guarantee: NonNullable<DeliveryConfig['guarantee']>;
  readonly buffer: BufferConfig & Required<Pick<BufferConfig, 'storage' | 'maxSize' | 'onFull'>>;
}

export interface OtlpInput extends OtlpInputConfig {
  readonly enabled: boolean;
}

interface Resource<Kind extends string, Spec> {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: Kind;
  readonly metadata: ResourceMetadata;
  readonly spec: Omit<Spec, 'output' | 'delivery' | 'input'> & {
    readonly output: PipelineOutput;
    readonly delivery: Delivery;
  };
}

interface WithInput<Spec extends { readonly input?: object }> {
  readonly spec: { readonly input: Omit<NonNullable<Spec['input']>, 'otlp'> & { readonly otlp: OtlpInput } };
}

/** Resources as read: valid, with every default filled in. */
export type TracePipeline = Resource<'TracePipeline', TracePipelineConfig>;
export type MetricPipeline = Resource<'MetricPipeline', MetricPipelineConfig> & WithInput<MetricPipelineConfig>;
export type LogPipeline = Resource<'LogPipeline', LogPipelineConfig> & WithInput<LogPipelineConfig>;

export type PipelineResource = TracePipeline | MetricPipeline | LogPipeline;
export type PipelineKind = PipelineResource['kind'];
