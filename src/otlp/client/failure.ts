import type { BackendFailure, BackendFailureKind } from '../../flow/index.ts';
import { errorCode, errorMessage } from '../../lib/index.ts';
import type { ExportOutcome } from '../export-outcome.ts';
import { GRPC_CODE, type GrpcCode } from '../request.ts';
import { isRetryableCode } from '../status.ts';
import type { Endpoint } from './endpoint.ts';

const LONGEST_QUOTE = 200;
const SHORTEST_SECRET = 4;

const CODE_NAME: ReadonlyMap<number, string> = new Map(
  Object.entries(GRPC_CODE).map(([name, code]) => [code, name.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()]),
);

/** Quotes a backend's own words: one line, shortened, without anything that is a configured header's value. */
export function quote(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) shown = shown.replaceAll(secret, '***');
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const line = shown.replace(/[\x00-\x1f\x7f]+/g, ' ').trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

/** Header values that must not appear in a message, with the credentials behind an authorization scheme also on their own. */
export function secretsOf(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(headers).flatMap((value) => [value, ...value.split(' ').slice(1)]);
}

function failure(kind: BackendFailureKind, message: string): BackendFailure {
  return { kind, message };
}

const CERTIFICATE_CODES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed; give its CA in tls.ca_file',
  SELF_SIGNED_CERT_IN_CHAIN: 'comes from a CA that is not trusted; give it in tls.ca_file',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes from a CA that is not trusted; give it in tls.ca_file',
  UNABLE_TO_GET_ISSUER_CERT: 'comes from a CA that is not trusted; give it in tls.ca_file',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from a CA that is not trusted; give it in tls.ca_file',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'is for another name than the endpoint; check the host, or set tls.server_name_override',
};

const RESET_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'UND_ERR_SOCKET',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
const TIMEOUT_CODES: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const UNREACHABLE_CODES: ReadonlySet<string> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN']);

/** The innermost coded error: Node wraps connection errors in aggregates and stream errors in causes. */
function rootError(error: unknown): unknown {
  const errors = (error as { errors?: unknown } | null)?.errors;
  if (Array.isArray(errors) && errors.length > 0) return rootError(errors[0]);
  const cause = (error as { cause?: unknown } | null)?.cause;
  return cause !== undefined && errorCode(cause) !== undefined ? rootError(cause) : error;
}

/** Names what went wrong before the backend could answer. */
export function connectionFailure(error: unknown, endpoint: Endpoint): BackendFailure {
  const root = rootError(error);
  const code = errorCode(root) ?? '';
  const at = `${endpoint.host}:${endpoint.port}`;
  if (code === 'ECONNREFUSED') return failure('refused', `nothing listens on ${at}`);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return failure(
      'dns',
      `"${endpoint.host}" ${code === 'ENOTFOUND' ? 'has no DNS record' : 'could not be looked up, the name server does not answer'}`,
    );
  }
  if (TIMEOUT_CODES.has(code)) return timeoutFailure(endpoint);
  if (UNREACHABLE_CODES.has(code)) return failure('unavailable', `no route to ${at} (${code})`);
  const certificate = CERTIFICATE_CODES[code];
  if (certificate !== undefined) return failure('certificate', `the certificate of ${at} ${certificate}`);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    const plain = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER/.test(
      `${code} ${errorMessage(root)}`,
    );
    return failure(
      'tls',
      plain
        ? `${at} speaks plain text; set tls.insecure: true, or use its TLS port`
        : `TLS with ${at} failed (${code})`,
    );
  }
  // Node has no code of its own for a peer that hangs up on a ClientHello, as a plain-text port does.
  if (code === 'ECONNRESET' && errorMessage(root).includes('before secure TLS connection was established')) {
    return failure(
      'tls',
      `${at} closed the connection at the start of TLS; if it speaks plain text, write http:// or set tls.insecure: true`,
    );
  }
  if (code.startsWith('HPE_') || (root as Error | null)?.name === 'HTTPParserError') return notHttp1Failure(endpoint);
  if (RESET_CODES.has(code) || code.startsWith('ERR_HTTP2_')) return resetFailure(endpoint);
  return failure('unavailable', `no answer from ${at}${code === '' ? '' : ` (${code})`}`);
}

