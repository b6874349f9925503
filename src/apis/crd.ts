import { stringify } from 'yaml';
import { RESOURCES, type ResourceInfo, type ResourceKind } from './kinds.ts';
import { DEFAULT, EXTENSION, EXTENSION_WORDS, type MarkedSchema } from './schema.ts';

const FIRST_KEYS: readonly string[] = ['type', 'description'];

/** The CustomResourceDefinition of a kind: the schema that validation uses, so that kubectl and Sluice agree. */
export function crdYaml(kind: ResourceKind): string {
  const text = stringify(typeAndDescriptionFirst(customResourceDefinition(kind)), {
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
  return `# Generated from src/apis by \`npm run generate\`. Do not edit.\n${text}`;
}

/** Name of the file of a CustomResourceDefinition, by the convention of controller-gen. */
export function crdFileName(kind: ResourceKind): string {
  const { group, plural } = RESOURCES[kind];
  return `${group}_${plural}.yaml`;
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

function customResourceDefinition(kind: ResourceKind): object {
  const { group, scope, plural, singular, categories, versions }: ResourceInfo = RESOURCES[kind];
  const [stored] = Object.keys(versions);
  const isDeprecated = (version: string) => version !== stored && kind !== 'Telemetry';
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        ...(categories.length > 0 ? { categories } : {}),
      },
      ...(Object.keys(versions).some(isDeprecated) ? { conversion: CONVERSION } : {}),
      versions: Object.entries(versions).map(([name, spec]) => ({
        name,
        served: true,
        storage: name === stored,
        ...(isDeprecated(name)
          ? { deprecated: true, deprecationWarning: `${group}/${name} ${kind} is deprecated; use ${group}/${stored}` }
          : {}),
        subresources: { status: {} },
        additionalPrinterColumns: printColumns(kind),
        schema: { openAPIV3Schema: rootSchema(kind, spec) },
      })),
    },
  };
}

/**
 * Versions are converted by the operator, which sets its CA. Without it, objects of the older version are refused: the API
 * server alone would drop the fields that have another name.
 */
const CONVERSION = {
  strategy: 'Webhook',
  webhook: {
    conversionReviewVersions: ['v1'],
    clientConfig: {
      service: { namespace: 'kyma-system', name: 'telemetry-manager-webhook', path: '/convert', port: 443 },
    },
  },
} as const;

const PIPELINE_COLUMNS: readonly (readonly [string, string])[] = [
  ['Config', 'ConfigurationGenerated'],
  ['Gateway', 'GatewayHealthy'],
  ['Agent', 'AgentHealthy'],
  ['Flow', 'TelemetryFlowHealthy'],
];

const AGE = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** One word each; what fits into 80 characters has priority 0, the rest is for `-o wide`. */
function printColumns(kind: ResourceKind): object[] {
  const column = (name: string, jsonPath: string) => ({ name, type: 'string', jsonPath });
  const ofCondition = (type: string, field: string) => `.status.conditions[?(@.type=="${type}")].${field}`;
  if (kind === 'Telemetry')
    return [column('State', '.status.state'), column('Endpoint', '.status.endpoints.otlp.grpc'), AGE];
  if (kind === 'LogParser') return [column('Agent', ofCondition('AgentHealthy', 'status')), AGE];
  const conditions = PIPELINE_COLUMNS.filter(([, type]) => type !== 'AgentHealthy' || kind !== 'TracePipeline');
  return [
    column('Output', '.status.output'),
    column('Ready', ofCondition('Ready', 'status')),
    column('Status', ofCondition('Ready', 'reason')),
    ...conditions.map(([name, type]) => ({ ...column(name, ofCondition(type, 'status')), priority: 1 })),
    { ...column('Message', ofCondition('Ready', 'message')), priority: 1 },
    AGE,
  ];
}

