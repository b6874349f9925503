import type { GatewayPorts } from './gateway-config.ts';

/** The three backends behind one gateway. */
export const BACKENDS = ['healthy', 'hanging', 'refusing'] as const;
export type Backend = (typeof BACKENDS)[number];
export type BackendPorts = Readonly<Record<Backend, number>>;

/** Memory the gateway may use, as a container's limit would say. */
export const MEMORY_CAP_MIB = 512;
/** Kyma's share of the cap: 75 % limit, 15 % spike. */
const LIMIT_MIB = Math.floor(MEMORY_CAP_MIB * 0.75);
const SPIKE_MIB = Math.floor(MEMORY_CAP_MIB * 0.15);

interface Settings {
  readonly batch: string;
  readonly queue: string;
}

/** Batches bounded by count, queues bounded in bytes: what the compiler renders for BestEffort pipelines. */
export const byteQueues: Settings = {
  batch: '{send_batch_size: 512, send_batch_max_size: 512, timeout: 200ms}',
  queue: '{enabled: true, sizer: bytes, queue_size: 20971520, num_consumers: 10}',
};

/** What Kyma's telemetry manager renders: a queue of 256 batches shared out among the pipelines. */
export const upstreamQueues: Settings = {
  batch: '{send_batch_size: 512, send_batch_max_size: 512, timeout: 10s}',
  queue: '{enabled: true, queue_size: 85, num_consumers: 10}',
};

export function isolationConfig(settings: Settings, ports: GatewayPorts, backends: BackendPorts): string {
  const exporters = BACKENDS.map(
    (name) => `  otlp_grpc/${name}:
    endpoint: "127.0.0.1:${backends[name]}"
    tls: {insecure: true}
    compression: none
    sending_queue: ${settings.queue}
    retry_on_failure: {enabled: true, initial_interval: 5s, max_interval: 30s, max_elapsed_time: 300s}`,
  );
  const pipelines = BACKENDS.map(
    (name) =>
      `    traces/${name}: {receivers: [otlp], processors: [memory_limiter, batch], exporters: [otlp_grpc/${name}]}`,
  );
  return `receivers:
  otlp:
    protocols:
      grpc: {endpoint: "127.0.0.1:${ports.grpc}"}
      http: {endpoint: "127.0.0.1:${ports.http}"}
processors:
  memory_limiter: {check_interval: 1s, limit_mib: ${LIMIT_MIB}, spike_limit_mib: ${SPIKE_MIB}}
  batch: ${settings.batch}
exporters:
${exporters.join('\n')}
service:
  telemetry:
    logs: {level: error}
    metrics:
      level: normal
      readers:
        - pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${ports.metrics}}}}
  pipelines:
${pipelines.join('\n')}
`;
}
