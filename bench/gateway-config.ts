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

export function gatewayConfig({ ports, backendPort, compression, ottl = false }: GatewayConfigOptions): string {
  const rules = ottl ? 'filter, transform, ' : '';
  const pipeline = `{receivers: [otlp], processors: [memory_limiter, resource, ${rules}batch], exporters: [otlp_grpc]}`;
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
${ottl ? OTTL : ''}exporters:
  otlp_grpc:
    endpoint: "127.0.0.1:${backendPort}"
    tls: {insecure: true}
    compression: ${compression}
    sending_queue: {enabled: true, sizer: bytes, queue_size: 268435456, num_consumers: 10}
    retry_on_failure: {enabled: true, initial_interval: 1s, max_interval: 5s, max_elapsed_time: 60s}
service:
  telemetry:
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