export function timeoutFailure(endpoint: Endpoint): BackendFailure {
  return failure('timeout', `${endpoint.host}:${endpoint.port} did not answer in time`);
}

export function resetFailure(endpoint: Endpoint): BackendFailure {
  return failure('reset', `${endpoint.host}:${endpoint.port} closed the connection before it answered`);
}

function notHttp1Failure(endpoint: Endpoint): BackendFailure {
  return failure(
    'protocol',
    `${endpoint.host}:${endpoint.port} did not answer with HTTP/1.1; is it a gRPC port? Set protocol: grpc, or use port 4318`,
  );
}

export function notHttp2Failure(endpoint: Endpoint): BackendFailure {
  return failure(
    'protocol',
    `${endpoint.host}:${endpoint.port} answered HTTP/1.1, the protocol is grpc; set protocol: http, or use port 4317`,
  );
}

export function closedFailure(endpoint: Endpoint): BackendFailure {
  return failure('unavailable', `the connection to ${endpoint.host}:${endpoint.port} was closed by this side`);
}

/** An error answer of a gRPC backend, with the disposition that the Collector's exporter gives it. */
export function grpcOutcome(code: GrpcCode, text: string, retryAfterMs: number | undefined): ExportOutcome {
  const name = CODE_NAME.get(code) ?? String(code);
  const message = `the backend answered ${name}${text === '' ? '' : `: ${text}`}`;
  const hasRetryInfo = retryAfterMs !== undefined;
  if (!isRetryableCode(code, hasRetryInfo))
    return { status: 'permanent', failure: failure(permanentGrpcKind(code, text), message) };
  if (hasRetryInfo && retryAfterMs > 0) {
    return { status: 'throttled', afterMs: retryAfterMs, failure: failure('throttled', message) };
  }
  const kind = code === GRPC_CODE.deadlineExceeded ? 'timeout' : hasRetryInfo ? 'throttled' : 'unavailable';
  return { status: 'retryable', failure: failure(kind, message) };
}

function permanentGrpcKind(code: GrpcCode, text: string): BackendFailureKind {
  switch (code) {
    case GRPC_CODE.unauthenticated:
    case GRPC_CODE.permissionDenied:
      return 'credentials';
    case GRPC_CODE.resourceExhausted:
      // Every gRPC library answers an oversized message with this code and a sentence that compares two sizes.
      return /larger than/i.test(text) ? 'too_large' : 'rejected';
    case GRPC_CODE.unimplemented:
      return 'protocol';
    default:
      return 'rejected';
  }
}

/** An error answer of an HTTP backend, with the disposition that the Collector's exporter gives it. */
export function httpOutcome(status: number, text: string, retryAfterMs: number | undefined): ExportOutcome {
  const message = `the backend answered ${status}${text === '' ? '' : `: ${text}`}`;
  if (status === 429 || status === 503) {
    if (retryAfterMs !== undefined) {
      return { status: 'throttled', afterMs: retryAfterMs, failure: failure('throttled', message) };
    }
    return { status: 'retryable', failure: failure(status === 429 ? 'throttled' : 'unavailable', message) };
  }
  if (status === 502 || status === 504) {
    return { status: 'retryable', failure: failure(status === 504 ? 'timeout' : 'unavailable', message) };
  }
  return { status: 'permanent', failure: failure(permanentHttpKind(status), message) };
}

function permanentHttpKind(status: number): BackendFailureKind {
  if (status === 401 || status === 403 || status === 407) return 'credentials';
  if (status === 413) return 'too_large';
  if (status < 400 || status === 404 || status === 405 || status === 415) return 'protocol';
  return 'rejected';
}
