import type { PipelineKind } from '../../src/pipeline/index.ts';

const KINDS: readonly PipelineKind[] = ['TracePipeline', 'MetricPipeline', 'LogPipeline'];

/** Secrets that pipelines name, in the namespace default. */
export const SECRET_COUNT = 10;

export interface ManyPipeline {
  readonly apiVersion: string;
  readonly kind: PipelineKind;
  readonly metadata: { readonly name: string };
  readonly spec: object;
}

/** Kinds take turns; every fifth takes its endpoint from a Secret. */
export function manyPipelines(count: number): readonly ManyPipeline[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = KINDS[index % KINDS.length]!;
    const secretKeyRef = { name: secretName(Math.floor(index / 5)), namespace: 'default', key: 'endpoint' };
    const endpoint = index % 5 === 4 ? { valueFrom: { secretKeyRef } } : { value: `https://backend-${index}.obs:4317` };
    const input = inputOf(kind, Math.floor(index / KINDS.length) % 10);
    return {
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind,
      metadata: { name: `p${index}` },
      spec: { ...input, output: { otlp: { endpoint } }, delivery: { buffer: { maxSize: '1Mi' } } },
    };
  });
}

/** A tenth of the MetricPipelines reads the runtime, a tenth scrapes; a tenth of the LogPipelines reads files of nodes. */
function inputOf(kind: PipelineKind, tenth: number): object {
  switch (kind) {
    case 'TracePipeline':
      return {};
    case 'MetricPipeline':
      return { input: { otlp: {}, runtime: { enabled: tenth === 0 }, prometheus: { enabled: tenth === 1 } } };
    case 'LogPipeline':
      return { input: { otlp: {}, runtime: { enabled: tenth === 0 } } };
  }
}

function secretName(index: number): string {
  return `backend-${index % SECRET_COUNT}`;
}

export function backendSecret(index: number, host = `secret-${index}`) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName(index), namespace: 'default' },
    stringData: { endpoint: `https://${host}.obs:4317` },
  };
}

const scaling = { gateway: { scaling: { type: 'Static', static: { replicas: 1 } } } };

/** One replica of each gateway, so that rollouts end within the time of a test. */
export function oneReplica(namespace: string): object {
  return {
    apiVersion: 'operator.kyma-project.io/v1beta1',
    kind: 'Telemetry',
    metadata: { name: 'default', namespace },
    spec: { trace: scaling, metric: scaling, log: scaling },
  };
}
