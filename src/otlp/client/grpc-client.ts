import { type ClientHttp2Stream, constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';

import type { Clock } from '../../lib/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { type ContentCoding, compress } from '../content-coding.ts';
import type { ExportOptions, ExportOutcome, OtlpClient } from '../export-outcome.ts';
import { GRPC_METHOD } from '../grpc-method.ts';
import { GRPC_CODE } from '../request.ts';
import { decodeExportResponse, decodeStatus } from '../rpc-messages.ts';
import type { RequestCredentials } from '../security.ts';
import { decodeGrpcMessage, grpcCodeOf } from '../status.ts';
import { type ClientTls, type Endpoint, parseEndpoint } from './endpoint.ts';
import {
  closedFailure,
  connectionFailure,
  grpcOutcome,
  quote,
  resetFailure,
  secretsOf,
  timeoutFailure,
} from './failure.ts';
import { GrpcConnection } from './grpc-connection.ts';

export interface OtlpGrpcClientOptions {
  /** `host:port`, `dns:///host:port`, `passthrough:///host:port`, or with `http://` or `https://`, which then decides on TLS. */
  readonly endpoint: string;
  /** Sent with every call; values never appear in messages. */
  readonly headers: Readonly<Record<string, string>>;
  /** Asked for every call. */
  readonly credentials?: RequestCredentials;
  /** Over the addresses of the endpoint's name: the first that answers, or (unset) all that answer in turn. */
  readonly balancer?: 'pick_first' | 'round_robin';
  readonly compression: ContentCoding | 'none';
  readonly tls?: ClientTls;
  readonly clock: Clock;
  readonly userAgent?: string;
}

const DEFAULT_PORT = 4317;
const PREFIX_BYTES = 5;
const MAX_RESPONSE_BYTES = 64 * 1024;
const RESERVED_HEADER = /^(:|grpc-|content-type$|te$|connection$|host$|transfer-encoding$|content-length$)/;

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

/** Exports over gRPC: one connection, made on first use and again when lost, many calls on it at once. */
export function createOtlpGrpcClient(options: OtlpGrpcClientOptions): OtlpClient {
  return new GrpcClient(options);
}

class GrpcClient implements OtlpClient {
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  readonly #coding: ContentCoding | undefined;
  readonly #secrets: readonly string[];
  readonly #headers: OutgoingHttpHeaders;
  readonly #connection: GrpcConnection;
  #closed = false;

  constructor(options: OtlpGrpcClientOptions) {
    const endpoint = parseEndpoint(options.endpoint, options.tls, DEFAULT_PORT);
    this.#endpoint = endpoint;
    this.#clock = options.clock;
    this.#coding = options.compression === 'none' ? undefined : options.compression;
    this.#secrets = secretsOf(options.headers);
    const own = Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    this.#headers = {
      ':method': 'POST',
      ...Object.fromEntries(own.filter(([name]) => !RESERVED_HEADER.test(name))),
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': options.userAgent ?? 'sluice',
      ...(this.#coding !== undefined && { 'grpc-encoding': this.#coding }),
    };
    this.#connection = new GrpcConnection({ endpoint, tls: options.tls, clock: options.clock });
  }

  async export(signal: Signal, bytes: Uint8Array, options: ExportOptions): Promise<ExportOutcome> {
    options.signal.throwIfAborted();
    if (this.#closed) return { status: 'retryable', failure: closedFailure(this.#endpoint) };
    const body = this.#coding === undefined ? bytes : await compress(this.#coding, bytes);
    options.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const call = new GrpcExport({ endpoint: this.#endpoint, secrets: this.#secrets, options, resolve, reject });
      call.watch(this.#clock, () => this.#connection.suspect());
      this.#connection
        .open()
        .then(
          (session) => {
            if (call.settled) return;
            const headers: OutgoingHttpHeaders = { ...this.#headers, ':path': GRPC_METHOD[signal] };
            if (options.timeoutMs !== undefined) headers['grpc-timeout'] = grpcTimeout(options.timeoutMs);
            call.start(session.request(headers, { endStream: false }), body, this.#coding !== undefined);
          },
          (failure) => call.settle({ status: 'retryable', failure }),
        )
        .catch((error: unknown) => call.fail(error));
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#connection.close();
  }
}

/** At most eight digits, so hours of milliseconds become seconds. */
function grpcTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms < 1e8 ? `${ms}m` : `${Math.min(99_999_999, Math.ceil(ms / 1000))}S`;
}

interface GrpcExportOptions {
  readonly endpoint: Endpoint;
  readonly secrets: readonly string[];
  readonly options: ExportOptions;
  readonly resolve: (outcome: ExportOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

/** One call, from its stream's events to its outcome. */
class GrpcExport {
  readonly #with: GrpcExportOptions;
  #stream: ClientHttp2Stream | undefined;
  #headers: IncomingHttpHeaders | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #error: unknown;
  #cleanUp: (() => void) | undefined;
  settled = false;

  constructor(options: GrpcExportOptions) {
    this.#with = options;
  }

  /** Ends the call when it is aborted or late; `onTimeout` hears of a backend that may be gone. */
  watch(clock: Clock, onTimeout: () => void): void {
    const { signal, timeoutMs } = this.#with.options;
    const onAbort = () => {
      if (this.settled) return;
      this.settle(undefined);
      onTimeout();
      this.#with.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const timer =
      timeoutMs === undefined
        ? undefined
        : clock.after(timeoutMs, () => {
            if (this.settled) return;
            this.settle({ status: 'retryable', failure: timeoutFailure(this.#with.endpoint) });
            onTimeout();
          });
    this.#cleanUp = () => {
      signal.removeEventListener('abort', onAbort);
      timer?.cancel();
    };
  }

  start(stream: ClientHttp2Stream, body: Uint8Array, compressed: boolean): void {
    this.#stream = stream;
    stream.on('response', (headers) => {
      this.#headers = headers;
    });
    stream.on('trailers', (trailers) => {
      this.#trailers = trailers;
    });
    stream.on('data', (chunk: Buffer) => {
      this.#receivedBytes += chunk.length;
      if (this.#receivedBytes <= MAX_RESPONSE_BYTES) this.#chunks.push(chunk);
    });
    stream.on('error', (error) => {
      this.#error = error;
    });
    stream.on('close', () => this.#closed());
    const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
    prefix[0] = compressed ? 1 : 0;
    prefix.writeUInt32BE(body.length, 1);
    stream.cork();
    stream.write(prefix);
    stream.end(body);
    stream.uncork();
  }

  #closed(): void {
    if (this.settled) return;
    const headers = this.#headers;
    const status = this.#trailers?.['grpc-status'] ?? headers?.['grpc-status'];
    if (headers === undefined || status === undefined) {
      this.#withoutStatus(headers);
      return;
    }
    if (Number(status) === GRPC_CODE.ok) {
      this.settle(this.#delivered());
      return;
    }
    const source = this.#trailers?.['grpc-status'] !== undefined ? this.#trailers : headers;
    const details = decodeStatus(Buffer.from(String(source['grpc-status-details-bin'] ?? ''), 'base64'));
    const text = quote(decodeGrpcMessage(String(source['grpc-message'] ?? '')), this.#with.secrets);
    this.settle(grpcOutcome(grpcCodeOf(Number(status)), text, details?.retryAfterMs));
  }

  #withoutStatus(headers: IncomingHttpHeaders | undefined): void {
    const httpStatus = Number(headers?.[':status'] ?? 0);
    if (httpStatus !== 0 && httpStatus !== 200) {
      const code = grpcCodeOf(CODE_OF_HTTP_STATUS.get(httpStatus) ?? GRPC_CODE.unknown);
      this.settle(grpcOutcome(code, `HTTP status ${httpStatus} instead of a gRPC answer`, undefined));
      return;
    }
    if (this.#error !== undefined && this.#stream?.rstCode !== constants.NGHTTP2_REFUSED_STREAM) this.fail(this.#error);
    else this.settle({ status: 'retryable', failure: resetFailure(this.#with.endpoint) });
  }

  #delivered(): ExportOutcome {
    const frame = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const partial = decodeExportResponse(frame.subarray(PREFIX_BYTES));
    if (partial === undefined) return { status: 'delivered', rejectedCount: 0 };
    const message = quote(partial.message, this.#with.secrets);
    return { status: 'delivered', rejectedCount: partial.rejectedCount, ...(message !== '' && { message }) };
  }

  fail(error: unknown): void {
    this.settle({ status: 'retryable', failure: connectionFailure(error, this.#with.endpoint) });
  }

  /** The first outcome counts; undefined leaves answering to the caller. */
  settle(outcome: ExportOutcome | undefined): void {
    if (this.settled) return;
    this.settled = true;
    this.#cleanUp?.();
    if (this.#stream !== undefined && !this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
    if (outcome !== undefined) this.#with.resolve(outcome);
  }
}
