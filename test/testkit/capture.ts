import {
  createServer as createHttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer as createSecureHttp2Server,
  type IncomingHttpHeaders as Http2Headers,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { uncompressSync } from 'snappy';
import { errorCode } from '../../src/lib/index.ts';
import { SIGNALS, type Signal } from '../../src/pdata/index.ts';
import { listen } from './free-port.ts';
import { encodeResponse } from './otlp-proto.ts';

/** One export request as it reached the capturing backend. */
export interface CapturedRequest {
  readonly protocol: 'grpc' | 'http';
  /** HTTP path or full gRPC method. */
  readonly path: string;
  readonly signal: Signal | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** `identity`, `gzip`, `zstd`, `snappy`. */
  readonly compression: string;
  /** Decompressed; protobuf or JSON as the content type says. */
  readonly body: Uint8Array;
  readonly wireBytes: number;
  readonly answer: Answer;
  readonly atMs: number;
}

/** How the backend answers one request. `grpc` and `http` are used by the protocol that the request came in on. */
export type Answer =
  | { readonly kind: 'ok'; readonly partial?: { readonly rejected: bigint; readonly message: string } }
  | {
      readonly kind: 'error';
      readonly grpc: number;
      readonly http: number;
      readonly message: string;
      /** Sent as Retry-After, and as RetryInfo over gRPC. */
      readonly retryAfterSeconds?: number;
    };

const OK: Answer = { kind: 'ok' };

const CUT_OFF: ReadonlySet<string> = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET']);

/** A backend on loopback that keeps everything it is sent, byte by byte, and answers as it is told. */
export interface Capture {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly requests: readonly CapturedRequest[];
  /** Requests that were answered with `ok`. */
  accepted(): readonly CapturedRequest[];
  /** Answers of the next requests, in order; after them every request is taken. */
  script(answers: readonly Answer[]): void;
  stop(): Promise<void>;
}

/** TLS of the backend, as PEM texts; with `ca` it takes only clients that this authority knows. */
export interface CaptureTls {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

export interface CaptureOptions {
  readonly tls?: CaptureTls;
  /** Address to listen on; default loopback. */
  readonly host?: string;
}

export async function startCapture({ tls, host }: CaptureOptions = {}): Promise<Capture> {
  const secured = { ...tls, requestCert: tls?.ca !== undefined };
  const requests: CapturedRequest[] = [];
  const scripted: Answer[] = [];
  const take = (request: Omit<CapturedRequest, 'answer' | 'atMs'>): Answer => {
    const answer = scripted.shift() ?? OK;
    requests.push({ ...request, answer, atMs: performance.now() });
    return answer;
  };
  const grpc =
    tls === undefined
      ? createHttp2Server({ maxSessionMemory: 256 })
      : createSecureHttp2Server({ maxSessionMemory: 256, ...secured });
  const sessions = new Set<{ destroy(): void }>();
  grpc.on('session', (session: { destroy(): void; once(event: 'close', run: () => void): void }) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  // A sender that is killed in the middle of a request has sent none.
  const unlessCutOff = (served: Promise<void>) =>
    void served.catch((error) => {
      if (!CUT_OFF.has(errorCode(error) ?? '')) throw error;
    });
  grpc.on('stream', (stream: ServerHttp2Stream, headers: Http2Headers) => {
    unlessCutOff(serveGrpc(stream, headers, take));
  });
  const onHttp = (request: IncomingMessage, response: ServerResponse) => {
    unlessCutOff(serveHttp(request, response, take));
  };
  const http = tls === undefined ? createHttpServer(onHttp) : createHttpsServer(secured, onHttp);
  const [grpcPort, httpPort] = await Promise.all([listen(grpc, 0, host), listen(http, 0, host)]);
  return {
    grpcPort,
    httpPort,
    requests,
    accepted: () => requests.filter((request) => request.answer.kind === 'ok'),
    script: (answers) => scripted.splice(0, scripted.length, ...answers),
    async stop() {
      for (const session of sessions) session.destroy();
      http.closeAllConnections();
      await Promise.all([grpc, http].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

type Take = (request: Omit<CapturedRequest, 'answer' | 'atMs'>) => Answer;

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function decompress(body: Buffer, compression: string): Uint8Array {
  if (compression === 'gzip') return gunzipSync(body);
  if (compression === 'zstd') return zstdDecompressSync(body);
  if (compression === 'snappy') return unsnap(body);
  if (compression === 'identity') return body;
  throw new Error(`the capturing backend does not know the compression ${compression}`);
}

/** One block over HTTP, a stream of blocks over gRPC; checksums are not looked at. */
export function unsnap(bytes: Uint8Array): Buffer {
  const body = Buffer.from(bytes);
  const block = (part: Uint8Array) => uncompressSync(part, { asBuffer: true }) as Buffer;
  if (!body.subarray(0, 4).equals(Buffer.of(0xff, 6, 0, 0))) return block(body);
  const blocks: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 4 + body.readUIntLE(at + 1, 3);
    if (body[at] === 0) blocks.push(block(body.subarray(at + 8, end)));
    else if (body[at] === 1) blocks.push(body.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(blocks);
}

function textHeaders(headers: IncomingHttpHeaders | Http2Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]));
}

/** `/v1/traces` and `/opentelemetry.proto.collector.trace.v1.TraceService/Export` carry the signal. */
function signalOf(path: string): Signal | undefined {
  return SIGNALS.find((signal) => path.includes(`/${signal}`) || path.includes(`.${signal.replace(/s$/, '')}`));
}

async function serveHttp(request: IncomingMessage, response: ServerResponse, take: Take): Promise<void> {
  const wire = await readAll(request);
  const path = request.url ?? '';
  const signal = signalOf(path);
  const compression = String(request.headers['content-encoding'] ?? 'identity');
  const headers = textHeaders(request.headers);
  const body = decompress(wire, compression);
  const answer = take({ protocol: 'http', path, signal, headers, compression, body, wireBytes: wire.length });
  const json = headers['content-type']?.startsWith('application/json') === true;
  if (answer.kind === 'error') {
    const retryAfter = answer.retryAfterSeconds;
    if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
    response.writeHead(answer.http, { 'content-type': 'application/x-protobuf' });
    response.end(encodeRpcStatus(answer));
    return;
  }
  response.writeHead(200, { 'content-type': json ? 'application/json' : 'application/x-protobuf' });
  response.end(json ? '{}' : encodeAnswer(signal, answer));
}

async function serveGrpc(stream: ServerHttp2Stream, headers: Http2Headers, take: Take): Promise<void> {
  stream.on('error', () => stream.close());
  const wire = await readAll(stream);
  const path = String(headers[':path']);
  const signal = signalOf(path);
  const compression = wire[0] === 1 ? String(headers['grpc-encoding']) : 'identity';
  const body = decompress(wire.subarray(5), compression);
  const head = textHeaders(headers);
  const answer = take({ protocol: 'grpc', path, signal, headers: head, compression, body, wireBytes: wire.length });
  const start = { ':status': 200, 'content-type': 'application/grpc' };
  if (answer.kind === 'error') {
    const details =
      answer.retryAfterSeconds === undefined ? {} : { 'grpc-status-details-bin': encodeRpcStatus(answer) };
    stream.respond(
      { ...start, 'grpc-status': String(answer.grpc), 'grpc-message': answer.message, ...textDetails(details) },
      { endStream: true },
    );
    return;
  }
  stream.respond(start, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(grpcFrame(encodeAnswer(signal, answer)));
}

function textDetails(details: Readonly<Record<string, Uint8Array>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, Buffer.from(value).toString('base64').replace(/=+$/, '')]),
  );
}

/** A gRPC message frame: one byte of flags, four of length, the message. */
export function grpcFrame(message: Uint8Array, compressed = false): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame[0] = compressed ? 1 : 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

function encodeAnswer(signal: Signal | undefined, answer: Answer & { readonly kind: 'ok' }): Uint8Array {
  if (signal === undefined || answer.partial === undefined) return new Uint8Array();
  const rejectedKey = { traces: 'rejectedSpans', metrics: 'rejectedDataPoints', logs: 'rejectedLogRecords' }[signal];
  const { rejected, message } = answer.partial;
  return encodeResponse(signal, { partialSuccess: { [rejectedKey]: rejected, errorMessage: message } });
}

/** google.rpc.Status with a google.rpc.RetryInfo, written by field number: neither is among OTLP's descriptors. */
function encodeRpcStatus(answer: Answer & { readonly kind: 'error' }): Uint8Array {
  const status = new BinaryWriter();
  status.tag(1, WireType.Varint).int32(answer.grpc).tag(2, WireType.LengthDelimited).string(answer.message);
  if (answer.retryAfterSeconds !== undefined) {
    const duration = new BinaryWriter().tag(1, WireType.Varint).int64(answer.retryAfterSeconds).finish();
    const retryInfo = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(duration).finish();
    const any = new BinaryWriter().tag(1, WireType.LengthDelimited).string('type.googleapis.com/google.rpc.RetryInfo');
    any.tag(2, WireType.LengthDelimited).bytes(retryInfo);
    status.tag(3, WireType.LengthDelimited).bytes(any.finish());
  }
  return status.finish();
}
