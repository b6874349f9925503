import type { JsonSchema } from '../diagnostics/index.ts';
import type { Signal } from '../pdata/index.ts';
import { logPipelineSpec } from './log-pipeline.ts';
import { metricPipelineSpec } from './metric-pipeline.ts';
import { API_VERSION, type PipelineKind } from './resource.ts';
import { jsonSchema } from './schema.ts';
import { telemetrySpec } from './telemetry.ts';
import { tracePipelineSpec } from './trace-pipeline.ts';

export interface KindInfo {
  readonly plural: string;
  readonly singular: string;
  readonly signal: Signal;
  readonly description: string;
  readonly spec: JsonSchema;
  /** The kind has a `spec.input`; a TracePipeline always takes what is pushed. */
  readonly hasInput: boolean;
}

export const KINDS = {
  TracePipeline: {
    plural: 'tracepipelines',
    singular: 'tracepipeline',
    signal: 'traces',
    description: 'Sends the spans that applications push to one backend.',
    spec: jsonSchema(tracePipelineSpec),
    hasInput: false,
  },
  MetricPipeline: {
    plural: 'metricpipelines',
    singular: 'metricpipeline',
    signal: 'metrics',
    description: 'Sends metrics, pushed or collected, to one backend.',
    spec: jsonSchema(metricPipelineSpec),
    hasInput: true,
  },
  LogPipeline: {
    plural: 'logpipelines',
    singular: 'logpipeline',
    signal: 'logs',
    description: 'Sends logs, pushed or collected, to one backend.',
    spec: jsonSchema(logPipelineSpec),
    hasInput: true,
  },
} as const satisfies Record<PipelineKind, KindInfo>;

export const PIPELINE_KINDS = Object.keys(KINDS) as readonly PipelineKind[];

const metadata: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
  },
  required: ['name'],
  'x-kubernetes-preserve-unknown-fields': true,
};

/** The schema of a whole manifest. The status of an object taken from a cluster is tolerated, whatever it holds. */
export function manifestSchema(kind: PipelineKind): JsonSchema {
  return {
    type: 'object',
    properties: {
      apiVersion: { type: 'string', enum: [API_VERSION] },
      kind: { type: 'string', enum: [kind] },
      metadata,
      spec: KINDS[kind].spec,
      status: { 'x-kubernetes-preserve-unknown-fields': true },
    },
    required: ['metadata', 'spec'],
  };
}

export const TELEMETRY_VERSIONS = ['operator.kyma-project.io/v1beta1', 'operator.kyma-project.io/v1alpha1'] as const;

export const telemetryManifestSchema: JsonSchema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string', enum: TELEMETRY_VERSIONS },
    kind: { type: 'string', enum: ['Telemetry'] },
    metadata,
    spec: jsonSchema(telemetrySpec),
    status: { 'x-kubernetes-preserve-unknown-fields': true },
  },
  required: ['metadata'],
};
