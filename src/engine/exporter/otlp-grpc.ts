import { Type } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { createOtlpGrpcClient } from '../../otlp/index.ts';
import { defineExporter } from '../component.ts';
import { parseQueue } from '../settings/queue.ts';
import { parseRetry } from '../settings/retry.ts';
import { durationMs, headersRecord, settingsObject } from '../settings/schema.ts';
import { describeEndpoint } from './destination.ts';
import { createOtlpExporter } from './otlp-exporter.ts';
import { checkOtlpClient, otlpClientProperties, parseClientTls, parseCompression } from './otlp-settings.ts';

/** Source: exporterhelper NewDefaultTimeoutConfig at 0.149. */
const defaultTimeoutMs = 5000;

/** OTLP over gRPC. */
export const otlpGrpcExporter = defineExporter({
  schema: settingsObject({ endpoint: Type.String(), ...otlpClientProperties }),
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
    return checkOtlpClient(settings);
  },
  create: (settings, { signal, deps }) =>
    createOtlpExporter({
      signal,
      client: createOtlpGrpcClient({
        endpoint: settings.endpoint!,
        headers: headersRecord(settings.headers),
        compression: parseCompression(settings.compression),
        tls: parseClientTls(settings.tls),
        clock: deps.clock,
      }),
      destination: describeEndpoint(settings.endpoint!, 'gRPC'),
      timeoutMs: durationMs(settings.timeout, defaultTimeoutMs),
      queue: parseQueue(settings.sending_queue),
      retry: parseRetry(settings.retry_on_failure),
    }),
});
