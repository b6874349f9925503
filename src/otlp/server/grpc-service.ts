import { type Clock, formatByteSize } from '../../lib/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { type ContentCoding, type DecompressFailure, decompress, parseContentCoding } from '../content-coding.ts';
import { GRPC_METHOD } from '../grpc-method.ts';
import { GRPC_CODE, type OtlpResponse } from '../request.ts';
import { parseGrpcTimeout } from '../status.ts';
import { type Admission, admit } from './admission.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { Deadlines, Expiring } from './deadlines.ts';
import type { BodySink, Exchange, Service } from './exchange.ts';
import { foreignMethod } from './foreign-protocol.ts';
import { ACCEPT_ENCODING, PREFIX_BYTES, sendError, sendOk } from './grpc-reply.ts';
import { type ErrorResponse, errorResponse, foreignResponse, type Ingest, internalError } from './ingest.ts';
import type { GrpcAccept } from './limits.ts';
import { MessageArena } from './message-arena.ts';
import { Reservation, type Sharing } from './reservation.ts';

const SIGNAL_OF_METHOD: ReadonlyMap<string, Signal> = new Map(SIGNALS.map((signal) => [GRPC_METHOD[signal], signal]));

export interface GrpcServiceOptions {
  readonly accept: GrpcAccept;
  readonly requestTimeoutMs: number;
  readonly ingest: Ingest;
  readonly budget: ByteBudget;
  readonly sharing: Sharing | undefined;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
}

interface GrpcShared extends GrpcServiceOptions {
  readonly arena: MessageArena;
}

/** Whether a content-type belongs to gRPC rather than to OTLP/HTTP over HTTP/2. */
export function isGrpcContentType(contentType: string | undefined): boolean {
  return contentType?.startsWith('application/grpc') === true;
}

/** The unary Export methods of the three OTLP services. */
export function createGrpcService(options: GrpcServiceOptions): Service {
  const shared: GrpcShared = { ...options, arena: new MessageArena() };
  const { authenticate } = options.accept;
  return (exchange) => {
    const admission = authenticate && admit(authenticate, exchange);
    const signal = SIGNAL_OF_METHOD.get(exchange.path);
    const refused = admission instanceof Promise ? undefined : admission;
    const problem = refused ?? (signal === undefined ? unknownMethod(exchange.path) : headProblem(exchange));
    const coding = parseContentCoding(exchange.header('grpc-encoding'));
    if (problem === undefined && signal !== undefined && coding !== false) {
      return new GrpcCall(shared, exchange, signal, coding, admission as Promise<Admission> | undefined);
    }
    const response = problem ?? unknownCoding(exchange.header('grpc-encoding') ?? '');
    options.ingest.report('grpc', signal, exchange.peer, response);
    sendError(exchange, response);
    return undefined;
  };
}

function headProblem(exchange: Exchange): ErrorResponse | undefined {
  const contentType = exchange.header('content-type');
  if (contentType !== 'application/grpc' && !/^application\/grpc(\+proto)?(;|$)/.test(contentType ?? '')) {
    return errorResponse(GRPC_CODE.unimplemented, `content-type ${contentType}; send application/grpc`);
  }
  const timeout = exchange.header('grpc-timeout');
  if (timeout !== undefined && parseGrpcTimeout(timeout) === undefined) {
    return errorResponse(GRPC_CODE.internal, `grpc-timeout "${timeout}" is not a number with a unit, such as 10S`);
  }
  return undefined;
}

function unknownMethod(path: string): ErrorResponse {
  const foreign = foreignMethod(path);
  if (foreign !== undefined) return foreignResponse(GRPC_CODE.unimplemented, foreign);
  const known = Object.values(GRPC_METHOD).join(', ');
  return foreignResponse(GRPC_CODE.unimplemented, `no such method ${path}; this endpoint has ${known}`);
}

function unknownCoding(name: string): ErrorResponse {
  return errorResponse(GRPC_CODE.unimplemented, `grpc-encoding ${name} is not supported; use ${ACCEPT_ENCODING}`);
}

