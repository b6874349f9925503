import { type Clock, formatByteSize } from '../../lib/index.ts';
import type { Signal } from '../../pdata/index.ts';
import {
  CONTENT_CODINGS,
  type ContentCoding,
  type DecompressFailure,
  decompress,
  parseContentCoding,
} from '../content-coding.ts';
import { GRPC_CODE, type OtlpResponse } from '../request.ts';
import { encodeExportResponse, encodeStatus, exportResponseToJson, statusToJson } from '../rpc-messages.ts';
import { httpStatusOf } from '../status.ts';
import { type Admission, admit } from './admission.ts';
import { BodyBuffer } from './body-buffer.ts';
import type { ByteBudget } from './byte-budget.ts';
import { createCors, withHeaders } from './cors.ts';
import type { Deadlines, Expiring } from './deadlines.ts';
import { type BodySink, type Exchange, type HeaderFields, NO_BODY, type Service } from './exchange.ts';
import { foreignRequest } from './foreign-protocol.ts';
import { type ErrorResponse, errorResponse, foreignResponse, type Ingest, internalError } from './ingest.ts';
import type { HttpAccept } from './limits.ts';
import { MessageArena } from './message-arena.ts';
import { pathProblem } from './path-problem.ts';
import { Reservation, type Sharing } from './reservation.ts';

type Encoding = 'protobuf' | 'json';

const CONTENT_TYPE: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};
const OK_HEADERS: Readonly<Record<Encoding, HeaderFields>> = {
  protobuf: { 'content-type': CONTENT_TYPE.protobuf, 'content-length': '0' },
  json: { 'content-type': CONTENT_TYPE.json, 'content-length': '21' },
};
const LONGEST_ORIGIN = 200;
const OK_BODY: Readonly<Record<Encoding, Uint8Array>> = {
  protobuf: NO_BODY,
  json: Buffer.from(exportResponseToJson('traces', undefined)),
};

export interface HttpServiceOptions {
  readonly accept: HttpAccept;
  readonly requestTimeoutMs: number;
  readonly ingest: Ingest;
  readonly budget: ByteBudget;
  readonly sharing: Sharing | undefined;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
}

interface HttpShared extends HttpServiceOptions {
  readonly signals: ReadonlyMap<string, Signal>;
  readonly arena: MessageArena;
}

/** An answer with the HTTP status where that says more than the code's own. */
interface Refusal {
  readonly response: ErrorResponse;
  readonly status?: number;
  readonly headers?: HeaderFields;
}

/** POST of the three signals, protobuf or JSON, over HTTP/1 or HTTP/2. */
export function createHttpService(options: HttpServiceOptions): Service {
  const { tracesPath, metricsPath, logsPath } = options.accept;
  const signals = new Map<string, Signal>([
    [tracesPath, 'traces'],
    [metricsPath, 'metrics'],
    [logsPath, 'logs'],
  ]);
  const shared: HttpShared = { ...options, signals, arena: new MessageArena() };
  const cors = createCors(options.accept.cors);
  if (cors === undefined) return (exchange) => serve(shared, exchange);
  return (exchange) => {
    const preflight = cors.preflight(exchange);
    if (preflight === undefined) return serve(shared, withHeaders(exchange, cors.headersFor(exchange)));
    exchange.reply(204, preflight, NO_BODY);
    return undefined;
  };
}

function serve(shared: HttpShared, exchange: Exchange): BodySink | undefined {
  const { authenticate } = shared.accept;
  const admission = authenticate && admit(authenticate, exchange);
  const signal = shared.signals.get(exchange.path);
  const encoding = encodingOf(exchange.header('content-type'));
  const refused = admission instanceof Promise ? undefined : admission;
  const refusal = refused ? { response: refused } : headRefusal(shared, exchange, signal, encoding);
  if (refusal === undefined)
    return new HttpCall(
      shared,
      exchange,
      signal as Signal,
      encoding as Encoding,
      admission as Promise<Admission> | undefined,
    );
  shared.ingest.report('http', signal, exchange.peer, refusal.response);
  sendError(exchange, encoding ?? 'json', refusal);
  return undefined;
}

function encodingOf(contentType: string | undefined): Encoding | undefined {
  if (contentType === CONTENT_TYPE.protobuf) return 'protobuf';
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === CONTENT_TYPE.protobuf) return 'protobuf';
  return mediaType === CONTENT_TYPE.json ? 'json' : undefined;
}

