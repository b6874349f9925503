import type { BackendFailure, BackendFailureKind } from '../../flow/index.ts';
import { errorCode, errorMessage } from '../../lib/index.ts';
import { at, type Endpoint } from './endpoint.ts';

export function failure(kind: BackendFailureKind, message: string): BackendFailure {
  return { kind, message };
}

const NOT_TRUSTED = 'comes from a CA that is not trusted; give it in tls.ca_file';
const CERTIFICATE_CODES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed; give it in tls.ca_file',
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  CERT_SIGNATURE_FAILURE: NOT_TRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'is for another name than the endpoint; check the host, or set tls.server_name_override',
};

/** What a server says of the certificate that this side showed, or did not show. */
const ALERTS: readonly (readonly [code: RegExp, kind: BackendFailureKind, text: string])[] = [
  [/ALERT_CERTIFICATE_REQUIRED/, 'certificate', 'asks for a client certificate; set tls.cert_file and tls.key_file'],
  [/ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN)/, 'certificate', 'does not accept our client certificate'],
  [/ALERT_CERTIFICATE_EXPIRED/, 'certificate', 'says that our client certificate has expired'],
  [
    /ALERT_HANDSHAKE_FAILURE/,
    'tls',
    'broke off the TLS handshake; it may ask for a client certificate (tls.cert_file, tls.key_file) or for other ciphers',
  ],
  [/ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/, 'tls', 'speaks no version of TLS that is allowed here'],
  [/NO_APPLICATION_PROTOCOL/, 'protocol', 'offers no HTTP of the version asked for (ALPN)'],
];

const RESET_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'UND_ERR_SOCKET',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
const CONNECT_TIMEOUT_CODES: ReadonlySet<string> = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);
const UNREACHABLE_CODES: ReadonlySet<string> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN']);
const PLAIN_TEXT = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER/;

/** The errors of single addresses behind Node's aggregate, or the error itself. */
function partsOf(error: unknown): readonly unknown[] {
  const errors = (error as { errors?: unknown } | null)?.errors;
  if (Array.isArray(errors) && errors.length > 0) return errors.flatMap(partsOf);
  const cause = (error as { cause?: unknown } | null)?.cause;
  return cause !== undefined && errorCode(cause) !== undefined ? partsOf(cause) : [error];
}

/** Of several addresses the one whose failure says most: `localhost` is refused, whatever became of IPv6. */
function rootError(parts: readonly unknown[]): unknown {
  for (const code of ['ETIMEDOUT', 'ECONNREFUSED']) {
    const found = parts.find((part) => errorCode(part) === code);
    if (found !== undefined) return found;
  }
  return parts[0];
}

/** Names what went wrong before the backend could answer. */
export function connectionFailure(error: unknown, endpoint: Endpoint): BackendFailure {
  const parts = partsOf(error);
  const root = rootError(parts);
  const code = errorCode(root) ?? '';
  if (code === 'ECONNREFUSED') return refusedFailure(endpoint, parts.flatMap(addressOf));
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return lookupFailure(endpoint, code);
  if (CONNECT_TIMEOUT_CODES.has(code)) return connectTimeoutFailure(endpoint);
  if (UNREACHABLE_CODES.has(code)) return failure('unavailable', `no route to ${at(endpoint)} (${code})`);
  if (CERTIFICATE_CODES[code] !== undefined) return certificateFailure(endpoint, CERTIFICATE_CODES[code]);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS'))
    return tlsFailure(endpoint, root, code);
  // Node has no code of its own for a peer that hangs up on a ClientHello, as a plain-text port does.
  if (code === 'ECONNRESET' && errorMessage(root).includes('before secure TLS connection was established')) {
    return failure(
      'tls',
      `${at(endpoint)} closed the connection at the start of TLS; if it speaks plain text, write http:// or set tls.insecure: true`,
    );
  }
  if (code.startsWith('HPE_') || (root as Error | null)?.name === 'HTTPParserError') return notHttp1Failure(endpoint);
  if (RESET_CODES.has(code) || code.startsWith('ERR_HTTP2_')) return resetFailure(endpoint);
  return failure('unavailable', `no answer from ${at(endpoint)}${code === '' ? '' : ` (${code})`}`);
}

