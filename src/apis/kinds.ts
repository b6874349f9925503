import type { JsonSchema } from '../diagnostics/index.ts';
import type { Signal } from '../pdata/index.ts';
import { CONVERSION_DATA } from './conversion.ts';
import { logParserSpec } from './log-parser.ts';
import { logPipelineSpec } from './log-pipeline.ts';
import { metricPipelineSpec } from './metric-pipeline.ts';
import type { PipelineKind } from './resource.ts';
import { jsonSchema, type MarkedSchema } from './schema.ts';
import { telemetrySpec } from './telemetry.ts';
import { tracePipelineSpec } from './trace-pipeline.ts';
import { olderSpec } from './v1alpha1.ts';

export type ResourceKind = PipelineKind | 'Telemetry' | 'LogParser';

export interface ResourceInfo {
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly scope: 'Cluster' | 'Namespaced';
  readonly categories: readonly string[];
  readonly description: string;
  /** The spec of each version; the first is the one that is stored. */
  readonly versions: Readonly<Record<string, MarkedSchema>>;
  /** A resource without a spec says nothing, and some may. */
  readonly needsSpec: boolean;
}

const PIPELINE = {
  group: 'telemetry.kyma-project.io',
  scope: 'Cluster',
  categories: ['kyma-telemetry', 'kyma-telemetry-pipelines'],
  needsSpec: true,
} as const;

function pipelineVersions(kind: PipelineKind, spec: MarkedSchema): ResourceInfo['versions'] {
  return { v1beta1: spec, v1alpha1: olderSpec(kind, spec) };
}

export const RESOURCES = {
  TracePipeline: {
    ...PIPELINE,
    plural: 'tracepipelines',
    singular: 'tracepipeline',
    description: 'Sends the spans that applications push to one backend.',
    versions: pipelineVersions('TracePipeline', jsonSchema(tracePipelineSpec)),
  },
  MetricPipeline: {
    ...PIPELINE,
    plural: 'metricpipelines',
    singular: 'metricpipeline',
    description: 'Sends metrics, pushed or collected, to one backend.',
    versions: pipelineVersions('MetricPipeline', jsonSchema(metricPipelineSpec)),
  },
  LogPipeline: {
    ...PIPELINE,
    plural: 'logpipelines',
    singular: 'logpipeline',
    description: 'Sends logs, pushed or collected, to one backend.',
    versions: pipelineVersions('LogPipeline', jsonSchema(logPipelineSpec)),
  },
  Telemetry: {
    group: 'operator.kyma-project.io',
    plural: 'telemetries',
    singular: 'telemetry',
    scope: 'Namespaced',
    categories: ['kyma-modules', 'kyma-telemetry'],
    description: 'Settings of all pipelines. The one that is named default counts.',
    versions: { v1beta1: jsonSchema(telemetrySpec), v1alpha1: jsonSchema(telemetrySpec) },
    needsSpec: false,
  },
  LogParser: {
    group: 'telemetry.kyma-project.io',
    plural: 'logparsers',
    singular: 'logparser',
    scope: 'Cluster',
    categories: [],
    description: 'A parser that LogPipelines and Pods may name.',
    versions: { v1alpha1: jsonSchema(logParserSpec) },
    needsSpec: true,
  },
} as const satisfies Record<ResourceKind, ResourceInfo>;

export const RESOURCE_KINDS = Object.keys(RESOURCES) as readonly ResourceKind[];

export interface KindInfo {
  readonly plural: string;
  readonly singular: string;
  readonly signal: Signal;
  readonly description: string;
  /** Of the newest version. */
  readonly spec: MarkedSchema;
  /** The kind has a `spec.input`; a TracePipeline always takes what is pushed. */
  readonly hasInput: boolean;
}

/** What only pipelines have. */
export const KINDS = {
  TracePipeline: kindInfo('TracePipeline', 'traces'),
  MetricPipeline: kindInfo('MetricPipeline', 'metrics'),
  LogPipeline: kindInfo('LogPipeline', 'logs'),
} as const satisfies Record<PipelineKind, KindInfo>;

function kindInfo(kind: PipelineKind, signal: Signal): KindInfo {
  const { plural, singular, description, versions } = RESOURCES[kind];
  const spec = versions['v1beta1']!;
  return { plural, singular, signal, description, spec, hasInput: spec.properties?.['input'] !== undefined };
}

export const PIPELINE_KINDS = Object.keys(KINDS) as readonly PipelineKind[];

/** The versions of a kind as `apiVersion` has them. */
export function apiVersionsOf(kind: ResourceKind): readonly string[] {
  const { group, versions } = RESOURCES[kind];
  return Object.keys(versions).map((version) => `${group}/${version}`);
}

const text: JsonSchema = { type: 'string' };

const metadata: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    labels: { type: 'object', additionalProperties: text },
    annotations: {
      type: 'object',
      // Both may hold a whole manifest, and the secrets in it.
      properties: {
        [CONVERSION_DATA]: { type: 'string', format: 'password' },
        'kubectl.kubernetes.io/last-applied-configuration': { type: 'string', format: 'password' },
      },
      additionalProperties: text,
    },
  },
  required: ['name'],
  'x-kubernetes-preserve-unknown-fields': true,
};

/** The schema of a whole manifest. The status of an object taken from a cluster is tolerated, whatever it holds. */
export function manifestSchema(kind: ResourceKind, apiVersion = apiVersionsOf(kind)[0]!): JsonSchema {
  const { versions, needsSpec }: ResourceInfo = RESOURCES[kind];
  return {
    type: 'object',
    properties: {
      apiVersion: { type: 'string', enum: [apiVersion] },
      kind: { type: 'string', enum: [kind] },
      metadata,
      spec: versions[apiVersion.split('/')[1]!]!,
      status: { 'x-kubernetes-preserve-unknown-fields': true },
    },
    required: needsSpec ? ['metadata', 'spec'] : ['metadata'],
  };
}