function headRefusal(
  shared: HttpShared,
  exchange: Exchange,
  signal: Signal | undefined,
  encoding: Encoding | undefined,
): Refusal | undefined {
  if (signal === undefined) {
    const foreign = foreignRequest(exchange.method, exchange.path);
    if (foreign !== undefined) return { response: foreignResponse(GRPC_CODE.notFound, foreign) };
    const problem = pathProblem(exchange.path, [...shared.signals.keys()], baseUrlOf(exchange));
    return { response: errorResponse(GRPC_CODE.notFound, problem) };
  }
  if (exchange.method !== 'POST') {
    const origin = exchange.method === 'OPTIONS' ? exchange.header('origin') : undefined;
    const advice =
      origin === undefined
        ? 'send telemetry with POST'
        : `to let pages of ${origin.slice(0, LONGEST_ORIGIN)} send, list it under cors.allowed_origins`;
    const message = `${exchange.method} is not allowed on ${exchange.path}; ${advice}`;
    return { response: errorResponse(GRPC_CODE.unimplemented, message), status: 405, headers: { allow: 'POST' } };
  }
  if (encoding === undefined) {
    const sent = exchange.header('content-type');
    const message = `${sent === undefined ? 'no content-type' : `content-type ${sent}`}; send application/json or application/x-protobuf`;
    return { response: errorResponse(GRPC_CODE.invalidArgument, message), status: 415 };
  }
  const coding = exchange.header('content-encoding');
  if (parseContentCoding(coding) === false) {
    const known = CONTENT_CODINGS.join(', ');
    const response = errorResponse(
      GRPC_CODE.invalidArgument,
      `content-encoding ${coding} is not supported; use ${known} or none`,
    );
    return { response, headers: { 'accept-encoding': known } };
  }
  const announced = announcedBytes(exchange);
  if (announced === undefined) {
    const message = `content-length ${exchange.header('content-length')} is not a number of bytes`;
    return { response: errorResponse(GRPC_CODE.invalidArgument, message) };
  }
  return announced > shared.accept.maxRequestBodySizeBytes
    ? tooLarge(shared.accept.maxRequestBodySizeBytes, '')
    : undefined;
}

function baseUrlOf(exchange: Exchange): string | undefined {
  const authority = exchange.header('host') ?? exchange.header(':authority');
  return authority && `${exchange.isSecure ? 'https' : 'http'}://${authority}`;
}