/** Whether it is the server's certificate that was not accepted. */
export function isOfTheirs(error: unknown): boolean {
  return CERTIFICATE_CODES[errorCode(rootError(partsOf(error))) ?? ''] !== undefined;
}

function addressOf(error: unknown): string[] {
  const { address } = error as { address?: unknown };
  return typeof address === 'string' ? [address] : [];
}

function tlsFailure(endpoint: Endpoint, error: unknown, code: string): BackendFailure {
  // Node's message of EPROTO is OpenSSL's, with the words of its codes.
  const text = `${code} ${errorMessage(error)}`;
  if (PLAIN_TEXT.test(text.replaceAll(' ', '_').toUpperCase())) return plainTextFailure(endpoint);
  const words = text.replace(/[ /]/g, '_').toUpperCase();
  const alert = ALERTS.find(([pattern]) => pattern.test(words));
  if (alert !== undefined) return failure(alert[1], `${at(endpoint)} ${alert[2]}`);
  return failure('tls', `TLS with ${at(endpoint)} failed (${code})`);
}

/** `tried`: the addresses behind the name. */
export function refusedFailure(endpoint: Endpoint, tried: readonly string[]): BackendFailure {
  const others = [...new Set(tried)].filter((address) => address !== endpoint.host);
  const list = others.length === 0 ? '' : ` (tried ${others.join(' and ')})`;
  return failure('refused', `nothing listens on ${at(endpoint)}${list}`);
}

export function lookupFailure({ host }: Endpoint, code: string): BackendFailure {
  if (code === 'EAI_AGAIN') {
    return failure('dns', `"${host}" could not be looked up, the name server does not answer`);
  }
  return failure('dns', `"${host}" has no DNS record${lookupHint(host)}`);
}

/** Names of Kubernetes Services that are too short for where they are used from. */
function lookupHint(host: string): string {
  const labels = host.split('.');
  if (labels.length === 1) return `; for a Service in Kubernetes write "${host}.NAMESPACE.svc.cluster.local"`;
  if (labels.length === 2 && !/^([a-z]{2}|com|org|net|info|local|invalid|example|test)$/.test(labels[1]!)) {
    return `; did you mean "${host}.svc.cluster.local"?`;
  }
  return labels.length === 3 && labels[2] === 'svc' ? `; did you mean "${host}.cluster.local"?` : '';
}

export function connectTimeoutFailure(endpoint: Endpoint): BackendFailure {
  return failure(
    'timeout',
    `no connection to ${at(endpoint)} in time; is the address right, and does a firewall let it through?`,
  );
}

export function timeoutFailure(endpoint: Endpoint): BackendFailure {
  return failure('timeout', `${at(endpoint)} did not answer in time`);
}

export function lateCredentialsFailure(): BackendFailure {
  return failure('credentials', 'the credentials to send with did not come in time');
}

export function resetFailure(endpoint: Endpoint): BackendFailure {
  return failure('reset', `${at(endpoint)} closed the connection before it answered`);
}

export function certificateFailure(endpoint: Endpoint, what: string): BackendFailure {
  return failure('certificate', `the certificate of ${at(endpoint)} ${what}`);
}

export function plainTextFailure(endpoint: Endpoint): BackendFailure {
  return failure('tls', `${at(endpoint)} speaks plain text; set tls.insecure: true, or use its TLS port`);
}

export function tlsPortFailure(endpoint: Endpoint): BackendFailure {
  return failure('tls', `${at(endpoint)} speaks TLS; use https://, or set tls.insecure: false`);
}

export function notHttp1Failure(endpoint: Endpoint): BackendFailure {
  return failure(
    'protocol',
    `${at(endpoint)} did not answer with HTTP/1.1; is it a gRPC port? Set protocol: grpc, or use port 4318`,
  );
}

export function grpcPortFailure(endpoint: Endpoint): BackendFailure {
  return failure(
    'protocol',
    `${at(endpoint)} speaks HTTP/2 as gRPC does, the protocol is http; set protocol: grpc, or use port 4318`,
  );
}

export function notHttp2Failure(endpoint: Endpoint): BackendFailure {
  return failure(
    'protocol',
    `${at(endpoint)} answered HTTP/1.1, the protocol is grpc; set protocol: http, or use port 4317`,
  );
}

export function closedFailure(endpoint: Endpoint): BackendFailure {
  return failure('unavailable', `the connection to ${at(endpoint)} was closed by this side`);
}
