import { createServer, type Server, type Socket } from 'node:net';

import { type Clock, sleep } from '../../lib/index.ts';
import { GRPC_CODE, type IngestAttempt, type OtlpHandler } from '../request.ts';
import type { ServerTls } from '../security.ts';
import { ByteBudget } from './byte-budget.ts';
import { Connection } from './connection.ts';
import { Deadlines } from './deadlines.ts';
import type { Service } from './exchange.ts';
import { createGrpcService, isGrpcContentType } from './grpc-service.ts';
import { createHttpService } from './http-service.ts';
import { createHttp1Layer, type Http1Layer } from './http1-connection.ts';
import { HeaderBlocks } from './http2/hpack-encoder.ts';
import { Http2Connection } from './http2/http2-connection.ts';
import { errorResponse, Ingest } from './ingest.ts';
import { defaultServerLimits, type GrpcAccept, type HttpAccept, type ServerLimits } from './limits.ts';
import { SNIFF_PROBLEM, sniff } from './sniff.ts';

/** Quiet senders keep their connections; those that vanished without a word are found by TCP. */
const KEEP_ALIVE_MS = 60_000;

export interface OtlpServerOptions {
  /** Both protocols are served on every port; `defaultGrpcAccept` and `defaultHttpAccept` are the Collector's settings. */
  readonly accepts: { readonly grpc: GrpcAccept; readonly http: HttpAccept };
  readonly clock: Clock;
  readonly limits?: Partial<ServerLimits>;
  /** Told of every request and of connections that spoke something else. */
  readonly onAttempt?: (attempt: IngestAttempt) => void;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface ListenOptions {
  /** Absent: plain text. */
  readonly tls?: ServerTls;
}

export interface OtlpServer {
  /**
   * Port 0 takes a free one. May be called for several addresses. Rejects with Node's error (`EADDRINUSE`), or with a CodedError
   * `invalid_tls` for a certificate or key that is none.
   */
  listen(address: ListenAddress, options?: ListenOptions): Promise<ListenAddress>;
  /**
   * New connections to this address, as `listen` returned it, use this certificate; those that are open stay. Throws a CodedError
   * `invalid_tls`, and then the old one is still in use.
   */
  updateTls(address: ListenAddress, tls: ServerTls): void;
  /** Stops accepting, finishes requests under way, then closes all; what is left after `graceMs` is cut off. */
  shutdown(options: { readonly graceMs: number }): Promise<void>;
  readonly connectionCount: number;
  /** Bytes of requests received and not yet answered. */
  readonly inFlightBytes: number;
}

/** An OTLP endpoint: gRPC and HTTP, told apart by a connection's first bytes. `handler` gets validated protobuf. */
export function createOtlpServer(options: OtlpServerOptions, handler: OtlpHandler): OtlpServer {
  return new OtlpEndpoint(options, handler);
}

/** The largest request that is accepted must fit, compressed and decompressed; else it would be told to come again for ever. */
function roomFor({ grpc, http }: OtlpServerOptions['accepts']): number {
  const largest = Math.max(grpc.maxRecvMsgSizeBytes, http.maxRequestBodySizeBytes);
  return Math.max(defaultServerLimits.maxInFlightBytes, 2 * largest);
}

class OtlpEndpoint implements OtlpServer {
  readonly #options: OtlpServerOptions;
  readonly #limits: ServerLimits;
  readonly #budget: ByteBudget;
  readonly #deadlines: Deadlines;
  readonly #ingest: Ingest;
  readonly #http2Service: Service;
  readonly #headerBlocks = new HeaderBlocks();
  readonly #http1: Http1Layer;
  readonly #listeners = new Set<Server>();
  readonly #connections = new Set<Connection>();
  #allClosed: (() => void) | undefined;

