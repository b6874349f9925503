import { GRPC_CODE, type GrpcCode } from './request.ts';

const KNOWN_CODES: ReadonlySet<number> = new Set(Object.values(GRPC_CODE));

/** The gRPC code for a number from the wire; numbers outside OTLP's set are `unknown`. */
export function grpcCodeOf(value: number): GrpcCode {
  return KNOWN_CODES.has(value) ? (value as GrpcCode) : GRPC_CODE.unknown;
}

/**
 * HTTP status of an answer, as the Collector's receiver maps it: retryable codes become 503, so that senders try again.
 * https://github.com/open-telemetry/opentelemetry-collector/blob/v0.149.0/receiver/otlpreceiver/internal/errors/errors.go
 */
export function httpStatusOf(code: GrpcCode): number {
  switch (code) {
    case GRPC_CODE.ok:
      return 200;
    case GRPC_CODE.cancelled:
    case GRPC_CODE.deadlineExceeded:
    case GRPC_CODE.aborted:
    case GRPC_CODE.outOfRange:
    case GRPC_CODE.unavailable:
    case GRPC_CODE.dataLoss:
      return 503;
    case GRPC_CODE.resourceExhausted:
      return 429;
    case GRPC_CODE.invalidArgument:
      return 400;
    case GRPC_CODE.unauthenticated:
      return 401;
    case GRPC_CODE.permissionDenied:
      return 403;
    case GRPC_CODE.notFound:
    case GRPC_CODE.unimplemented:
      return 404;
    case GRPC_CODE.unknown:
    case GRPC_CODE.internal:
      return 500;
  }
}

/** The gRPC code that the Collector makes of an HTTP status. Source: otlphttpexporter, httphelper NewStatusFromMsgAndHTTPCode at 0.149. */
export function grpcCodeOfHttp(status: number): GrpcCode {
  switch (status) {
    case 400:
      return GRPC_CODE.invalidArgument;
    case 401:
      return GRPC_CODE.unauthenticated;
    case 403:
      return GRPC_CODE.permissionDenied;
    case 404:
      return GRPC_CODE.unimplemented;
    case 429:
      return GRPC_CODE.resourceExhausted;
    case 502:
    case 503:
    case 504:
      return GRPC_CODE.unavailable;
    default:
      return GRPC_CODE.unknown;
  }
}

/**
 * Whether an OTLP sender retries after this code. RESOURCE_EXHAUSTED counts only when the server gave a delay (RetryInfo).
 * https://opentelemetry.io/docs/specs/otlp/#failures
 */
export function isRetryableCode(code: GrpcCode, hasRetryInfo: boolean): boolean {
  switch (code) {
    case GRPC_CODE.cancelled:
    case GRPC_CODE.deadlineExceeded:
    case GRPC_CODE.aborted:
    case GRPC_CODE.outOfRange:
    case GRPC_CODE.unavailable:
    case GRPC_CODE.dataLoss:
      return true;
    case GRPC_CODE.resourceExhausted:
      return hasRetryInfo;
    default:
      return false;
  }
}

/** Whether an OTLP/HTTP sender retries after this status. */
export function isRetryableHttpStatus(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/** Writes `grpc-message`: UTF-8, everything but printable ASCII and `%` itself percent-encoded. */
export function encodeGrpcMessage(text: string): string {
  // Lone surrogates would make encodeURIComponent throw.
  return text
    .toWellFormed()
    .replace(/[^\x20-\x24\x26-\x7e]+/g, (run) =>
      run.replace(/%/g, '%25').replace(/[^\x20-\x7e]+/g, encodeURIComponent),
    );
}

/** Reads `grpc-message`; what isn't valid percent-encoding is taken as it stands. */
export function decodeGrpcMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const TIMEOUT_UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** Reads `grpc-timeout` (`10S`, `500m`) into milliseconds; undefined when it isn't one. */
export function parseGrpcTimeout(text: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  return match ? Number(match[1]) * (TIMEOUT_UNIT_MS[match[2] as string] as number) : undefined;
}
