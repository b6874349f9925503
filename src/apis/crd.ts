import { stringify } from 'yaml';
import { KINDS } from './kinds.ts';
import { API_VERSION, type PipelineKind } from './resource.ts';

const [GROUP, VERSION] = API_VERSION.split('/') as [string, string];

const FIRST_KEYS: readonly string[] = ['type', 'description'];

const CONDITION_COLUMNS: Readonly<Record<PipelineKind, readonly (readonly [string, string])[]>> = {
  TracePipeline: columns(['Gateway Healthy', 'GatewayHealthy']),
  MetricPipeline: columns(['Gateway Healthy', 'GatewayHealthy'], ['Agent Healthy', 'AgentHealthy']),
  LogPipeline: columns(['Gateway Healthy', 'GatewayHealthy'], ['Agent Healthy', 'AgentHealthy']),
};

function columns(...workloads: [string, string][]): [string, string][] {
  return [
    ['Configuration Generated', 'ConfigurationGenerated'],
    ...workloads,
    ['Flow Healthy', 'TelemetryFlowHealthy'],
  ];
}

/** The CustomResourceDefinition of a kind: the schema that validation uses, so that kubectl and Sluice agree. */
export function crdYaml(kind: PipelineKind): string {
  const text = stringify(typeAndDescriptionFirst(customResourceDefinition(kind)), {
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
  return `# Generated from src/apis by \`npm run generate\`. Do not edit.\n${text}`;
}

/** A schema is read from its type and description on; the builders append the description last. */
function typeAndDescriptionFirst(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(typeAndDescriptionFirst);
  if (typeof value !== 'object' || value === null) return value;
  const rank = ([key, child]: [string, unknown]) =>
    FIRST_KEYS.includes(key) && typeof child === 'string' ? FIRST_KEYS.indexOf(key) : FIRST_KEYS.length;
  const entries = Object.entries(value).map(
    ([key, child]) => [key, typeAndDescriptionFirst(child)] as [string, unknown],
  );
  const isSchema = typeof (value as { description?: unknown }).description === 'string';
  return Object.fromEntries(isSchema ? entries.sort((a, b) => rank(a) - rank(b)) : entries);
}

function customResourceDefinition(kind: PipelineKind): object {
  const { plural, singular } = KINDS[kind];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Cluster',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        categories: ['kyma-telemetry', 'kyma-telemetry-pipelines'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: printColumns(kind),
          schema: { openAPIV3Schema: rootSchema(kind) },
        },
      ],
    },
  };
}

function printColumns(kind: PipelineKind): object[] {
  const conditions = CONDITION_COLUMNS[kind].map(([name, condition]) => ({
    name,
    type: 'string',
    jsonPath: `.status.conditions[?(@.type=="${condition}")].status`,
  }));
  return [...conditions, { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }];
}

function rootSchema(kind: PipelineKind): object {
  return {
    type: 'object',
    description: KINDS[kind].description,
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      spec: KINDS[kind].spec,
      status: statusSchema(kind),
    },
    required: ['spec'],
  };
}

function statusSchema(kind: PipelineKind): object {
  return {
    type: 'object',
    description: 'What the operator found out about the pipeline.',
    properties: {
      conditions: {
        type: 'array',
        description: 'Conditions, one a type.',
        items: conditionSchema,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      },
      ...(kind === 'LogPipeline'
        ? { unsupportedMode: { type: 'boolean', description: 'A custom Fluent Bit section is used.' } }
        : {}),
    },
  };
}

const conditionSchema = {
  type: 'object',
  description: 'One aspect of the state of the pipeline.',
  required: ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
  properties: {
    type: { type: 'string', description: 'Which aspect.', maxLength: 316 },
    status: { type: 'string', description: 'True, False or Unknown.', enum: ['True', 'False', 'Unknown'] },
    reason: { type: 'string', description: 'Why, in one word.', minLength: 1, maxLength: 1024 },
    message: { type: 'string', description: 'Why, for people.', maxLength: 32768 },
    lastTransitionTime: { type: 'string', description: 'When the status last changed.', format: 'date-time' },
    observedGeneration: {
      type: 'integer',
      description: 'Generation of the spec this is about.',
      format: 'int64',
      minimum: 0,
    },
  },
} as const;
