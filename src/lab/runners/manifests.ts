import { stringify } from 'yaml';
import type { Backend, RunPlan } from '../run.ts';

const KIND_OF = { traces: 'TracePipeline', metrics: 'MetricPipeline', logs: 'LogPipeline' } as const;

/** How a pipeline is called in configurations and metrics: `tracepipeline-healthy`. */
export function pipelineKey({ name, signal }: Backend): string {
  return `${KIND_OF[signal].toLowerCase()}-${name}`;
}

/** The resources of a run: one pipeline for each backend, as a user would write them; `delivery` is the same for all. */
export function writeManifests(
  { backends }: RunPlan,
  { delivery, portOf }: { readonly delivery: unknown; portOf(backend: Backend): number },
): string {
  return backends
    .map((backend) => stringify(pipelineOf(backend, { delivery, host: '127.0.0.1', port: portOf(backend) })))
    .join('---\n');
}

export interface PipelineOptions {
  readonly delivery: unknown;
  /** Of the backend. */
  readonly host: string;
  readonly port: number;
}

export function pipelineOf(backend: Backend, { delivery, host, port }: PipelineOptions) {
  return {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: KIND_OF[backend.signal],
    metadata: { name: backend.name },
    spec: {
      ...(backend.signal === 'logs' && { input: { runtime: { enabled: false } } }),
      output: { otlp: { endpoint: { value: `http://${host}:${port}` }, compression: 'none' } },
      ...(delivery !== undefined && { delivery }),
    },
  };
}