/**
 * One Export call.
 * - The announced length is checked and reserved before a byte of the message is stored; the buffer is allocated once.
 * - Exactly one answer; what arrives after it is ignored.
 */
class GrpcCall implements BodySink, Expiring {
  readonly #shared: GrpcShared;
  readonly #exchange: Exchange;
  readonly #signal: Signal;
  readonly #coding: ContentCoding | undefined;
  /** Of the message, then of the answer; the second is the sender's wish alone: a handler takes the time it needs. */
  deadlineMs: number;
  readonly #answerByMs: number;
  #prefixSeen = 0;
  #compressed = 0;
  #length = 0;
  #message: Uint8Array | undefined;
  #filled = 0;
  readonly #reservation: Reservation;
  /** Under way while the sender isn't known; the message waits for it. */
  #admission: Promise<Admission> | undefined;
  #state: 'receiving' | 'handling' | 'done' = 'receiving';

  constructor(
    shared: GrpcShared,
    exchange: Exchange,
    signal: Signal,
    coding: ContentCoding | undefined,
    admission: Promise<Admission> | undefined,
  ) {
    this.#shared = shared;
    this.#exchange = exchange;
    this.#signal = signal;
    this.#coding = coding;
    const { budget, sharing } = shared;
    this.#reservation = new Reservation({ budget, host: exchange.host, signal, sharing });
    const timeout = exchange.header('grpc-timeout');
    const timeoutMs = timeout === undefined ? Number.POSITIVE_INFINITY : (parseGrpcTimeout(timeout) as number);
    const nowMs = shared.clock.monotonicMs();
    this.#answerByMs = nowMs + timeoutMs;
    this.deadlineMs = nowMs + Math.min(timeoutMs, shared.requestTimeoutMs);
    shared.deadlines.add(this);
    this.#admission = admission;
    admission?.then((refused) => this.#admitted(refused)).catch((error: unknown) => this.#broken(error));
  }

  #admitted(refused: Admission): void {
    this.#admission = undefined;
    if (refused !== undefined) this.#answer(refused);
    else if (this.#state === 'handling') this.#open();
  }

  data(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#state === 'receiving') {
      if (this.#message === undefined) {
        at = this.#readPrefix(chunk, at);
        continue;
      }
      const wanted = this.#length - this.#filled;
      if (wanted === 0) {
        this.#fail(GRPC_CODE.internal, 'an Export call carries one message, this one carried more');
        return;
      }
      const taken = Math.min(wanted, chunk.length - at);
      this.#message.set(taken === chunk.length ? chunk : chunk.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
    }
  }

  #readPrefix(chunk: Uint8Array, start: number): number {
    let at = start;
    while (at < chunk.length && this.#prefixSeen < PREFIX_BYTES) {
      const byte = chunk[at++] as number;
      if (this.#prefixSeen++ === 0) this.#compressed = byte;
      else this.#length = this.#length * 256 + byte;
    }
    if (this.#prefixSeen === PREFIX_BYTES) this.#openMessage();
    return at;
  }

  #openMessage(): void {
    const { arena } = this.#shared;
    const { maxRecvMsgSizeBytes } = this.#shared.accept;
    if (this.#compressed > 1) {
      this.#fail(GRPC_CODE.internal, `the first byte of a gRPC message must be 0 or 1, got ${this.#compressed}`);
      return;
    }
    if (this.#compressed === 1 && this.#coding === undefined) {
      this.#fail(GRPC_CODE.internal, 'the message is marked as compressed, but there is no grpc-encoding header');
      return;
    }
    if (this.#length > maxRecvMsgSizeBytes) {
      this.#fail(GRPC_CODE.resourceExhausted, this.#tooLarge(this.#length));
      return;
    }
    if (!this.#reserve(this.#length)) return;
    this.#message = arena.allocate(this.#length);
  }

  #reserve(sizeBytes: number): boolean {
    const refusal = this.#reservation.grow(sizeBytes);
    if (refusal !== undefined) this.#answer(refusal);
    return refusal === undefined;
  }

