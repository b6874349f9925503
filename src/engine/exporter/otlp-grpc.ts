import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import { createOtlpGrpcClient } from '../../otlp/index.ts';
import { defineExporter } from '../component.ts';
import { parseQueue } from '../settings/queue.ts';
import { parseRetry } from '../settings/retry.ts';
import { durationMs, headersRecord, oneOf, settingsObject } from '../settings/schema.ts';
import { describeEndpoint } from './destination.ts';
import { createOtlpExporter } from './otlp-exporter.ts';
import {
  checkOtlpClient,
  credentialsOf,
  type OtlpClientSettings,
  otlpClientProperties,
  parseCompression,
} from './otlp-settings.ts';
import { createRotatingClient } from './rotating-client.ts';

/** Source: exporterhelper NewDefaultTimeoutConfig at 0.149. */
const defaultTimeoutMs = 5000;

/** OTLP over gRPC. */
export const otlpGrpcExporter = defineExporter({
  schema: settingsObject({
    endpoint: Type.String(),
    balancer_name: oneOf('round_robin', 'pick_first', ''),
    ...otlpClientProperties,
  }),
  check(settings): Issue[] {
    const { endpoint } = settings;
    if (endpoint === undefined || endpoint === '') {
      return [
        {
          code: 'SL0102',
          severity: 'error',
          message: '`endpoint` is required',
          path: ['endpoint'],
          help: 'add `endpoint: host:4317`',
        },
      ];
    }
    return [...checkPlainText(settings), ...checkOtlpClient(settings)];
  },
  create: (settings, context) =>
    createOtlpExporter({
      signal: context.signal,
      client: createRotatingClient(settings.tls, context, (tls) =>
        createOtlpGrpcClient({
          endpoint: settings.endpoint!,
          headers: headersRecord(settings.headers),
          compression: parseCompression(settings.compression),
          tls,
          clock: context.deps.clock,
          ...credentialsOf(settings, context),
          ...(settings.balancer_name && { balancer: settings.balancer_name }),
        }),
      ),
      destination: describeEndpoint(settings.endpoint!, 'gRPC'),
      timeoutMs: durationMs(settings.timeout, defaultTimeoutMs),
      queue: parseQueue(settings.sending_queue),
      retry: parseRetry(settings.retry_on_failure, settings.sending_queue),
    }),
});

/** gRPC gives credentials to nobody in plain text, and the Collector then does not start. */
function checkPlainText({
  endpoint = '',
  auth,
  tls = {},
}: OtlpClientSettings & { readonly endpoint?: string }): Issue[] {
  const [scheme] = /^https?(?=:\/\/)/i.exec(endpoint) ?? [];
  const isPlain =
    scheme === undefined ? tls.insecure === true && !tls.ca_file && !tls.ca_pem : scheme.toLowerCase() === 'http';
  if (auth?.authenticator === undefined || !isPlain) return [];
  const message = 'gRPC sends the credentials of `auth` over TLS only';
  return [
    { code: 'SL0105', severity: 'error', message, path: ['auth'], help: 'remove `tls.insecure`, or use otlp_http' },
  ];
}
