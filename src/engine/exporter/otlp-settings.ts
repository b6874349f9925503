import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import type { RequestCredentials } from '../../otlp/index.ts';
import type { ExporterContext } from '../component.ts';
import { AuthConfig, noAuthenticator } from '../settings/auth.ts';
import { checkQueue, QueueConfig } from '../settings/queue.ts';
import { checkRetry, RetryConfig } from '../settings/retry.ts';
import { Duration, Headers, oneOf } from '../settings/schema.ts';
import { checkTls, TlsClientConfig } from '../settings/tls.ts';

/** What both OTLP exporters have. */
export const otlpClientProperties = {
  headers: Headers,
  compression: oneOf('gzip', 'zstd', 'snappy', 'none', ''),
  timeout: Duration,
  tls: TlsClientConfig,
  auth: AuthConfig,
  sending_queue: QueueConfig,
  retry_on_failure: RetryConfig,
};

export interface OtlpClientSettings {
  readonly sending_queue?: Static<typeof QueueConfig>;
  readonly retry_on_failure?: Static<typeof RetryConfig>;
  readonly tls?: TlsClientConfig;
  readonly auth?: AuthConfig;
}

export function checkOtlpClient(settings: OtlpClientSettings): Issue[] {
  const tls = checkTls(settings.tls ?? {});
  return [
    ...checkQueue(settings.sending_queue),
    ...checkRetry(settings.retry_on_failure),
    ...tls.map((issue) => ({ ...issue, path: ['tls', ...(issue.path ?? [])] })),
  ];
}

/** The Collector's default is gzip; an empty text means none, as there. */
export function parseCompression(
  compression: 'gzip' | 'zstd' | 'snappy' | 'none' | '' | undefined,
): 'gzip' | 'zstd' | 'snappy' | 'none' {
  return compression === '' ? 'none' : (compression ?? 'gzip');
}

/** The credentials of the extension that `auth` names. Throws CodedError `invalid_config` when it gives none. */
export function credentialsOf(
  { auth }: OtlpClientSettings,
  { credentials }: Pick<ExporterContext, 'credentials'>,
): { readonly credentials?: RequestCredentials } {
  if (auth?.authenticator === undefined) return {};
  const found = credentials(auth.authenticator);
  if (found === undefined) throw noAuthenticator(auth.authenticator, 'exporters');
  return { credentials: found };
}
