import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

import { type Clock, CodedError, sleep } from '../../lib/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { GRPC_CODE, type IngestAttempt, type OtlpHandler } from '../request.ts';
import type { ServerTls } from '../security.ts';
import { ByteBudget } from './byte-budget.ts';
import { addressOf, Connection } from './connection.ts';
import { Deadlines } from './deadlines.ts';
import type { Service } from './exchange.ts';
import { createGrpcService, isGrpcContentType } from './grpc-service.ts';
import { createHttpService } from './http-service.ts';
import { createHttp1Layer, type Http1Layer } from './http1-connection.ts';
import { HeaderBlocks } from './http2/hpack-encoder.ts';
import { Http2Connection } from './http2/http2-connection.ts';
import { foreignResponse, Ingest } from './ingest.ts';
import { defaultServerLimits, type GrpcAccept, type HttpAccept, type ServerLimits } from './limits.ts';
import { PeerHosts } from './peer-hosts.ts';
import type { Sharing } from './reservation.ts';
import { sniff } from './sniff.ts';
import { createTlsLayer, type TlsLayer } from './tls-layer.ts';
import { foreignProblem, turnAway } from './turn-away.ts';

/** Quiet senders keep their connections; those that vanished without a word are found by TCP. */
const KEEP_ALIVE_MS = 60_000;

export interface OtlpServerOptions {
  /** Both protocols are served on every port; `defaultGrpcAccept` and `defaultHttpAccept` are the Collector's settings. */
  readonly accepts: { readonly grpc: GrpcAccept; readonly http: HttpAccept };
  readonly clock: Clock;
  readonly limits?: Partial<ServerLimits>;
  /**
   * Whether the handler has done with a request's bytes when it returns, even where its answer is still to come: their memory is used
   * again from then on. Asked right before the handler. Absent: it keeps them.
   */
  readonly borrows?: (signal: Signal) => boolean;
  /** How hosts share the server's limits; absent: every signal counts the same, and nobody is told. */
  readonly sharing?: Sharing;
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
  readonly #hosts = new PeerHosts();
  readonly #budget: ByteBudget;
  readonly #deadlines: Deadlines;
  readonly #ingest: Ingest;
  readonly #http2Service: Service;
  readonly #headerBlocks = new HeaderBlocks();
  readonly #http1: Http1Layer;
  readonly #listeners = new Set<Server>();
  readonly #tls = new Map<string, TlsLayer>();
  readonly #connections = new Set<Connection>();
  #allClosed: (() => void) | undefined;

  constructor(options: OtlpServerOptions, handler: OtlpHandler) {
    const { clock, borrows, onAttempt } = options;
    this.#options = options;
    this.#limits = { ...defaultServerLimits, maxInFlightBytes: roomFor(options.accepts), ...options.limits };
    this.#budget = new ByteBudget(this.#limits.maxInFlightBytes, this.#hosts);
    this.#deadlines = new Deadlines(clock);
    this.#ingest = new Ingest({ handler, clock, borrows, onAttempt });
    const shared = {
      ingest: this.#ingest,
      budget: this.#budget,
      sharing: options.sharing,
      deadlines: this.#deadlines,
      clock,
      requestTimeoutMs: this.#limits.requestTimeoutMs,
    };
    const grpc = createGrpcService({ ...shared, accept: options.accepts.grpc });
    const http = createHttpService({ ...shared, accept: options.accepts.http });
    this.#http2Service = (exchange) => (isGrpcContentType(exchange.header('content-type')) ? grpc : http)(exchange);
    this.#http1 = createHttp1Layer({
      service: http,
      onFault: (peer, error) => this.#ingest.fault('http', peer, error),
      onUnreadable: (peer, code) => this.#reportProblem(peer, `the sender's HTTP/1 cannot be read (${code})`),
    });
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  get inFlightBytes(): number {
    return this.#budget.heldBytes;
  }

  listen(address: ListenAddress, { tls }: ListenOptions = {}): Promise<ListenAddress> {
    return new Promise((resolve, reject) => {
      const layer = tls && this.#createTls(tls);
      const listener = createServer(
        { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
        (socket) => this.#accept(socket, layer),
      );
      listener.maxConnections = this.#limits.maxConnections;
      listener.once('error', reject);
      listener.listen(address.port, address.host, () => {
        listener.removeListener('error', reject);
        this.#listeners.add(listener);
        const { address: host, port } = listener.address() as AddressInfo;
        if (layer !== undefined) this.#tls.set(`${host} ${port}`, layer);
        resolve({ host, port });
      });
    });
  }

  #createTls(tls: ServerTls): TlsLayer {
    return createTlsLayer(tls, {
      handshakeMs: this.#limits.requestTimeoutMs,
      onSecure: (connection) => this.#sniff(connection, undefined),
      onProblem: ({ peer }, problem) => this.#reportProblem(peer, problem),
    });
  }

  updateTls({ host, port }: ListenAddress, tls: ServerTls): void {
    const layer = this.#tls.get(`${host} ${port}`);
    if (layer === undefined) throw new CodedError('invalid_tls', `${host}:${port} is no address with TLS`);
    layer.update(tls);
  }

  #accept(socket: Socket, tls: TlsLayer | undefined): void {
    const host = this.#hosts.connect(addressOf(socket), this.#limits.maxConnections);
    if (host === undefined) {
      this.#options.sharing?.onOverShare(addressOf(socket), 'connections');
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, {
      host,
      clock: this.#options.clock,
      firstRequestMs: this.#limits.requestTimeoutMs,
      idleMs: this.#limits.idleTimeoutMs,
    });
    this.#connections.add(connection);
    this.#deadlines.add(connection);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#forget(connection));
    this.#sniff(connection, tls);
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    this.#hosts.disconnect(connection.host);
    this.#deadlines.remove(connection);
    if (this.#connections.size === 0) this.#allClosed?.();
  }

  /** `tls`: what must come first, if anything. */
  #sniff(connection: Connection, tls: TlsLayer | undefined): void {
    const { socket } = connection;
    let seen: Buffer = Buffer.alloc(0);
    const onReadable = () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      const spoken = sniff(seen);
      if (spoken === 'more') return;
      socket.removeListener('readable', onReadable);
      if (spoken === 'garbage' || (spoken === 'tls') !== (tls !== undefined)) {
        const problem = foreignProblem(spoken, seen);
        this.#reportProblem(connection.peer, problem);
        turnAway(socket, spoken, problem);
      } else if (spoken === 'http2') this.#serveHttp2(connection, seen);
      else {
        socket.unshift(seen);
        (tls ?? this.#http1).serve(connection);
      }
    };
    socket.on('readable', onReadable);
  }

  #reportProblem(peer: string, problem: string): void {
    this.#ingest.report('unknown', undefined, peer, foreignResponse(GRPC_CODE.invalidArgument, problem));
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
      onFault: (peer, error) => this.#ingest.fault('unknown', peer, error),
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