  #tooLarge(sizeBytes: number): string {
    const limit = formatByteSize(this.#shared.accept.maxRecvMsgSizeBytes);
    return `message of ${formatByteSize(sizeBytes)} is larger than the limit of ${limit}; send smaller batches or raise max_recv_msg_size_mib`;
  }

  end(): void {
    if (this.#state !== 'receiving') return;
    if (this.#message === undefined) {
      const seen = this.#prefixSeen;
      const text =
        seen === 0 ? 'the call carried no message' : `the call ended after ${seen} of the 5 bytes that open a message`;
      this.#fail(GRPC_CODE.internal, text);
      return;
    }
    if (this.#filled < this.#length) {
      this.#fail(GRPC_CODE.internal, `the call ended after ${this.#filled} of the ${this.#length} bytes it announced`);
      return;
    }
    this.#state = 'handling';
    this.deadlineMs = this.#answerByMs;
    if (this.#admission === undefined) this.#open();
  }

  #open(): void {
    const message = this.#message as Uint8Array;
    if (this.#compressed === 0) {
      this.#submitMessage(message);
      return;
    }
    const plain = decompress(this.#coding as ContentCoding, message, this.#shared.accept.maxRecvMsgSizeBytes);
    if (plain instanceof Promise)
      plain.then((result) => this.#decompressed(result)).catch((error: unknown) => this.#broken(error));
    else this.#decompressed(plain);
  }

  #decompressed(plain: Uint8Array | DecompressFailure): void {
    if (this.#state === 'done') return;
    this.#shared.arena.giveBack(this.#message as Uint8Array);
    this.#message = undefined;
    if (plain === 'too_large') {
      const limit = formatByteSize(this.#shared.accept.maxRecvMsgSizeBytes);
      const text = `message is larger than the limit of ${limit} once decompressed; send smaller batches or raise max_recv_msg_size_mib`;
      this.#fail(GRPC_CODE.resourceExhausted, text);
      return;
    }
    if (plain === 'corrupt') {
      this.#fail(GRPC_CODE.internal, `the message is not valid ${this.#coding}`);
      return;
    }
    if (this.#reserve(plain.length)) this.#submit(plain);
  }

  /** The message is ours again when a handler that borrows has returned. */
  #submitMessage(message: Uint8Array): void {
    const { arena, ingest } = this.#shared;
    const isLent = ingest.borrows(this.#signal, 'protobuf');
    this.#message = undefined;
    this.#submit(isLent ? message : arena.keep(message));
    if (isLent) arena.giveBack(message);
  }

  #submit(bytes: Uint8Array): void {
    const { accept, ingest } = this.#shared;
    const metadata = accept.includeMetadata === true ? this.#exchange.metadata() : undefined;
    const response = ingest.submit(this.#signal, bytes, 'grpc', 'protobuf', this.#exchange, metadata);
    if (!(response instanceof Promise)) return this.#answer(response);
    this.#reservation.lend(
      response,
      (answer) => this.#answer(answer),
      (error) => this.#broken(error),
    );
  }

  /** An exception of ours in a promise has nobody else to end it. */
  #broken(error: unknown): void {
    this.#answer(internalError(error));
  }

  #fail(code: ErrorResponse['code'], message: string): void {
    this.#answer(errorResponse(code, message));
  }

  #answer(response: OtlpResponse): void {
    if (this.#state === 'done') return;
    this.#finish();
    this.#shared.ingest.report('grpc', this.#signal, this.#exchange.peer, response);
    if (response.status === 'ok') sendOk(this.#exchange, response);
    else sendError(this.#exchange, response);
  }

  #finish(): void {
    this.#state = 'done';
    this.#message = undefined;
    this.#shared.deadlines.remove(this);
    this.#reservation.end();
  }

  abort(): void {
    if (this.#state !== 'done') this.#finish();
  }

  expire(): void {
    const text =
      this.#state === 'receiving' ? 'the message did not arrive in time' : 'the call took longer than its grpc-timeout';
    this.#fail(GRPC_CODE.deadlineExceeded, text);
  }
}
