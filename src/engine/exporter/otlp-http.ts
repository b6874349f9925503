import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import { createOtlpHttpClient } from '../../otlp/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { defineExporter } from '../component.ts';
import { parseQueue } from '../settings/queue.ts';
import { parseRetry } from '../settings/retry.ts';
import { durationMs, headersRecord, oneOf, settingsObject } from '../settings/schema.ts';
import { describeEndpoint } from './destination.ts';
import { createOtlpExporter } from './otlp-exporter.ts';
import { checkOtlpClient, credentialsOf, otlpClientProperties, parseCompression } from './otlp-settings.ts';
import { createRotatingClient } from './rotating-client.ts';

const OtlpHttpConfig = settingsObject({
  endpoint: Type.String(),
  traces_endpoint: Type.String(),
  metrics_endpoint: Type.String(),
  logs_endpoint: Type.String(),
  encoding: oneOf('proto', 'json'),
  ...otlpClientProperties,
});
type OtlpHttpConfig = Static<typeof OtlpHttpConfig>;

/** Source: otlphttpexporter factory.go at 0.149. */
const defaultTimeoutMs = 30_000;

/** OTLP over HTTP. */
export const otlpHttpExporter = defineExporter({
  schema: OtlpHttpConfig,
  check(settings): Issue[] {
    const endpoints = [settings.endpoint, ...Object.values(signalEndpoints(settings))];
    if (endpoints.every((endpoint) => endpoint === undefined || endpoint === '')) {
      const help = 'add `endpoint: http://host:4318`';
      return [{ code: 'SL0102', severity: 'error', message: '`endpoint` is required', path: ['endpoint'], help }];
    }
    return [...checkUrls(settings), ...checkOtlpClient(settings)];
  },
  create: (settings, context) =>
    createOtlpExporter({
      signal: context.signal,
      client: createRotatingClient(settings.tls, context, (tls) =>
        createOtlpHttpClient({
          ...(settings.endpoint !== undefined && { endpoint: settings.endpoint }),
          signalEndpoints: signalEndpoints(settings),
          headers: headersRecord(settings.headers),
          compression: parseCompression(settings.compression),
          encoding: settings.encoding ?? 'proto',
          tls,
          clock: context.deps.clock,
          ...credentialsOf(settings, context),
        }),
      ),
      destination: describeEndpoint(settings[`${context.signal}_endpoint`] ?? settings.endpoint ?? 'nowhere', 'HTTP'),
      timeoutMs: durationMs(settings.timeout, defaultTimeoutMs),
      queue: parseQueue(settings.sending_queue),
      retry: parseRetry(settings.retry_on_failure, settings.sending_queue),
    }),
});

function signalEndpoints(settings: OtlpHttpConfig): Partial<Record<Signal, string>> {
  const given: Partial<Record<Signal, string>> = {};
  for (const signal of SIGNALS) {
    const url = settings[`${signal}_endpoint`];
    if (url !== undefined && url !== '') given[signal] = url;
  }
  return given;
}

function checkUrls(settings: OtlpHttpConfig): Issue[] {
  const keys = ['endpoint', 'traces_endpoint', 'metrics_endpoint', 'logs_endpoint'] as const;
  return keys.flatMap((key): Issue[] => {
    const url = settings[key];
    if (url === undefined || url === '' || /^https?:$/.test(URL.parse(url)?.protocol ?? '')) return [];
    const message = `\`${key}\` must be an http or https URL`;
    // The text itself may come from an environment variable that holds a secret.
    return [{ code: 'SL0110', severity: 'error', message, path: [key], help: 'begin it with http:// or https://' }];
  });
}
