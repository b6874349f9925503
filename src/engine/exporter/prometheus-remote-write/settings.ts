import type { Static } from 'typebox';
import type { Issue } from '../../../diagnostics/index.ts';
import { Type } from '../../../lib/index.ts';
import { AuthConfig } from '../../settings/auth.ts';
import { checkRetry, RetryConfig } from '../../settings/retry.ts';
import { Count, Duration, Headers, oneOf, settingsObject } from '../../settings/schema.ts';
import { checkTls, TlsClientConfig } from '../../settings/tls.ts';
import { createLabelNamer } from './label-name.ts';

export const MESSAGES = { 'prometheus.WriteRequest': '1.0', 'io.prometheus.write.v2.Request': '2.0' } as const;

/** Source: prometheusremotewriteexporter config.go and factory.go at 0.149. */
export const RemoteWriteConfig = settingsObject({
  endpoint: Type.String(),
  protobuf_message: oneOf('prometheus.WriteRequest', 'io.prometheus.write.v2.Request'),
  namespace: Type.String(),
  external_labels: Type.Record(Type.String(), Type.String()),
  add_metric_suffixes: Type.Boolean(),
  send_metadata: Type.Boolean(),
  target_info: settingsObject({ enabled: Type.Boolean() }),
  disable_scope_info: Type.Boolean(),
  resource_to_telemetry_conversion: settingsObject({
    enabled: Type.Boolean(),
    exclude_service_attributes: Type.Boolean(),
  }),
  remote_write_queue: settingsObject({
    enabled: Type.Boolean(),
    queue_size: Count,
    num_consumers: Count,
    /** The engine's own, as the Collector's exporter has no queue on disk: they mean what they do in `sending_queue`. */
    sizer: oneOf('requests', 'items', 'bytes'),
    storage: Type.String(),
  }),
  max_batch_size_bytes: Count,
  max_batch_request_parallelism: Type.Integer({ minimum: 1 }),
  compression: oneOf('snappy', ''),
  headers: Headers,
  timeout: Duration,
  tls: TlsClientConfig,
  auth: AuthConfig,
  retry_on_failure: RetryConfig,
});
export type RemoteWriteConfig = Static<typeof RemoteWriteConfig>;

export const REMOTE_WRITE_DEFAULTS = {
  timeoutMs: 5000,
  initial_interval: '50ms',
  queueSize: 10_000,
  maxBatchBytes: 3_000_000,
} as const;

/** The rule of external labels is that of attributes. */
export const EXTERNAL_LABEL_NAMING = { keepUnderscores: false, prefixUnderscore: true } as const;

export function checkRemoteWrite(settings: RemoteWriteConfig): Issue[] {
  return [
    ...checkEndpoint(settings.endpoint),
    ...checkQueue(settings),
    ...checkExternalLabels(settings.external_labels ?? {}),
    ...checkRetry(settings.retry_on_failure),
    ...checkTls(settings.tls ?? {}).map((issue) => ({ ...issue, path: ['tls', ...(issue.path ?? [])] })),
  ];
}

function checkEndpoint(endpoint: string | undefined): Issue[] {
  const path = ['endpoint'];
  if (endpoint === undefined || endpoint === '') {
    const help = 'add `endpoint: http://prometheus:9090/api/v1/write`';
    return [{ code: 'SL0102', severity: 'error', message: '`endpoint` is required', path, help }];
  }
  if (/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) return [];
  const help = 'begin it with http:// or https://';
  return [{ code: 'SL0110', severity: 'error', message: '`endpoint` must be an http or https URL', path, help }];
}

function checkQueue({ remote_write_queue: queue }: RemoteWriteConfig): Issue[] {
  if (queue?.queue_size !== 0 || queue.enabled === false) return [];
  const path = ['remote_write_queue', 'queue_size'];
  return [{ code: 'SL0105', severity: 'error', message: '`queue_size` must be greater than 0', path }];
}

function checkExternalLabels(labels: Readonly<Record<string, string>>): Issue[] {
  const namer = createLabelNamer(EXTERNAL_LABEL_NAMING);
  return Object.entries(labels).flatMap(([name, value]): Issue[] => {
    if (value !== '' && namer(name) !== undefined) return [];
    const message = `\`external_labels.${name}\` must have a name with a letter or digit, and a value`;
    return [{ code: 'SL0105', severity: 'error', message, path: ['external_labels', name] }];
  });
}
