import { stringify } from 'yaml';
import type { Backend, RunPlan } from '../run.ts';

const KIND_OF = { traces: 'TracePipeline', metrics: 'MetricPipeline', logs: 'LogPipeline' } as const;

/** How a pipeline is called in configurations and metrics: `tracepipeline-healthy`. */
export function pipelineKey({ name, signal }: Backend): string {
  return `${KIND_OF[signal].toLowerCase()}-${name}`;
}

/** The resources of a run: one pipeline for each backend, as a user would write them. */
export function writeManifests(plan: RunPlan, portOf: (backend: Backend) => number): string {
  return plan.backends.map((backend) => stringify(manifest(backend, plan, portOf(backend)))).join('---\n');
}

function manifest(backend: Backend, { settings, queueBytes }: RunPlan, port: number): unknown {
  return {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: KIND_OF[backend.signal],
    metadata: { name: backend.name },
    spec: {
      ...(backend.signal === 'logs' && { input: { runtime: { enabled: false } } }),
      output: { otlp: { endpoint: { value: `http://127.0.0.1:${port}` }, compression: 'none' } },
      ...(settings === 'sluice' &&
        queueBytes !== undefined && { delivery: { buffer: { maxSize: `${Math.ceil(queueBytes / 2 ** 20)}Mi` } } }),
    },
  };
}