/** The announced length, 0 without one; undefined when it is no length, which over HTTP/2 no parser has looked at. */
function announcedBytes(exchange: Exchange): number | undefined {
  const text = exchange.header('content-length') ?? '0';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function tooLarge(limitBytes: number, when: string): Refusal {
  const limit = formatByteSize(limitBytes);
  const message = `request body is larger than the limit of ${limit}${when}; send smaller batches or raise max_request_body_size`;
  // The Collector answers 400 and not 413; senders treat both as final.
  return { response: errorResponse(GRPC_CODE.invalidArgument, message) };
}

function sendError(exchange: Exchange, encoding: Encoding, refusal: Refusal): void {
  const { code, retryAfterMs } = refusal.response;
  const message = `sluice: ${refusal.response.message}`;
  const status = { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const body = encoding === 'json' ? Buffer.from(statusToJson(status)) : encodeStatus(status);
  const headers: Record<string, string> = {
    'content-type': CONTENT_TYPE[encoding],
    'content-length': String(body.length),
    ...refusal.headers,
  };
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  exchange.reply(refusal.status ?? httpStatusOf(code), headers, body);
}

function sendOk(
  exchange: Exchange,
  signal: Signal,
  encoding: Encoding,
  response: OtlpResponse & { status: 'ok' },
): void {
  if (response.partial === undefined) {
    exchange.reply(200, OK_HEADERS[encoding], OK_BODY[encoding]);
    return;
  }
  const partial = { ...response.partial, message: `sluice: ${response.partial.message}` };
  const body = encoding === 'json' ? Buffer.from(exportResponseToJson(signal, partial)) : encodeExportResponse(partial);
  exchange.reply(200, { 'content-type': CONTENT_TYPE[encoding], 'content-length': String(body.length) }, body);
}

/** One POST, answered once. Body bytes are reserved when they are announced, or else as they arrive. */
class HttpCall implements BodySink, Expiring {
  readonly #shared: HttpShared;
  readonly #exchange: Exchange;
  readonly #signal: Signal;
  readonly #encoding: Encoding;
  readonly #coding: ContentCoding | undefined;
  readonly deadlineMs: number;
  readonly #body: BodyBuffer;
  readonly #reservation: Reservation;
  /** Under way while the sender isn't known; the body waits for it. */
  #admission: Promise<Admission> | undefined;
  #state: 'receiving' | 'handling' | 'done' = 'receiving';

  constructor(
    shared: HttpShared,
    exchange: Exchange,
    signal: Signal,
    encoding: Encoding,
    admission: Promise<Admission> | undefined,
  ) {
    this.#shared = shared;
    this.#exchange = exchange;
    this.#signal = signal;
    this.#encoding = encoding;
    this.#coding = parseContentCoding(exchange.header('content-encoding')) || undefined;
    this.deadlineMs = shared.clock.monotonicMs() + shared.requestTimeoutMs;
    shared.deadlines.add(this);
    const { budget, sharing } = shared;
    this.#reservation = new Reservation({ budget, host: exchange.host, signal, sharing });
    const announced = announcedBytes(exchange) ?? 0;
    const granted = this.#reserve(announced);
    this.#body = new BodyBuffer(shared.arena, granted ? announced : 0, shared.accept.maxRequestBodySizeBytes);
    this.#admission = admission;
    admission?.then((refused) => this.#admitted(refused)).catch((error: unknown) => this.#broken(error));
  }

  #admitted(refused: Admission): void {
    this.#admission = undefined;
    if (refused !== undefined) this.#refuse({ response: refused });
    else if (this.#state === 'handling') this.#open();
  }

  data(chunk: Uint8Array): void {
    if (this.#state !== 'receiving') return;
    const missing = this.#body.length + chunk.length - this.#reservation.bytes;
    if (this.#body.length + chunk.length > this.#shared.accept.maxRequestBodySizeBytes) {
      this.#refuse(tooLarge(this.#shared.accept.maxRequestBodySizeBytes, ''));
      return;
    }
    if (missing > 0 && !this.#reserve(missing)) return;
    this.#body.append(chunk);
  }

  #reserve(sizeBytes: number): boolean {
    const response = this.#reservation.grow(sizeBytes);
    if (response !== undefined) this.#refuse({ response });
    return response === undefined;
  }

  end(): void {
    if (this.#state !== 'receiving') return;
    this.#state = 'handling';
    if (this.#admission === undefined) this.#open();
  }

  #open(): void {
    const body = this.#body.take();
    if (this.#coding === undefined) {
      this.#submitBody(body);
      return;
    }
    const plain = decompress(this.#coding, body, this.#shared.accept.maxRequestBodySizeBytes);
    if (plain instanceof Promise)
      plain.then((result) => this.#decompressed(result)).catch((error: unknown) => this.#broken(error));
    else this.#decompressed(plain);
  }

  #decompressed(plain: Uint8Array | DecompressFailure): void {
    if (this.#state === 'done') return;
    if (plain === 'too_large') {
      this.#refuse(tooLarge(this.#shared.accept.maxRequestBodySizeBytes, ' once decompressed'));
      return;
    }
    if (plain === 'corrupt') {
      this.#refuse({
        response: errorResponse(GRPC_CODE.invalidArgument, `the body is not valid ${this.#coding}`),
      });
      return;
    }
    if (this.#reserve(plain.length)) this.#submit(plain);
  }

  /** The body is ours again when a handler that borrows has returned. */
  #submitBody(body: Uint8Array): void {
    const { arena, ingest } = this.#shared;
    const isLent = ingest.borrows(this.#signal, this.#encoding);
    this.#submit(isLent ? body : arena.keep(body));
    if (isLent) arena.giveBack(body);
  }

  #submit(bytes: Uint8Array): void {
    const { accept, ingest } = this.#shared;
    const metadata = accept.includeMetadata === true ? this.#exchange.metadata() : undefined;
    const response = ingest.submit(this.#signal, bytes, 'http', this.#encoding, this.#exchange, metadata);
    if (!(response instanceof Promise)) return this.#answer(response);
    this.#reservation.lend(
      response,
      (answer) => this.#answer(answer),
      (error) => this.#broken(error),
    );
  }

  /** An exception of ours in a promise has nobody else to end it. */
  #broken(error: unknown): void {
    this.#refuse({ response: internalError(error) });
  }

  #answer(response: OtlpResponse): void {
    if (response.status === 'error') {
      this.#refuse({ response });
      return;
    }
    if (this.#state === 'done') return;
    this.#finish();
    this.#shared.ingest.report('http', this.#signal, this.#exchange.peer, response);
    sendOk(this.#exchange, this.#signal, this.#encoding, response);
  }

  #refuse(refusal: Refusal): void {
    if (this.#state === 'done') return;
    this.#finish();
    this.#shared.ingest.report('http', this.#signal, this.#exchange.peer, refusal.response);
    sendError(this.#exchange, this.#encoding, refusal);
  }

  #finish(): void {
    this.#state = 'done';
    this.#shared.deadlines.remove(this);
    this.#reservation.end();
  }

  abort(): void {
    if (this.#state !== 'done') this.#finish();
  }

  /** Only the sender is timed: a handler takes the time it needs. */
  expire(): void {
    if (this.#state !== 'receiving') return;
    const response = errorResponse(GRPC_CODE.deadlineExceeded, 'the request body did not arrive in time');
    this.#refuse({ response, status: 408, headers: { connection: 'close' } });
  }
}
