import {
  byteQuantity,
  type CelRule,
  type Data,
  defaulted,
  extension,
  extensionWords,
  list,
  object,
  oneOf,
  optional,
  text,
  wholeNumber,
} from './schema.ts';

const SCALING_FITS: CelRule = {
  rule: "!has(self.auto) || (has(self.type) && self.type == 'Auto')",
  message: "'auto' is only available with type 'Auto'",
  fieldPath: '.auto',
  reason: 'FieldValueForbidden',
};

/** What upstream's type holds; it names no other bound. */
const INT32_MAX = 2 ** 31 - 1;

const scaling = object(
  'How many replicas of the gateway run.',
  {
    type: optional(
      extensionWords(
        ['Auto'],
        oneOf('Static: a fixed number. Auto: as many as the gateway itself needs.', ['Static', 'Auto']),
      ),
    ),
    static: optional(
      object('A fixed number of replicas.', {
        replicas: optional(defaulted(2, wholeNumber('How many.', { minimum: 1, maximum: INT32_MAX, example: 3 }))),
      }),
    ),
    auto: optional(
      extension(
        object(
          'Bounds within which the gateway is scaled by its own slowness, never by that of a backend.',
          {
            minReplicas: optional(
              defaulted(2, wholeNumber('The fewest replicas.', { minimum: 1, maximum: 1000, example: 3 })),
            ),
            maxReplicas: optional(
              defaulted(10, wholeNumber('The most replicas.', { minimum: 1, maximum: 1000, example: 5 })),
            ),
          },
          [
            {
              rule: '!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas',
              message: "'minReplicas' must not be greater than 'maxReplicas'",
              fieldPath: '.minReplicas',
            },
          ],
        ),
      ),
    ),
  },
  [SCALING_FITS],
);

const gateway = (signal: string) =>
  object(`The gateway that receives ${signal}.`, {
    scaling: optional(scaling),
    priority: optional(
      extension(
        defaulted(
          1,
          wholeNumber(
            `How much of the memory ${signal} get beside other signals when all want more than there is. Only the engine shares it so.`,
            { minimum: 1, maximum: 10, example: 4 },
          ),
        ),
      ),
    ),
    memory: optional(
      extension(
        defaulted(
          '2Gi',
          byteQuantity('Memory of the workload, which the buffers of its pipelines share, at least 64Mi.', '2Gi'),
        ),
      ),
    ),
  });

/** Go's time.ParseDuration, as Kubernetes reads a duration. */
const interval = (description: string) =>
  text(description, { pattern: '^([0-9]+(\\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$', example: '30s' }, [
    { rule: "duration(self) > duration('0s')", message: 'must be greater than 0s' },
  ]);

const ofInput = (input: string) =>
  optional(
    object(`Settings of the input \`${input}\`.`, {
      collectionInterval: optional(defaulted('the base interval', interval(`How often \`${input}\` collects.`))),
    }),
  );

const metric = object('Settings for metrics.', {
  gateway: optional(gateway('metrics')),
  collectionInterval: optional(defaulted('30s', interval('How often inputs collect, the base of all of them.'))),
  runtime: ofInput('runtime'),
  prometheus: ofInput('prometheus'),
  istio: ofInput('istio'),
  agent: optional(
    extension(
      object('The agent that collects metrics.', {
        sharding: optional(
          object('How targets are divided among agents.', {
            strategy: optional(
              defaulted(
                'Node',
                oneOf('Node: each agent takes its own node. Hash and Weighted divide all targets among replicas.', [
                  'Node',
                  'Hash',
                  'Weighted',
                ]),
              ),
            ),
            replicas: optional(
              wholeNumber('How many agents, with Hash and Weighted.', { minimum: 1, maximum: 1000, example: 4 }),
            ),
          }),
        ),
      }),
    ),
  ),
});

const podLabel = object(
  'A label, or all labels with a prefix.',
  {
    key: optional(text('The label with this key.', { minLength: 1, example: 'app.kubernetes.io/name' })),
    keyPrefix: optional(text('All labels whose key starts with this.', { minLength: 1, example: 'app.kubernetes.io' })),
  },
  [
    {
      rule: 'has(self.key) != has(self.keyPrefix)',
      message: "Either 'key' or 'keyPrefix' must be specified",
    },
  ],
);

const hasPriority = (signal: string) =>
  `has(self.${signal}) && has(self.${signal}.gateway) && has(self.${signal}.gateway.priority)`;

const PRIORITY_NEEDS_ENGINE: CelRule = {
  rule: `!has(self.collector) || !has(self.collector.distribution) || self.collector.distribution != 'otelcol' || !(${['trace', 'metric', 'log'].map((signal) => `(${hasPriority(signal)})`).join(' || ')})`,
  message: "'gateway.priority' is not available with distribution 'otelcol'",
  fieldPath: '.collector.distribution',
  reason: 'FieldValueForbidden',
};

export const telemetrySpec = object(
  'Settings of all pipelines.',
  {
    trace: optional(object('Settings for traces.', { gateway: optional(gateway('traces')) })),
    metric: optional(metric),
    log: optional(object('Settings for logs.', { gateway: optional(gateway('logs')) })),
    enrichments: optional(
      object('What is added to the data.', {
        extractPodLabels: optional(list('Pod labels that become the attribute k8s.pod.label.<key>.', podLabel)),
        cluster: optional(
          object('The cluster.', {
            name: optional(
              defaulted('what the cluster calls itself', text('Value of k8s.cluster.name.', { example: 'prod-eu' })),
            ),
          }),
        ),
      }),
    ),
    topology: optional(
      extension(
        object('How pipelines are divided among processes.', {
          type: optional(
            defaulted(
              'PerSignal in a cluster, Shared on this machine',
              oneOf(
                'PerSignal: a router and a gateway for each signal. Shared: one gateway. PerPipeline: an entry gateway and a process for each pipeline.',
                ['PerSignal', 'Shared', 'PerPipeline'],
              ),
            ),
          ),
        }),
      ),
    ),
    collector: optional(
      extension(
        object('Which program runs gateways; agents are always the OpenTelemetry Collector.', {
          distribution: optional(
            defaulted(
              'sluice for a gateway that carries an AtLeastOnce pipeline, else otelcol; on this machine sluice',
              oneOf('otelcol: the OpenTelemetry Collector. sluice: the engine of Sluice.', ['otelcol', 'sluice']),
            ),
          ),
        }),
      ),
    ),
    endpoint: optional(
      extension(
        object('The one OTLP endpoint in front of several gateways.', {
          type: optional(
            defaulted(
              'Router',
              oneOf(
                'Router: a workload that forwards. GatewayAPI: HTTPRoute and GRPCRoute. None: no common endpoint.',
                ['Router', 'GatewayAPI', 'None'],
              ),
            ),
          ),
        }),
      ),
    ),
  },
  [PRIORITY_NEEDS_ENGINE],
);

export type TelemetryConfig = Data<typeof telemetrySpec>;

/** The settings of the whole installation. What is not set is absent: its default depends on where it runs. */
export interface Telemetry {
  readonly kind: 'Telemetry';
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: TelemetryConfig;
}
