import { type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Stream } from 'node:http2';

import type { Connection } from './connection.ts';
import type { Exchange, HeaderFields, Service } from './exchange.ts';

const STREAM_WINDOW_BYTES = 1024 * 1024;
const SESSION_WINDOW_BYTES = 8 * 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

class Http2Exchange implements Exchange {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly peer: string;
  answered = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, peer: string) {
    this.#stream = stream;
    this.#headers = headers;
    this.peer = peer;
  }

  get method(): string {
    return (this.#headers[':method'] as string | undefined) ?? '';
  }

  get path(): string {
    const path = (this.#headers[':path'] as string | undefined) ?? '';
    const query = path.indexOf('?');
    return query < 0 ? path : path.slice(0, query);
  }

  header(name: string): string | undefined {
    const value = this.#headers[name];
    return typeof value === 'object' ? value.join(', ') : value;
  }

  reply(status: number, headers: HeaderFields, body: Uint8Array, trailers?: HeaderFields): void {
    this.answered = true;
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    const fields = { ':status': status, ...headers };
    if (trailers !== undefined) {
      stream.respond(fields, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end(body);
    } else if (body.length === 0) stream.respond(fields, { endStream: true });
    else {
      stream.respond(fields);
      stream.end(body);
    }
  }
}

/** Serves HTTP/2 on a sniffed connection until it closes. */
export function serveHttp2(connection: Connection, service: Service, maxConcurrentStreams: number): void {
  const session = performServerHandshake(connection.socket, {
    maxSessionMemory: 64,
    maxSessionInvalidFrames: 100,
    settings: {
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxConcurrentStreams,
      maxHeaderListSize: MAX_HEADER_BYTES,
      enablePush: false,
    },
  });
  session.setLocalWindowSize(SESSION_WINDOW_BYTES);
  session.on('error', () => session.destroy());
  session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    connection.begin();
    stream.once('close', () => connection.finish());
    stream.on('error', () => {});
    const exchange = new Http2Exchange(stream, headers, connection.peer);
    const sink = service(exchange);
    if (sink === undefined) {
      stream.resume();
      return;
    }
    stream.on('data', (chunk: Buffer) => sink.data(chunk));
    stream.on('end', () => sink.end());
    stream.on('close', () => sink.abort());
  });
  connection.onClosing(() => session.close());
}
