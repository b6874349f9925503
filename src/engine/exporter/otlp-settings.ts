import { readFileSync } from 'node:fs';
import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { CodedError, errorMessage } from '../../lib/index.ts';
import type { ClientTls } from '../../otlp/index.ts';
import { checkQueue, QueueConfig } from '../settings/queue.ts';
import { checkRetry, RetryConfig } from '../settings/retry.ts';
import { Duration, Headers, oneOf } from '../settings/schema.ts';
import { TlsClientConfig } from '../settings/tls.ts';

/** What both OTLP exporters have. */
export const otlpClientProperties = {
  headers: Headers,
  compression: oneOf('gzip', 'zstd', 'none', ''),
  timeout: Duration,
  tls: TlsClientConfig,
  sending_queue: QueueConfig,
  retry_on_failure: RetryConfig,
};

export interface OtlpClientSettings {
  readonly sending_queue?: Static<typeof QueueConfig>;
  readonly retry_on_failure?: Static<typeof RetryConfig>;
  readonly tls?: TlsClientConfig;
}

export function checkOtlpClient(settings: OtlpClientSettings): Issue[] {
  const { tls = {} } = settings;
  const both = (['ca', 'cert', 'key'] as const).filter(
    (what) => tls[`${what}_file`] !== undefined && tls[`${what}_pem`] !== undefined,
  );
  return [
    ...checkQueue(settings.sending_queue),
    ...checkRetry(settings.retry_on_failure),
    ...both.map(
      (what): Issue => ({
        code: 'SL0114',
        severity: 'error',
        message: `\`${what}_file\` and \`${what}_pem\` exclude each other`,
        path: ['tls', `${what}_pem`],
      }),
    ),
  ];
}

/** The Collector's default is gzip; an empty text means none, as there. */
export function parseCompression(compression: 'gzip' | 'zstd' | 'none' | '' | undefined): 'gzip' | 'zstd' | 'none' {
  return compression === '' ? 'none' : (compression ?? 'gzip');
}

/** Reads the files a `tls` section names. Throws CodedError `file_unreadable`. */
export function parseClientTls(tls: TlsClientConfig = {}): ClientTls {
  const ca = tls.ca_pem ?? read(tls.ca_file);
  const cert = tls.cert_pem ?? read(tls.cert_file);
  const key = tls.key_pem ?? read(tls.key_file);
  return {
    ...(tls.insecure !== undefined && { insecure: tls.insecure }),
    ...(tls.insecure_skip_verify !== undefined && { insecureSkipVerify: tls.insecure_skip_verify }),
    ...(ca !== undefined && { caPem: ca }),
    ...(cert !== undefined && { certPem: cert }),
    ...(key !== undefined && { keyPem: key }),
    ...(tls.server_name_override !== undefined && { serverName: tls.server_name_override }),
  };
}

function read(file: string | undefined): string | undefined {
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CodedError('file_unreadable', `cannot read ${file}: ${errorMessage(error)}`, { cause: error });
  }
}
