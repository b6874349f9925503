import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';

import type { BackendFailure } from '../../flow/index.ts';
import type { Clock } from '../../lib/index.ts';
import type { ExportOptions, ExportOutcome } from '../export-outcome.ts';
import { GRPC_CODE } from '../request.ts';
import { decodeExportResponse, decodeStatus } from '../rpc-messages.ts';
import { decodeGrpcMessage, grpcCodeOf } from '../status.ts';
import { grpcOutcome, quote } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import {
  connectionFailure,
  connectTimeoutFailure,
  lateCredentialsFailure,
  resetFailure,
  timeoutFailure,
} from './failure.ts';
import type { Pick } from './grpc-channel.ts';
import { type GrpcAnswer, GrpcTry, PREFIX_BYTES } from './grpc-try.ts';

/** gRPC codes for answers that are not gRPC at all. https://github.com/grpc/grpc/blob/v1.71.0/doc/http-grpc-status-mapping.md */
const CODE_OF_HTTP_STATUS: ReadonlyMap<number, number> = new Map([
  [400, GRPC_CODE.internal],
  [401, GRPC_CODE.unauthenticated],
  [403, GRPC_CODE.permissionDenied],
  [404, GRPC_CODE.unimplemented],
  [429, GRPC_CODE.unavailable],
  [502, GRPC_CODE.unavailable],
  [503, GRPC_CODE.unavailable],
  [504, GRPC_CODE.unavailable],
]);

export interface GrpcExportOptions {
  readonly endpoint: Endpoint;
  readonly secrets: readonly string[];
  readonly options: ExportOptions;
  readonly resolve: (outcome: ExportOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * How a try ended: `answered`, for better or worse; `untouched`: the backend has certainly not looked at it; `unauthenticated`: it has
 * refused the credentials.
 */
export type TryEnd = 'answered' | 'untouched' | 'unauthenticated';

/** One call, over one or more tries, from its streams' events to its outcome. */
export class GrpcExport {
  readonly #with: GrpcExportOptions;
  readonly timeoutMs: number | undefined;
  #secrets: readonly string[];
  #try: GrpcTry | undefined;
  #suspect: (() => void) | undefined;
  /** For the sentence when time is up. */
  waitsFor: 'credentials' | 'connection' | 'answer' = 'credentials';
  /** Of the last try, until the call is concluded. */
  #outcome: ExportOutcome | undefined;
  #cleanUp: (() => void) | undefined;
  settled = false;

  constructor(options: GrpcExportOptions) {
    this.#with = options;
    this.#secrets = options.secrets;
    this.timeoutMs = options.options.timeoutMs;
  }

  /** Not to be quoted. */
  hide(secrets: readonly string[]): void {
    this.#secrets = [...this.#secrets, ...secrets];
  }

  /** Ends the call when it is aborted or late; its connection is asked then whether it still lives. */
  watch(clock: Clock): void {
    const { signal } = this.#with.options;
    const onAbort = () => {
      if (this.settled) return;
      this.settle(undefined);
      this.#suspect?.();
      this.#with.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const timer =
      this.timeoutMs === undefined
        ? undefined
        : clock.after(this.timeoutMs, () => {
            if (this.settled) return;
            this.settle({ status: 'retryable', failure: this.#lateFailure() });
            this.#suspect?.();
          });
    this.#cleanUp = () => {
      signal.removeEventListener('abort', onAbort);
      timer?.cancel();
    };
  }

  #lateFailure(): BackendFailure {
    const { endpoint } = this.#with;
    switch (this.waitsFor) {
      case 'credentials':
        return lateCredentialsFailure();
      case 'connection':
        return connectTimeoutFailure(endpoint);
      case 'answer':
        return timeoutFailure(endpoint);
    }
  }

  /** One try. Never rejects for what the backend does. */
  async run(pick: Pick, headers: OutgoingHttpHeaders, body: Uint8Array, compressed: boolean): Promise<TryEnd> {
    let stream: ClientHttp2Stream;
    try {
      stream = pick.session.request(headers, { endStream: false });
    } catch (error) {
      // Closed between being chosen and being used.
      this.#outcome = { status: 'retryable', failure: connectionFailure(error, this.#with.endpoint) };
      return 'untouched';
    }
    this.waitsFor = 'answer';
    this.#suspect = () => pick.suspect();
    this.#try = new GrpcTry(stream);
    const answer = await this.#try.send(body, compressed);
    if (this.settled) return 'answered';
    return this.#judge(answer);
  }

  #judge({ headers, trailers, body, error, rstCode }: GrpcAnswer): TryEnd {
    const status = trailers?.['grpc-status'] ?? headers?.['grpc-status'];
    if (headers === undefined || status === undefined) {
      this.#outcome = this.#withoutStatus(headers, error, rstCode);
      if (headers === undefined && rstCode === constants.NGHTTP2_REFUSED_STREAM) return 'untouched';
      return Number(headers?.[':status']) === 401 ? 'unauthenticated' : 'answered';
    }
    if (Number(status) === GRPC_CODE.ok) {
      this.#outcome = this.#delivered(body);
      return 'answered';
    }
    const source = trailers?.['grpc-status'] !== undefined ? trailers : headers;
    const details = decodeStatus(Buffer.from(String(source['grpc-status-details-bin'] ?? ''), 'base64'));
    const text = quote(decodeGrpcMessage(String(source['grpc-message'] ?? '')), this.#secrets);
    const code = grpcCodeOf(Number(status));
    this.#outcome = grpcOutcome(code, text, details?.retryAfterMs);
    return code === GRPC_CODE.unauthenticated ? 'unauthenticated' : 'answered';
  }

  #withoutStatus(headers: IncomingHttpHeaders | undefined, error: unknown, rstCode: number | undefined): ExportOutcome {
    const httpStatus = Number(headers?.[':status'] ?? 0);
    if (httpStatus !== 0 && httpStatus !== 200) {
      const code = grpcCodeOf(CODE_OF_HTTP_STATUS.get(httpStatus) ?? GRPC_CODE.unknown);
      return grpcOutcome(code, `HTTP status ${httpStatus} instead of a gRPC answer`, undefined);
    }
    const { endpoint } = this.#with;
    const isRefusal = error === undefined || rstCode === constants.NGHTTP2_REFUSED_STREAM;
    return { status: 'retryable', failure: isRefusal ? resetFailure(endpoint) : connectionFailure(error, endpoint) };
  }

  #delivered(frame: Buffer): ExportOutcome {
    const partial = decodeExportResponse(frame.subarray(PREFIX_BYTES));
    if (partial === undefined) return { status: 'delivered', rejectedCount: 0 };
    const message = quote(partial.message, this.#secrets);
    return { status: 'delivered', rejectedCount: partial.rejectedCount, ...(message !== '' && { message }) };
  }

  fail(error: unknown): void {
    this.settle({ status: 'retryable', failure: connectionFailure(error, this.#with.endpoint) });
  }

  /** What the last try came to is what the call comes to. */
  conclude(): void {
    if (this.#outcome !== undefined) this.settle(this.#outcome);
  }

  /** The first outcome counts; undefined leaves answering to the caller. */
  settle(outcome: ExportOutcome | undefined): void {
    if (this.settled) return;
    this.settled = true;
    this.#cleanUp?.();
    this.#try?.cancel();
    if (outcome !== undefined) this.#with.resolve(outcome);
  }
}
