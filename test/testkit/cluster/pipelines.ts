import type { Signal } from '../../../src/pdata/index.ts';
import { type Capture, startCapture } from '../capture.ts';
import { idsIn } from './item.ts';

/** A pipeline of a test, with a backend of its own that keeps what arrives. */
export interface TestPipeline {
  readonly kind: 'TracePipeline' | 'MetricPipeline' | 'LogPipeline';
  readonly name: string;
  readonly signal: Signal;
  readonly backend: Capture;
  /** As one applies it. */
  readonly manifest: object;
  /** Ids of what its backend took, of the items of `itemNamed`. */
  arrived(): ReadonlySet<string>;
}

export interface TestPipelineOptions {
  readonly name: string;
  readonly signal: Signal;
  readonly protocol?: 'grpc' | 'http';
  /** Beside the output. */
  readonly spec?: object;
}

const KIND = { traces: 'TracePipeline', metrics: 'MetricPipeline', logs: 'LogPipeline' } as const;

/** `host`: an address of this machine that Pods reach. */
export async function createTestPipeline(
  host: string,
  { name, signal, protocol = 'http', spec = {} }: TestPipelineOptions,
): Promise<TestPipeline> {
  const backend = await startCapture({ host });
  const endpoint = { value: `http://${host}:${protocol === 'grpc' ? backend.grpcPort : backend.httpPort}` };
  return {
    kind: KIND[signal],
    name,
    signal,
    backend,
    manifest: {
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: KIND[signal],
      metadata: { name },
      spec: {
        ...spec,
        output: { otlp: { protocol, endpoint, ...(protocol === 'grpc' ? { tls: { insecure: true } } : {}) } },
      },
    },
    arrived: () => new Set(backend.accepted().flatMap(({ body }) => idsIn(signal, body))),
  };
}