  constructor(options: OtlpServerOptions, handler: OtlpHandler) {
    const { clock } = options;
    this.#options = options;
    this.#limits = { ...defaultServerLimits, maxInFlightBytes: roomFor(options.accepts), ...options.limits };
    this.#budget = new ByteBudget(this.#limits.maxInFlightBytes);
    this.#deadlines = new Deadlines(clock);
    this.#ingest = new Ingest({ handler, clock, onAttempt: options.onAttempt });
    const shared = {
      ingest: this.#ingest,
      budget: this.#budget,
      deadlines: this.#deadlines,
      clock,
      requestTimeoutMs: this.#limits.requestTimeoutMs,
    };
    const grpc = createGrpcService({ ...shared, maxRecvMsgSizeBytes: options.accepts.grpc.maxRecvMsgSizeBytes });
    const http = createHttpService({ ...shared, accept: options.accepts.http });
    this.#http2Service = (exchange) => (isGrpcContentType(exchange.header('content-type')) ? grpc : http)(exchange);
    this.#http1 = createHttp1Layer(http);
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  get inFlightBytes(): number {
    return this.#budget.heldBytes;
  }

  listen(address: ListenAddress, _options: ListenOptions = {}): Promise<ListenAddress> {
    const listener = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) =>
      this.#accept(socket),
    );
    listener.maxConnections = this.#limits.maxConnections;
    return new Promise((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(address.port, address.host, () => {
        listener.removeListener('error', reject);
        this.#listeners.add(listener);
        const bound = listener.address() as { address: string; port: number };
        resolve({ host: bound.address, port: bound.port });
      });
    });
  }

  updateTls(_address: ListenAddress, _tls: ServerTls): void {}

  #accept(socket: Socket): void {
    const connection = new Connection(socket, {
      clock: this.#options.clock,
      firstRequestMs: this.#limits.requestTimeoutMs,
      idleMs: this.#limits.idleTimeoutMs,
    });
    this.#connections.add(connection);
    this.#deadlines.add(connection);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#forget(connection));
    this.#sniff(connection);
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    this.#deadlines.remove(connection);
    if (this.#connections.size === 0) this.#allClosed?.();
  }

  #sniff(connection: Connection): void {
    const { socket } = connection;
    let seen: Buffer = Buffer.alloc(0);
    const onReadable = () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      const spoken = sniff(seen);
      if (spoken === 'more') return;
      socket.removeListener('readable', onReadable);
      if (spoken === 'tls' || spoken === 'garbage') return this.#turnAway(connection, SNIFF_PROBLEM[spoken]);
      if (spoken === 'http2') {
        this.#serveHttp2(connection, seen);
        return;
      }
      socket.unshift(seen);
      this.#http1.serve(connection);
    };
    socket.on('readable', onReadable);
  }

  #turnAway(connection: Connection, problem: string): void {
    this.#ingest.report('unknown', undefined, connection.peer, errorResponse(GRPC_CODE.invalidArgument, problem));
    connection.socket.destroy();
  }

  #serveHttp2(connection: Connection, seen: Buffer): void {
    const { maxConcurrentStreams, maxConnectionAgeMs, maxConnectionAgeGraceMs } = this.#options.accepts.grpc;
    const { clock } = this.#options;
    const http2 = new Http2Connection({
      connection,
      service: this.#http2Service,
      clock,
      maxConcurrentStreams,
      headerBlocks: this.#headerBlocks,
    });
    http2.push(seen);
    if (maxConnectionAgeMs <= 0) return;
    let timer = clock.after(maxConnectionAgeMs, () => {
      connection.close();
      if (maxConnectionAgeGraceMs > 0) timer = clock.after(maxConnectionAgeGraceMs, () => connection.socket.destroy());
    });
    connection.socket.once('close', () => timer.cancel());
  }

  async shutdown({ graceMs }: { readonly graceMs: number }): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
    const closed = new Promise<void>((resolve) => {
      this.#allClosed = resolve;
    });
    for (const connection of this.#connections) connection.close();
    if (this.#connections.size > 0) {
      const graceOver = new AbortController();
      const grace = sleep(this.#options.clock, graceMs, graceOver.signal).catch(() => {});
      await Promise.race([closed, grace]);
      graceOver.abort();
    }
    for (const connection of this.#connections) connection.socket.destroy();
    this.#deadlines.close();
  }
}
