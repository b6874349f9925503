import { CodedError } from '../lib/index.ts';

/** One field that the server refused. Source: meta/v1 StatusCause. */
export interface ApiErrorCause {
  /** `FieldValueInvalid` and its like. */
  readonly reason: string;
  readonly message: string;
  /** Path such as `spec.replicas`; absent where none is named. */
  readonly field?: string;
}

export interface ApiErrorFacts {
  /** HTTP status. */
  readonly status: number;
  /** Of meta/v1 Status: `NotFound`, `Conflict`, `Invalid`, `Expired`; empty where the answer was no Status. */
  readonly reason: string;
  readonly message: string;
  readonly causes?: readonly ApiErrorCause[];
  /** What the server asked to wait. */
  readonly retryAfterMs?: number;
}

/** The API server said no. `code` is the reason, or `HTTP_<status>` where none was given. */
export class ApiError extends CodedError {
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly ApiErrorCause[];
  readonly retryAfterMs: number | undefined;

  constructor({ status, reason, message, causes = [], retryAfterMs }: ApiErrorFacts) {
    super(reason === '' ? `HTTP_${status}` : reason, message);
    this.name = 'ApiError';
    this.status = status;
    this.reason = reason;
    this.causes = causes;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The API server could not be reached, or did not answer in time. `code` is Node's (`ECONNREFUSED`) or `timeout`. */
export class ConnectionError extends CodedError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.name = 'ConnectionError';
  }
}

/** Another writer was faster: read again and decide anew. Not the conflict of `AlreadyExists`. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason !== 'AlreadyExists';
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'AlreadyExists';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** The version that was asked for is forgotten: list again. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}
