import type { RunPlan } from '../run.ts';
import {
  type CollectorConfig,
  type ExporterConfig,
  type PipelineConfig,
  pipelineOfExporter,
} from './collector-config.ts';

export interface SettingsContext {
  readonly plan: RunPlan;
  /** For queues on disk. */
  readonly queueFolder: string;
}

/** A way to configure gateways, by the name that experiments use. */
export interface NamedSettings {
  readonly title: string;
  /** The memory for which the product renders; what it would refuse at the plan's is set by `adapt`. */
  readonly rendersFor: 'the memory of the plan' | 'ample memory';
  /** Senders hear of a full queue: what it does not take is refused to them, not lost. */
  readonly refusesSenders: boolean;
  /** What was acknowledged is on disk, so that a kill loses none of it. */
  readonly survivesKill?: true;
  /** Queues count batches; otherwise bytes. */
  readonly countsBatches?: true;
  /** How long items may wait in a batch, ms: as long has to be waited for them at the end. */
  readonly batchMs: number;
  /** What pipelines ask for, as `spec.delivery`. */
  delivery?(plan: RunPlan): unknown;
  adapt(config: CollectorConfig, context: SettingsContext): CollectorConfig;
}

const MIB = 2 ** 20;
const DISK_QUEUE_BYTES = 2 * 2 ** 30;

export const NAMED_SETTINGS: Readonly<Record<string, NamedSettings>> = {
  sluice: {
    title: 'as Sluice renders it: queues in memory, counted in bytes',
    rendersFor: 'the memory of the plan',
    refusesSenders: false,
    batchMs: 400,
    delivery: ({ queueBytes }) =>
      queueBytes === undefined ? undefined : { buffer: { maxSize: quantity(queueBytes) } },
    adapt: (config) => config,
  },
  upstream: {
    title: "Kyma's own: batches of 512, a queue of 256 batches shared out among the pipelines of a signal",
    rendersFor: 'ample memory',
    refusesSenders: false,
    countsBatches: true,
    batchMs: 10_000,
    adapt: asUpstream,
  },
  'file-storage': {
    title: "queues on disk of the stock Collector's file_storage with fsync, behind a batch processor",
    rendersFor: 'ample memory',
    refusesSenders: false,
    batchMs: 400,
    adapt: (config, context) => onFileStorage(limited(config, context.plan), context),
  },
  durable: {
    title: 'AtLeastOnce: on disk and synced before the sender is answered',
    rendersFor: 'ample memory',
    refusesSenders: true,
    survivesKill: true,
    batchMs: 400,
    // What a dead backend cannot take must not reach its siblings' senders, so the oldest makes room where that is possible.
    delivery: ({ runner, queueBytes = DISK_QUEUE_BYTES }) => ({
      guarantee: 'AtLeastOnce',
      buffer: { maxSize: quantity(queueBytes), onFull: runner === 'engine' ? 'DropOldest' : 'Block' },
    }),
    adapt: (config, { plan, queueFolder }) => inFolder(limited(config, plan), queueFolder),
  },
};

function quantity(bytes: number): string {
  return `${Math.ceil(bytes / MIB)}Mi`;
}

/**
 * Source: telemetry-manager 1.69, internal/otelcollector/config/otlpgateway and common: limiter at 75 and 15 % checked each
 * second, one chain for each pipeline straight from the receiver, and no queue that knows bytes.
 */
function asUpstream(config: CollectorConfig, { plan }: SettingsContext): CollectorConfig {
  const { pipelines } = config.service;
  const ends = Object.entries(pipelines).filter(([, { exporters }]) => pipelineOfExporter(exporters[0]!) !== undefined);
  if (ends.length === 0) return config;
  const queueOf = (key: string) => {
    const signal = ends.find(([, { exporters }]) => exporters.includes(key))![0].split('/')[0];
    return Math.floor(256 / ends.filter(([id]) => id.split('/')[0] === signal).length);
  };
  const exporters = mapExporters(config, (exporter, key) => {
    const { timeout: _timeout, ...rest } = exporter;
    return { ...rest, sending_queue: { enabled: true, queue_size: queueOf(key), num_consumers: 10 } };
  });
  const chains = ends.map(([id, pipeline]): [string, PipelineConfig] => [
    id,
    { ...pipeline, receivers: ['otlp'], processors: ['memory_limiter', 'batch'] },
  ]);
  const { connectors: _connectors, ...rest } = config;
  return {
    ...rest,
    processors: {
      memory_limiter: limiter(plan),
      batch: { send_batch_size: 512, send_batch_max_size: 512, timeout: '10s' },
    },
    exporters,
    service: { ...config.service, pipelines: Object.fromEntries(chains) },
  };
}

/** Kyma's shares, which Sluice renders as well. */
function limiter({ memoryBytes }: RunPlan): unknown {
  return {
    check_interval: '1s',
    limit_mib: Math.floor((memoryBytes / MIB) * 0.75),
    spike_limit_mib: Math.floor((memoryBytes / MIB) * 0.15),
  };
}

function limited(config: CollectorConfig, plan: RunPlan): CollectorConfig {
  return { ...config, processors: { ...config.processors, memory_limiter: limiter(plan) } };
}

function onFileStorage(config: CollectorConfig, { plan, queueFolder }: SettingsContext): CollectorConfig {
  const file_storage = { directory: queueFolder, create_directory: true, fsync: true };
  const exporters = mapExporters(config, (exporter) => ({
    ...exporter,
    sending_queue: {
      ...exporter.sending_queue,
      queue_size: plan.queueBytes ?? DISK_QUEUE_BYTES,
      storage: 'file_storage',
    },
  }));
  return {
    ...config,
    exporters,
    extensions: { ...config.extensions, file_storage },
    service: { ...config.service, extensions: ['file_storage'] },
  };
}

/** What is rendered lives where a container has its volume. */
const VOLUME = '/var/lib/telemetry';

function inFolder(config: CollectorConfig, folder: string): CollectorConfig {
  const moved = (value: unknown): unknown => {
    if (typeof value === 'string') return value.startsWith(`${VOLUME}/`) ? folder + value.slice(VOLUME.length) : value;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, moved(one)]));
  };
  const extensions = Object.entries(config.extensions ?? {}).map(([id, one]) => [id, moved(one)]);
  return { ...config, extensions: Object.fromEntries(extensions) };
}

/** Only those that end a pipeline of the plan; a router's waits for the gateway's answer and stays as it is. */
function mapExporters(
  { exporters }: CollectorConfig,
  change: (exporter: ExporterConfig, key: string) => ExporterConfig,
): Readonly<Record<string, ExporterConfig>> {
  return Object.fromEntries(
    Object.entries(exporters).map(([key, exporter]) => [
      key,
      pipelineOfExporter(key) === undefined ? exporter : change(exporter, key),
    ]),
  );
}
