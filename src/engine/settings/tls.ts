import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { CodedError, errorMessage, Type } from '../../lib/index.ts';
import type { ClientTls, ServerTls, TlsVersion } from '../../otlp/index.ts';
import { Duration, oneOf, Secret, settingsObject } from './schema.ts';

const certificate = {
  cert_file: Type.String(),
  cert_pem: Type.String(),
  key_file: Type.String(),
  key_pem: Secret,
  min_version: oneOf('1.2', '1.3', ''),
  max_version: oneOf('1.2', '1.3', ''),
  reload_interval: Duration,
};

/** `tls` of an exporter, as configtls.ClientConfig. */
export const TlsClientConfig = settingsObject({
  ...certificate,
  ca_file: Type.String(),
  ca_pem: Type.String(),
  include_system_ca_certs_pool: Type.Boolean(),
  insecure: Type.Boolean(),
  insecure_skip_verify: Type.Boolean(),
  server_name_override: Type.String(),
});
export type TlsClientConfig = Static<typeof TlsClientConfig>;

/** `tls` of a receiver, as configtls.ServerConfig. */
export const TlsServerConfig = settingsObject({
  ...certificate,
  client_ca_file: Type.String(),
  client_ca_file_reload: Type.Boolean(),
});
export type TlsServerConfig = Static<typeof TlsServerConfig>;

/** Source: configtls Config.Validate at 1.55. Issues' paths start at the section. */
export function checkTls(tls: TlsClientConfig & TlsServerConfig): Issue[] {
  const issues: Issue[] = [];
  for (const what of ['ca', 'cert', 'key'] as const) {
    if (!tls[`${what}_file`] || !tls[`${what}_pem`]) continue;
    const message = `\`${what}_file\` and \`${what}_pem\` exclude each other`;
    issues.push({ code: 'SL0114', severity: 'error', message, path: [`${what}_pem`] });
  }
  if (isGiven(tls, 'cert') !== isGiven(tls, 'key')) {
    const missing = isGiven(tls, 'cert') ? 'key' : 'cert';
    const message = `\`${missing}_file\` or \`${missing}_pem\` is required: a certificate and its key come together`;
    issues.push({ code: 'SL0114', severity: 'error', message, path: [`${missing}_file`] });
  }
  if (tls.min_version === '1.3' && tls.max_version === '1.2') {
    const message = '`min_version` must not be above `max_version`';
    issues.push({ code: 'SL0105', severity: 'error', message, path: ['min_version'] });
  }
  return issues;
}

/** A server has a certificate in any case. */
export function checkServerTls(tls: TlsServerConfig): Issue[] {
  if (isGiven(tls, 'cert') || isGiven(tls, 'key')) return checkTls(tls);
  const message = '`cert_file` or `cert_pem`, and `key_file` or `key_pem`, are required';
  return [{ code: 'SL0102', severity: 'error', message, path: [] }];
}

function isGiven(tls: TlsClientConfig, what: 'cert' | 'key'): boolean {
  return Boolean(tls[`${what}_file`] || tls[`${what}_pem`]);
}

/** Reads the files a `tls` section names. Throws CodedErrors `file_unreadable` and `invalid_tls`. */
export function parseClientTls(tls: TlsClientConfig = {}): ClientTls {
  const ca = textOf(tls.ca_pem, tls.ca_file);
  const cert = textOf(tls.cert_pem, tls.cert_file);
  const key = textOf(tls.key_pem, tls.key_file);
  checkMaterial({ ca, cert, key });
  return {
    // With a CA to trust, `insecure` has no effect. Source: configtls ClientConfig.LoadTLSConfig at 1.55.
    ...(tls.insecure !== undefined && { insecure: tls.insecure && ca === undefined }),
    ...(tls.insecure_skip_verify !== undefined && { insecureSkipVerify: tls.insecure_skip_verify }),
    ...(tls.include_system_ca_certs_pool !== undefined && { includeSystemCaCerts: tls.include_system_ca_certs_pool }),
    ...(ca !== undefined && { caPem: ca }),
    ...(cert !== undefined && { certPem: cert }),
    ...(key !== undefined && { keyPem: key }),
    ...(tls.server_name_override && { serverName: tls.server_name_override }),
    ...versions(tls),
  };
}

/** The same for a listener. */
export function parseServerTls(tls: TlsServerConfig): ServerTls {
  const cert = textOf(tls.cert_pem, tls.cert_file) ?? '';
  const key = textOf(tls.key_pem, tls.key_file) ?? '';
  const clientCa = textOf(undefined, tls.client_ca_file);
  checkMaterial({ ca: clientCa, cert, key });
  return { certPem: cert, keyPem: key, ...(clientCa !== undefined && { clientCaPem: clientCa }), ...versions(tls) };
}

function versions({ min_version: min, max_version: max }: TlsClientConfig): {
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
} {
  return { ...(min && { minVersion: `TLSv${min}` as const }), ...(max && { maxVersion: `TLSv${max}` as const }) };
}

function textOf(pem: string | undefined, file: string | undefined): string | undefined {
  if (pem) return pem;
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CodedError('file_unreadable', `cannot read ${file}: ${errorMessage(error)}`, { cause: error });
  }
}

/** Finds at start what would otherwise be the failure of every connection. */
function checkMaterial({ ca, cert, key }: { readonly [what in 'ca' | 'cert' | 'key']: string | undefined }): void {
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new CodedError('invalid_tls', 'the CA of tls holds no certificate');
  }
  try {
    createSecureContext({ ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert, key }) });
  } catch (error) {
    throw new CodedError(
      'invalid_tls',
      `the certificate, its key or the CA of tls cannot be used: ${errorMessage(error)}`,
      {
        cause: error,
      },
    );
  }
}
