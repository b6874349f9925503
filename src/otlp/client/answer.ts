import type { BackendFailureKind } from '../../flow/index.ts';
import type { ExportOutcome } from '../export-outcome.ts';
import { GRPC_CODE, type GrpcCode } from '../request.ts';
import { grpcCodeOfHttp, isRetryableCode } from '../status.ts';
import { failure } from './failure.ts';
import { hideSecrets } from './hide-secrets.ts';

const LONGEST_QUOTE = 200;
/** What Go's servers, and ours, say to plain text on a port with TLS. */
const WANTS_TLS = /HTTP request to an HTTPS server|this port wants TLS/;

const CODE_NAME: ReadonlyMap<number, string> = new Map(
  Object.entries(GRPC_CODE).map(([name, code]) => [code, name.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()]),
);

/** Quotes a backend's own words: one line, shortened, without anything that is a configured header's value. */
export function quote(text: string, secrets: readonly string[]): string {
  const shown = hideSecrets(text, secrets);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const line = shown.replace(/[\x00-\x1f\x7f]+/g, ' ').trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

/** An error answer of a gRPC backend, with the disposition that the Collector's exporter gives it. */
export function grpcOutcome(code: GrpcCode, text: string, retryAfterMs: number | undefined): ExportOutcome {
  const name = CODE_NAME.get(code) ?? String(code);
  const message = `the backend answered ${name}${text === '' ? '' : `: ${text}`}`;
  const hasRetryInfo = retryAfterMs !== undefined;
  if (!isRetryableCode(code, hasRetryInfo))
    return { status: 'permanent', code, failure: failure(permanentGrpcKind(code, text), message) };
  if (hasRetryInfo && retryAfterMs > 0) {
    return { status: 'throttled', code, afterMs: retryAfterMs, failure: failure('throttled', message) };
  }
  const kind = code === GRPC_CODE.deadlineExceeded ? 'timeout' : hasRetryInfo ? 'throttled' : 'unavailable';
  return { status: 'retryable', code, failure: failure(kind, message) };
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

/** What an HTTP answer says beside its status; words of the backend are quoted already. */
export interface HttpAnswer {
  readonly status: number;
  /** Of the request. */
  readonly path: string;
  readonly text?: string;
  readonly isHtml?: boolean;
  /** Where a redirect points to. */
  readonly location?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** An error answer of an HTTP backend, with the disposition that the Collector's exporter gives it. */
export function httpOutcome(answer: HttpAnswer): ExportOutcome {
  const { status, text = '', retryAfterMs } = answer;
  const code = grpcCodeOfHttp(status);
  const message = `the backend answered ${status}${hintFor(answer)}${text === '' ? '' : `: ${text}`}`;
  if (status === 429 || status === 503) {
    if (retryAfterMs !== undefined) {
      return { status: 'throttled', code, afterMs: retryAfterMs, failure: failure('throttled', message) };
    }
    return { status: 'retryable', code, failure: failure(status === 429 ? 'throttled' : 'unavailable', message) };
  }
  if (status === 502 || status === 504) {
    return { status: 'retryable', code, failure: failure(status === 504 ? 'timeout' : 'unavailable', message) };
  }
  const kind = status === 400 && WANTS_TLS.test(text) ? 'tls' : permanentHttpKind(status);
  return { status: 'permanent', code, failure: failure(kind, message) };
}

/** A page where an answer should be: whoever made it has not taken the data. */
export function pageOutcome(status: number, path: string): ExportOutcome {
  const message = `the backend answered ${status} with a web page to ${path}; is that the port and path of its OTLP endpoint?`;
  return { status: 'permanent', failure: failure('protocol', message) };
}

function hintFor({ status, path, isHtml = false, location }: HttpAnswer): string {
  if (status >= 300 && status < 400) {
    const where = location === undefined ? '' : ` to ${location}`;
    return ` and redirects${where}, which is not followed; set its address as the endpoint`;
  }
  if (status === 404 || status === 405) return ` to POST ${path}; is the path right?`;
  if (status === 407) return ', a proxy in between asks for credentials';
  if (status === 415) return ', it does not take this encoding or compression';
  return isHtml ? ' with a web page' : '';
}

function permanentHttpKind(status: number): BackendFailureKind {
  if (status === 401 || status === 403 || status === 407) return 'credentials';
  if (status === 413) return 'too_large';
  if (status < 400 || status === 404 || status === 405 || status === 415) return 'protocol';
  return 'rejected';
}
