import type { DeliveryConfig } from './delivery.ts';
import { KINDS } from './kinds.ts';
import type { LogPipelineConfig } from './log-pipeline.ts';
import type { MetricPipelineConfig } from './metric-pipeline.ts';
import type {
  Delivery,
  FileOutput,
  HttpOutput,
  OtlpInput,
  OtlpOutput,
  PipelineKind,
  PipelineOutput,
  PipelineResource,
  RemoteWriteOutput,
  StdoutOutput,
} from './resource.ts';
import type { TracePipelineConfig } from './trace-pipeline.ts';

const defaultOtlpInput: Pick<OtlpInput, 'enabled'> = { enabled: true };
const defaultOtlpOutput: Pick<OtlpOutput, 'protocol' | 'compression'> = { protocol: 'grpc', compression: 'gzip' };
const defaultRemoteWriteOutput: Pick<RemoteWriteOutput, 'version'> = { version: '1.0' };
const defaultStdoutOutput: StdoutOutput = { verbosity: 'normal' };
const defaultHttpOutput: Pick<HttpOutput, 'uri' | 'port' | 'compress' | 'format' | 'dedot'> = {
  uri: '/',
  port: '443',
  compress: 'none',
  format: 'json',
  dedot: false,
};
const defaultFileOutput: Pick<FileOutput, 'format'> = { format: 'json' };
const defaultGuarantee: Delivery['guarantee'] = 'BestEffort';
const defaultBuffer = {
  BestEffort: { storage: 'Memory', onFull: 'DropNewest' },
  AtLeastOnce: { storage: 'Disk', onFull: 'Block' },
} as const satisfies Record<Delivery['guarantee'], Pick<Delivery['buffer'], 'storage' | 'onFull'>>;
/** Of a buffer. */
export const defaultMaxSize = { Memory: '16Mi', Disk: '1Gi' } as const satisfies Record<
  Delivery['buffer']['storage'],
  string
>;

/** A manifest that fits its schema and rules, as it was written but for null fields. */
export interface Manifest {
  readonly kind: PipelineKind;
  readonly spec: TracePipelineConfig | MetricPipelineConfig | LogPipelineConfig;
}

/** Fills in what the manifest leaves open. Every field of the result that has a default is set. */
export function withDefaults<M extends Manifest>(manifest: M): PipelineResource {
  const { spec, kind } = manifest;
  const input = 'input' in spec ? spec.input : undefined;
  const resource = {
    ...manifest,
    spec: {
      ...spec,
      ...(KINDS[kind].hasInput ? { input: { ...input, otlp: { ...defaultOtlpInput, ...input?.otlp } } } : {}),
      output: defaultedOutput(spec.output),
      delivery: defaultedDelivery(spec.delivery),
    },
  };
  // The schema check has established the rest: names, types, and that the output is one this version runs.
  return resource as unknown as PipelineResource;
}

function defaultedOutput(output: Manifest['spec']['output']): PipelineOutput {
  const { otlp, stdout, file } = output;
  const { http, custom }: LogPipelineConfig['output'] = output;
  const { prometheusRemoteWrite: remoteWrite }: MetricPipelineConfig['output'] = output;
  return {
    ...(http ? { http: { ...defaultHttpOutput, ...http } } : {}),
    ...(custom ? { custom } : {}),
    ...(otlp ? { otlp: { ...defaultOtlpOutput, ...otlp } } : {}),
    ...(remoteWrite ? { prometheusRemoteWrite: { ...defaultRemoteWriteOutput, ...remoteWrite } } : {}),
    ...(stdout ? { stdout: { ...defaultStdoutOutput, ...stdout } } : {}),
    ...(file ? { file: { ...defaultFileOutput, ...file } } : {}),
  };
}

function defaultedDelivery(delivery: DeliveryConfig | undefined): Delivery {
  const guarantee = delivery?.guarantee ?? defaultGuarantee;
  const buffer = { ...defaultBuffer[guarantee], ...delivery?.buffer };
  return { ...delivery, guarantee, buffer: { ...buffer, maxSize: buffer.maxSize ?? defaultMaxSize[buffer.storage] } };
}