function rootSchema(kind: ResourceKind, spec: MarkedSchema): object {
  const { description, needsSpec } = RESOURCES[kind];
  return {
    type: 'object',
    description,
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      spec: crdSchema(spec),
      status: statusSchema(kind),
    },
    ...(needsSpec ? { required: ['spec'] } : {}),
  };
}

/** What the marks of a schema say goes into its description; the API server knows no others. */
function crdSchema(marked: MarkedSchema): object {
  const { [EXTENSION]: isExtension, [EXTENSION_WORDS]: words, [DEFAULT]: standard, ...schema } = marked;
  const { description = '', properties, items } = schema;
  return {
    ...schema,
    description: [
      ...(isExtension ? ['Extension of Sluice.'] : []),
      description,
      ...(words ? [`Extension of Sluice: ${words.join(', ')}.`] : []),
      ...(standard === undefined ? [] : [`Default: ${standard}.`]),
    ].join(' '),
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, crdSchema(child)])) }
      : {}),
    ...(items ? { items: crdSchema(items) } : {}),
  };
}

function statusSchema(kind: ResourceKind): object {
  return {
    type: 'object',
    description: 'What the operator found out.',
    properties: {
      conditions: {
        type: 'array',
        description: `Conditions, one a type: ${CONDITIONS[kind]}.`,
        items: conditionSchema,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      },
      observedGeneration: {
        type: 'integer',
        description: 'Generation of the spec that the status is about.',
        format: 'int64',
      },
      ...STATUS_FIELDS[kind],
    },
  };
}

const OF_ALL_PIPELINES = 'TelemetryFlowHealthy; IsolationLimited, Reconciling and Stalled only while they hold';

/** In the order in which they are written, what matters most first. */
const CONDITIONS: Readonly<Record<ResourceKind, string>> = {
  TracePipeline: `Ready, which says the worst of the others; ConfigurationGenerated, GatewayHealthy, ${OF_ALL_PIPELINES}`,
  MetricPipeline: `Ready, which says the worst of the others; ConfigurationGenerated, GatewayHealthy, AgentHealthy, ${OF_ALL_PIPELINES}`,
  LogPipeline: `Ready, which says the worst of the others; ConfigurationGenerated, GatewayHealthy, AgentHealthy, ${OF_ALL_PIPELINES}`,
  Telemetry: 'Ready, TraceComponentsHealthy, MetricComponentsHealthy, LogComponentsHealthy',
  LogParser: 'AgentHealthy',
};

const OUTPUT_STATUS = {
  output: { type: 'string', description: 'Where the data goes; never what was read from a Secret.' },
  components: {
    type: 'array',
    description: 'The workloads that carry the pipeline.',
    items: { type: 'string', description: 'A workload.' },
  },
} as const;

const endpointStatus = (description: string) => ({
  type: 'object',
  description,
  properties: {
    grpc: { type: 'string', description: 'URL for OTLP over gRPC.' },
    http: { type: 'string', description: 'URL for OTLP over HTTP.' },
  },
});

const STATUS_FIELDS: Readonly<Record<ResourceKind, object>> = {
  TracePipeline: OUTPUT_STATUS,
  MetricPipeline: OUTPUT_STATUS,
  LogPipeline: {
    ...OUTPUT_STATUS,
    unsupportedMode: { type: 'boolean', description: 'A custom Fluent Bit section is used.' },
  },
  Telemetry: {
    state: {
      type: 'string',
      description: 'State of the installation.',
      enum: ['Ready', 'Warning', 'Deleting'],
    },
    endpoints: {
      type: 'object',
      description: 'Where applications send data to.',
      properties: {
        otlp: endpointStatus('The endpoint for all signals.'),
        traces: endpointStatus('Deprecated: the endpoint for traces.'),
        metrics: endpointStatus('Deprecated: the endpoint for metrics.'),
        logs: endpointStatus('Deprecated: the endpoint for logs.'),
      },
    },
  },
  LogParser: {},
};

const conditionSchema = {
  type: 'object',
  description: 'One aspect of the state.',
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
