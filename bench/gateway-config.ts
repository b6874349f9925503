/** The Collector configuration both gateways execute in the benchmark; only ports, compression and OTTL vary. */
export interface GatewayPorts {
  readonly grpc: number;
  readonly http: number;
  /** The gateway's own metrics. */
  readonly metrics: number;
}

export interface GatewayConfigOptions {
  readonly ports: GatewayPorts;
  readonly backendPort: number;
  readonly compression: 'none' | 'gzip';
  /** A filter and a transform between the resource processor and the batch. */
  readonly ottl?: boolean;
  /** In place of the batch and a queue in memory: the queue alone, on disk where `directory` says so. */
  readonly queue?: { readonly directory?: string; readonly storage: 'sluice_queue' | 'file_storage' };
}

/** Drops one span in ten, by an attribute, and sets one on the others. */
const OTTL = `  filter:
    error_mode: ignore
    traces: {span: ['attributes["http.response.status_code"] == 204']}
  transform:
    error_mode: ignore
    trace_statements:
      - {context: span, statements: ['set(attributes["team"], "checkout")']}
`;

export function gatewayConfig({ ports, backendPort, compression, ottl = false, queue }: GatewayConfigOptions): string {
  const rules = ottl ? 'filter, transform, ' : '';
  const batch = queue === undefined ? ', batch' : '';
  const processors = `[memory_limiter, resource${rules === '' ? '' : `, ${rules.slice(0, -2)}`}${batch}]`;
  const pipeline = `{receivers: [otlp], processors: ${processors}, exporters: [otlp_grpc]}`;
  const directory = queue?.directory;
  const storage = directory === undefined ? '' : `, storage: ${queue?.storage}`;
  return `receivers:
  otlp:
    protocols:
      grpc: {endpoint: "127.0.0.1:${ports.grpc}"}
      http: {endpoint: "127.0.0.1:${ports.http}"}
processors:
  memory_limiter: {check_interval: 1s, limit_mib: 2048, spike_limit_mib: 512}
  resource:
    attributes:
      - {key: k8s.cluster.name, value: bench, action: upsert}
      - {key: k8s.namespace.name, value: shop, action: upsert}
      - {key: deployment.environment.name, value: production, action: insert}
  batch: {send_batch_size: 8192, send_batch_max_size: 8192, timeout: 200ms}
${directory === undefined ? '' : storageSection(directory, queue!.storage)}${ottl ? OTTL : ''}exporters:
  otlp_grpc:
    endpoint: "127.0.0.1:${backendPort}"
    tls: {insecure: true}
    compression: ${compression}
    sending_queue: {enabled: true, sizer: bytes, queue_size: 268435456, num_consumers: 10${storage}}
    retry_on_failure: {enabled: true, initial_interval: 1s, max_interval: 5s, max_elapsed_time: 60s}
service:
${
  directory === undefined
    ? ''
    : `  extensions: [${queue!.storage}]
`
}  telemetry:
    logs: {level: warn}
    metrics:
      level: normal
      readers:
        - pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${ports.metrics}}}}
  pipelines:
    traces: ${pipeline}
    metrics: ${pipeline}
    logs: ${pipeline}
`;
}

/** Synced before the sender is answered, with both. */
function storageSection(directory: string, storage: 'sluice_queue' | 'file_storage'): string {
  const create = storage === 'file_storage' ? ', create_directory: true' : '';
  return `extensions:\n  ${storage}: {directory: ${JSON.stringify(directory)}, fsync: true${create}}\n`;
}
