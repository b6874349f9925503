import { createSecureContext, getCACertificates, type SecureContext, type SecureContextOptions } from 'node:tls';

import { CodedError, errorMessage } from '../../lib/index.ts';
import type { TlsVersion } from '../security.ts';

/** TLS settings of a client, as the Collector's `tls` section means them. */
export interface ClientTls {
  /** Plain text when the endpoint names no scheme. */
  readonly insecure?: boolean;
  /** Accept any certificate. */
  readonly insecureSkipVerify?: boolean;
  /** Certificate authorities to trust instead of the system's. */
  readonly caPem?: string;
  /** The system's beside those of `caPem`. */
  readonly includeSystemCaCerts?: boolean;
  /** Client certificate and key. */
  readonly certPem?: string;
  readonly keyPem?: string;
  /** Name to expect in the certificate instead of the endpoint's host. */
  readonly serverName?: string;
  /** TLSv1.2 unless said otherwise. */
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
}

/** Node's options for the TLS connections of one client. */
export interface TlsOptions {
  readonly secureContext: SecureContext;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
}

/** Gives the same options for every connection, made for the first one. Throws a CodedError `invalid_tls` for what can never work. */
export function createTlsOptions(tls: ClientTls = {}): () => TlsOptions {
  if (tls.caPem !== undefined && !tls.caPem.includes('-----BEGIN ')) {
    throw new CodedError('invalid_tls', 'the CA file holds no certificate in PEM format');
  }
  const own: SecureContextOptions = {
    ...(tls.certPem !== undefined && { cert: tls.certPem }),
    ...(tls.keyPem !== undefined && { key: tls.keyPem }),
    ...(tls.caPem !== undefined && { ca: tls.caPem }),
    minVersion: tls.minVersion ?? 'TLSv1.2',
    ...(tls.maxVersion !== undefined && { maxVersion: tls.maxVersion }),
  };
  if (tls.certPem !== undefined || tls.caPem !== undefined) contextOf(own);
  let made: TlsOptions | undefined;
  return () => {
    made ??= {
      secureContext: contextOf({ ...own, ca: authorities(tls) }),
      ...(tls.serverName !== undefined && { servername: tls.serverName }),
      rejectUnauthorized: tls.insecureSkipVerify !== true,
    };
    return made;
  };
}

/** Go trusts what the system trusts; so do we, beside what Node brings along. Reading that takes tens of milliseconds. */
function authorities({ caPem, includeSystemCaCerts }: ClientTls): string[] {
  if (caPem !== undefined && includeSystemCaCerts !== true) return [caPem];
  const system = new Set([...getCACertificates('default'), ...getCACertificates('system')]);
  return [...(caPem === undefined ? [] : [caPem]), ...system];
}

function contextOf(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new CodedError('invalid_tls', `certificate, key or CA cannot be used: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

/** Options for one connection of somebody else's client. */
export function tlsOptions(tls: ClientTls | undefined): TlsOptions {
  return createTlsOptions(tls)();
}
