import { join } from 'node:path';
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
  /** Queues count batches; otherwise bytes. */
  readonly countsBatches?: true;
  /** How long items may wait in a batch, ms: as long has to be waited for them at the end. */
  readonly batchMs: number;
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
    adapt: (config, context) => onDisk(limited(config, context.plan), context, { batchInFront: true }),
  },
  durable: {
    title: 'AtLeastOnce: on disk and synced before the sender is answered',
    rendersFor: 'ample memory',
    refusesSenders: true,
    batchMs: 400,
    adapt: (config, context) => onDisk(limited(config, context.plan), context, { batchInFront: false }),
  },
};

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

function onDisk(
  config: CollectorConfig,
  { plan, queueFolder }: SettingsContext,
  { batchInFront }: { readonly batchInFront: boolean },
): CollectorConfig {
  const storages: Record<string, unknown> = {};
  const storageOf = (key: string) => {
    if (plan.runner === 'otelcol') {
      storages['file_storage'] = { directory: queueFolder, create_directory: true, fsync: true };
      return 'file_storage';
    }
    const name = pipelineOfExporter(key)!;
    // What a dead backend cannot take must not reach its siblings' senders, so the oldest makes room.
    storages[`sluice_queue/${name}`] = { directory: join(queueFolder, name), on_full: 'drop_oldest', fsync: true };
    return `sluice_queue/${name}`;
  };
  const queueBytes = plan.queueBytes ?? DISK_QUEUE_BYTES;
  const exporters = mapExporters(config, (exporter, key) => ({
    ...exporter,
    sending_queue: { ...exporter.sending_queue, queue_size: queueBytes, storage: storageOf(key) },
  }));
  const extensions = { ...config.extensions, ...storages };
  const pipelines = batchInFront ? config.service.pipelines : withoutBatch(config.service.pipelines);
  const used = new Set(Object.values(pipelines).flatMap(({ processors }) => processors ?? []));
  return {
    ...config,
    processors: Object.fromEntries(Object.entries(config.processors ?? {}).filter(([id]) => used.has(id))),
    exporters,
    extensions,
    service: { ...config.service, extensions: Object.keys(extensions), pipelines },
  };
}

function withoutBatch(pipelines: Readonly<Record<string, PipelineConfig>>): Readonly<Record<string, PipelineConfig>> {
  return Object.fromEntries(
    Object.entries(pipelines).map(([id, pipeline]) => [
      id,
      { ...pipeline, processors: (pipeline.processors ?? []).filter((one) => !/^batch(\/|$)/.test(one)) },
    ]),
  );
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
