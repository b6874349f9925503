import { request as httpRequest } from 'node:http';
import { connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Signal } from '../../src/pdata/index.ts';
import { grpcFrame, unsnap } from './capture.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface GrpcAnswer {
  /** HTTP status of the stream; 200 unless the server refused it before gRPC. */
  readonly status: number;
  readonly grpcStatus: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a sender trusts, and who it is, as PEM texts. */
export interface SenderTls {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface HttpSend {
  readonly path: string;
  readonly body: Uint8Array | string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: plain text. */
  readonly tls?: SenderTls;
  /** The address of this machine that it comes from, such as 127.0.0.7. */
  readonly localAddress?: string;
}

const TIMEOUT_MS = 10_000;

export const GRPC_METHOD: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};

/** The head of a traces request with all that gRPC asks for, to send as it is or spoilt. */
export const GRPC_HEADERS: Readonly<Record<string, string>> = {
  ':method': 'POST',
  ':scheme': 'http',
  ':path': GRPC_METHOD.traces,
  ':authority': 'x',
  'content-type': 'application/grpc',
  te: 'trailers',
};

/** One request on a connection of its own; rejects when there is no answer. */
export function sendHttp(
  port: number,
  { path, body, method = 'POST', headers = {}, tls, localAddress }: HttpSend,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method,
      headers,
      agent: false,
      timeout: TIMEOUT_MS,
      ...(localAddress !== undefined && { localAddress }),
      ...tls,
    } as const;
    const request = (tls === undefined ? httpRequest : httpsRequest)(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(Object.entries(response.headers).map(([key, value]) => [key, String(value)])),
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    // A server that refuses a large body closes before it has read all of it; the answer decides, not the broken pipe.
    request.on('error', reject);
    request.end(body);
  });
}

export interface GrpcSend {
  readonly path: string;
  readonly message: Uint8Array;
  /** Name for grpc-encoding; `message` is compressed by the caller then. */
  readonly encoding?: string;
  /** Instead of a well-formed frame around `message`. */
  readonly rawFrame?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: plain text. */
  readonly tls?: SenderTls;
}

/** One unary gRPC call on a connection of its own. */
export function sendGrpc(port: number, send: GrpcSend): Promise<GrpcAnswer> {
  return new Promise((resolve, reject) => {
    const scheme = send.tls === undefined ? 'http' : 'https';
    const session = connect(`${scheme}://127.0.0.1:${port}`, { settings: { initialWindowSize: 1 << 20 }, ...send.tls });
    const finish = (settle: () => void) => {
      settle();
      session.destroy();
    };
    session.once('error', (error) => finish(() => reject(error)));
    const stream = session.request({
      ':method': 'POST',
      ':path': send.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(send.encoding === undefined ? {} : { 'grpc-encoding': send.encoding }),
      ...send.headers,
    });
    stream.setTimeout(TIMEOUT_MS, () => finish(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`))));
    const chunks: Buffer[] = [];
    let headers: Record<string, string> = {};
    const merge = (more: object) => {
      headers = { ...headers, ...Object.fromEntries(Object.entries(more).map(([key, value]) => [key, String(value)])) };
    };
    stream.on('response', merge);
    stream.on('trailers', merge);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('error', (error) => finish(() => (headers['grpc-status'] === undefined ? reject(error) : undefined)));
    stream.once('close', () => finish(() => resolve(grpcAnswer(headers, Buffer.concat(chunks)))));
    stream.end(send.rawFrame ?? grpcFrame(send.message, send.encoding !== undefined));
  });
}

function grpcAnswer(headers: Readonly<Record<string, string>>, frame: Buffer): GrpcAnswer {
  return {
    status: Number(headers[':status'] ?? 0),
    grpcStatus: Number(headers['grpc-status'] ?? -1),
    message: decodeURIComponent(headers['grpc-message'] ?? ''),
    headers,
    body: frame[0] === 1 ? decompress(frame.subarray(5), headers['grpc-encoding']) : frame.subarray(5),
  };
}

/** A server may answer in the compression it was asked in. */
function decompress(body: Uint8Array, encoding: string | undefined): Buffer {
  if (encoding === 'snappy') return unsnap(body);
  return encoding === 'zstd' ? zstdDecompressSync(body) : gunzipSync(body);
}
