/** What a cluster holds that had Kyma's telemetry module: facts about its objects, in the shape that the API server keeps. */
const LABELS = {
  'app.kubernetes.io/part-of': 'telemetry',
  'app.kubernetes.io/managed-by': 'telemetry-manager',
  'kyma-project.io/module': 'telemetry',
};

const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly group: string;
  readonly scope: 'Cluster' | 'Namespaced';
  /** The first is stored. */
  readonly versions: readonly string[];
  /** Versions are converted by a webhook of the manager. */
  readonly converts?: boolean;
}

function definition({ kind, plural, group, scope, versions, converts = false }: Kind): object {
  const service = { namespace: 'kyma-system', name: 'telemetry-manager-webhook', path: '/convert', port: 443 };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      labels: { 'kyma-project.io/module': 'telemetry' },
      annotations: { 'controller-gen.kubebuilder.io/version': 'v0.18.0' },
    },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      ...(converts
        ? {
            conversion: {
              strategy: 'Webhook',
              webhook: { conversionReviewVersions: ['v1'], clientConfig: { service } },
            },
          }
        : {}),
      versions: versions.map((name, i) => ({
        name,
        served: true,
        storage: i === 0,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
      })),
    },
  };
}

const PIPELINE = { group: 'telemetry.kyma-project.io', scope: 'Cluster', versions: ['v1beta1', 'v1alpha1'] } as const;

export const UPSTREAM_DEFINITIONS: readonly object[] = [
  definition({ ...PIPELINE, kind: 'TracePipeline', plural: 'tracepipelines' }),
  definition({ ...PIPELINE, kind: 'MetricPipeline', plural: 'metricpipelines', converts: true }),
  definition({ ...PIPELINE, kind: 'LogPipeline', plural: 'logpipelines', converts: true }),
  definition({
    kind: 'Telemetry',
    plural: 'telemetries',
    group: 'operator.kyma-project.io',
    scope: 'Namespaced',
    versions: ['v1beta1', 'v1alpha1'],
  }),
];

/** Of Kyma's lifecycle manager, which brings a module back that its resource asks for. */
export const KYMA_DEFINITION: object = definition({
  kind: 'Kyma',
  plural: 'kymas',
  group: 'operator.kyma-project.io',
  scope: 'Namespaced',
  versions: ['v1beta2'],
});

export const UPSTREAM_RESOURCES: readonly object[] = [
  {
    apiVersion: 'telemetry.kyma-project.io/v1alpha1',
    kind: 'TracePipeline',
    metadata: { name: 'upstream', finalizers: ['telemetry.kyma-project.io/finalizer'] },
    spec: { output: { otlp: { endpoint: { value: 'http://traces.example.com:4317' } } } },
  },
  {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'LogPipeline',
    metadata: { name: 'upstream', finalizers: ['FLUENT_BIT_SECTIONS_CONFIG_MAP', 'FLUENT_BIT_FILES'] },
    spec: { output: { http: { host: { value: 'logs.example.com' } } } },
  },
  {
    apiVersion: 'operator.kyma-project.io/v1beta1',
    kind: 'Telemetry',
    metadata: { name: 'default', namespace: 'kyma-system', finalizers: ['telemetry.kyma-project.io/finalizer'] },
    spec: {},
  },
];

const POD = { containers: [{ name: 'main', image: 'example.com/upstream:1' }] };

function workload(kind: 'DaemonSet' | 'Deployment', name: string, labels: Readonly<Record<string, string>>): object {
  const own = { 'app.kubernetes.io/name': name };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'kyma-system', labels: { ...labels, ...own } },
    spec: { selector: { matchLabels: own }, template: { metadata: { labels: own }, spec: POD } },
  };
}

/** The manager itself. */
export const DEPLOYMENT: object = workload('Deployment', 'telemetry-manager', {
  'kyma-project.io/module': 'telemetry',
});

export const LEFTOVERS: readonly object[] = [
  workload('DaemonSet', 'telemetry-otlp-gateway', LABELS),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'telemetry-otlp-gateway', namespace: 'kyma-system', labels: LABELS },
    data: { 'relay.conf': '{}' },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: {
      name: 'telemetry-validating-webhook.kyma-project.io',
      labels: { 'kyma-project.io/module': 'telemetry' },
    },
    webhooks: [
      {
        name: 'validation.tracepipelines.telemetry.kyma-project.io',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        clientConfig: {
          service: { namespace: 'kyma-system', name: 'telemetry-manager-webhook', path: '/validate', port: 443 },
        },
        rules: [
          {
            apiGroups: ['telemetry.kyma-project.io'],
            apiVersions: ['v1alpha1', 'v1beta1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['tracepipelines'],
            scope: '*',
          },
        ],
      },
    ],
  },
];
