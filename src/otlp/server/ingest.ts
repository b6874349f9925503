import { type Clock, errorMessage } from '../../lib/index.ts';
import { type Signal, validateRequest } from '../../pdata/index.ts';
import { decodeJson } from '../json/decode-json.ts';
import { GRPC_CODE, type IngestAttempt, type OtlpHandler, type OtlpRequest, type OtlpResponse } from '../request.ts';
import type { RequestMetadata } from '../security.ts';
import { isRetryableCode } from '../status.ts';
import type { Exchange } from './exchange.ts';

export type ErrorResponse = Extract<OtlpResponse, { status: 'error' }>;

/** An answer the server gives itself, before any handler. */
export function errorResponse(code: ErrorResponse['code'], message: string, retryAfterMs?: number): ErrorResponse {
  return retryAfterMs === undefined
    ? { status: 'error', code, message }
    : { status: 'error', code, message, retryAfterMs };
}

/** To what is no request of OTLP's. */
export function foreignResponse(code: ErrorResponse['code'], message: string): ErrorResponse {
  return { status: 'error', code, message, foreign: true };
}

/** Who sent a request. */
export type Sender = Pick<Exchange, 'peer' | 'host'>;

export interface IngestOptions {
  readonly handler: OtlpHandler;
  readonly clock: Clock;
  readonly borrows: ((signal: Signal) => boolean) | undefined;
  readonly onAttempt: ((attempt: IngestAttempt) => void) | undefined;
}

/** From a decompressed body to the handler's answer; the one place where both protocols meet. */
export class Ingest {
  readonly #handler: OtlpHandler;
  readonly #clock: Clock;
  readonly #borrows: ((signal: Signal) => boolean) | undefined;
  readonly #onAttempt: ((attempt: IngestAttempt) => void) | undefined;

  constructor(options: IngestOptions) {
    this.#handler = options.handler;
    this.#clock = options.clock;
    this.#borrows = options.borrows;
    this.#onAttempt = options.onAttempt;
  }

  /** Whether the handler is done with a body when `submit` returns, if that is called next. What is JSON it never sees. */
  borrows(signal: Signal, encoding: OtlpRequest['encoding']): boolean {
    return encoding === 'json' || this.#borrows?.(signal) === true;
  }

  /** Takes ownership of `body`, unless the handler borrows. A promise only when the handler gave one. */
  submit(
    signal: Signal,
    body: Uint8Array,
    protocol: OtlpRequest['protocol'],
    encoding: OtlpRequest['encoding'],
    sender: Sender,
    metadata: RequestMetadata | undefined,
  ): OtlpResponse | Promise<OtlpResponse> {
    try {
      const response = this.#validated(signal, body, protocol, encoding, sender, metadata);
      return response instanceof Promise ? response.catch(internalError) : response;
    } catch (error) {
      return internalError(error);
    }
  }

  #validated(
    signal: Signal,
    body: Uint8Array,
    protocol: OtlpRequest['protocol'],
    encoding: OtlpRequest['encoding'],
    sender: Sender,
    metadata: RequestMetadata | undefined,
  ): OtlpResponse | Promise<OtlpResponse> {
    let bytes = body;
    let itemCount: number;
    if (encoding === 'protobuf') {
      const checked = validateRequest(signal, body);
      if (!checked.ok) return errorResponse(GRPC_CODE.invalidArgument, checked.message);
      itemCount = checked.itemCount;
    } else {
      const decoded = decodeJson(signal, body);
      if (!decoded.ok) return errorResponse(GRPC_CODE.invalidArgument, decoded.message);
      bytes = decoded.bytes;
      itemCount = decoded.itemCount;
    }
    const { peer, host } = sender;
    const request = { signal, bytes, itemCount, protocol, encoding, peer, peerAddress: host.address };
    return this.#handler(metadata === undefined ? request : { ...request, metadata });
  }

  /** Tells the observer what a request or connection came to. */
  report(protocol: IngestAttempt['protocol'], signal: Signal | undefined, peer: string, response: OtlpResponse): void {
    if (this.#onAttempt === undefined) return;
    const attempt = { atMs: this.#clock.nowMs(), peer, protocol, ...(signal !== undefined && { signal }) };
    if (response.status === 'ok') {
      const message = response.partial?.message;
      this.#onAttempt({ ...attempt, outcome: 'accepted', ...(message !== undefined && { message }) });
      return;
    }
    const retryable = isRetryableCode(response.code, response.retryAfterMs !== undefined);
    const outcome = retryable ? 'refused' : 'rejected';
    const { message, foreign } = response;
    this.#onAttempt({ ...attempt, outcome, message, ...(foreign === true && { foreign }) });
  }

  /** An exception of ours; `protocol` and what was being done are all that is known of it. */
  fault(protocol: IngestAttempt['protocol'], peer: string, error: unknown): void {
    this.report(protocol, undefined, peer, internalError(error));
  }
}

export function internalError(error: unknown): ErrorResponse {
  return errorResponse(GRPC_CODE.internal, `internal error: ${errorMessage(error)}`);
}
