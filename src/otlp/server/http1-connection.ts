import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { errorCode } from '../../lib/index.ts';
import type { RequestMetadata } from '../security.ts';
import type { Connection } from './connection.ts';
import type { BodySink, Exchange, HeaderFields, Service } from './exchange.ts';
import type { PeerHost } from './peer-hosts.ts';

/** HTTP/1 on sockets that something else accepted and sniffed. */
export interface Http1Layer {
  serve(connection: Connection): void;
}

export interface Http1LayerOptions {
  readonly service: Service;
  /** Told of an exception that should not have been; the connection is closed. */
  readonly onFault: (peer: string, error: unknown) => void;
  /** What came was not HTTP/1 after all, or too much of it; `code` is Node's. */
  readonly onUnreadable: (peer: string, code: string) => void;
}

const MAX_HEADER_BYTES = 16 * 1024;

class Http1Exchange implements Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: Connection;
  readonly peer: string;
  readonly host: PeerHost;

  constructor(request: IncomingMessage, response: ServerResponse, connection: Connection) {
    this.#request = request;
    this.#response = response;
    this.#connection = connection;
    this.peer = connection.peer;
    this.host = connection.host;
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get path(): string {
    const url = this.#request.url ?? '';
    const query = url.indexOf('?');
    return query < 0 ? url : url.slice(0, query);
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return typeof value === 'object' ? value.join(', ') : value;
  }

  get isSecure(): boolean {
    return this.#connection.isSecure;
  }

  metadata(): RequestMetadata {
    return this.#request.headersDistinct as RequestMetadata;
  }

  reply(status: number, headers: HeaderFields, body: Uint8Array): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    if (this.#connection.closing) this.#response.shouldKeepAlive = false;
    this.#response.writeHead(status, headers);
    this.#response.end(body);
    // A sender that gets its answer early still has the rest of its body on the way; closing now could cost it the answer.
    if (!this.#request.complete) this.#request.resume();
  }
}

/** One HTTP/1 server for all its connections, never listening itself. */
export function createHttp1Layer({ service, onFault, onUnreadable }: Http1LayerOptions): Http1Layer {
  const connections = new WeakMap<Socket, Connection>();
  const handle = (request: IncomingMessage, response: ServerResponse, accepted?: () => void) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) return;
    connection.begin();
    response.once('close', () => connection.finish());
    let sink: BodySink | undefined;
    const contain = (work: () => void) => {
      try {
        work();
      } catch (error) {
        onFault(connection.peer, error);
        sink?.abort();
        request.destroy();
      }
    };
    contain(() => {
      sink = service(new Http1Exchange(request, response, connection));
      if (sink === undefined) return;
      // The service may have answered already, with the body still to come.
      if (!response.headersSent) accepted?.();
      receive(request, sink, contain);
    });
  };
  const server: Server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 0 }, (request, response) =>
    handle(request, response),
  );
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    handle(request, response, () => response.writeContinue()),
  );
  server.on('clientError', (error, socket) => {
    const connection = connections.get(socket as Socket);
    const code = errorCode(error);
    if (connection !== undefined && code?.startsWith('HPE_') === true) onUnreadable(connection.peer, code);
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  return {
    serve(connection) {
      connections.set(connection.socket, connection);
      server.emit('connection', connection.socket);
    },
  };
}

function receive(request: IncomingMessage, sink: BodySink, contain: (work: () => void) => void): void {
  request.on('data', (chunk: Buffer) => contain(() => sink.data(chunk)));
  request.on('end', () => contain(() => sink.end()));
  request.on('close', () => {
    if (!request.complete) sink.abort();
  });
  request.on('error', () => sink.abort());
}
