import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

import type { BackendFailure } from '../../flow/index.ts';
import { type Clock, errorCode } from '../../lib/index.ts';
import type { TlsOptions } from './client-tls.ts';
import type { Endpoint } from './endpoint.ts';
import { connectionFailure, connectTimeoutFailure, isOfTheirs } from './failure.ts';
import { type ProbeOptions, probeCertificate, probeProtocol } from './probe.ts';

export interface GrpcConnectionOptions {
  readonly endpoint: Endpoint;
  /** One address behind the endpoint's name. */
  readonly address: string;
  /** Absent: plain text. */
  readonly tls: (() => TlsOptions) | undefined;
  /** The connection is gone, or will be: what the name stands for may have changed. */
  readonly onLost: () => void;
  readonly clock: Clock;
}

const CONNECT_TIMEOUT_MS = 10_000;
const PING_TIMEOUT_MS = 5_000;
const STREAM_WINDOW_BYTES = 1024 * 1024;
/** Stream ids are odd numbers of 31 bits; a connection that has used nearly all of them takes no more calls. */
const LAST_STREAM_ID = 2 ** 31 - 1 - 2 * 1024;

/**
 * The HTTP/2 connection to one address of a backend. Callers that need it at the same time share one attempt and its failure. A connection
 * that got GOAWAY takes no new calls; those under way on it end by themselves.
 */
export class GrpcConnection {
  readonly #options: GrpcConnectionOptions;
  #opening: Promise<ClientHttp2Session> | undefined;
  #session: ClientHttp2Session | undefined;
  readonly #open = new Set<ClientHttp2Session>();

  constructor(options: GrpcConnectionOptions) {
    this.#options = options;
  }

  /** Where a call can start at once. */
  get ready(): ClientHttp2Session | undefined {
    const session = this.#session;
    if (session === undefined || session.closed || session.destroyed) return undefined;
    if (!isUsedUp(session)) return session;
    this.#retire(session);
    return undefined;
  }

  /** Resolves once the backend has shown that it speaks HTTP/2; rejects with a BackendFailure. */
  open(): Promise<ClientHttp2Session> {
    if (this.#opening !== undefined && (this.#session === undefined || this.ready !== undefined)) return this.#opening;
    const opening = this.#connect();
    this.#opening = opening;
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    return opening;
  }

  #connect(): Promise<ClientHttp2Session> {
    const { endpoint, clock } = this.#options;
    this.#session = undefined;
    return new Promise((resolve, reject) => {
      const socket = this.#createSocket();
      const session = connect(endpoint.origin, {
        createConnection: () => socket,
        // The default of 10 MB is less than a few batches under way; calls beyond it would die after the backend may have taken them.
        maxSessionMemory: 256,
        settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      });
      this.#open.add(session);
      let failure: BackendFailure | undefined;
      let ready = false;
      const timer = clock.after(CONNECT_TIMEOUT_MS, () => {
        failure = connectTimeoutFailure(endpoint);
        session.destroy();
      });
      const fail = (reason: BackendFailure) => {
        timer.cancel();
        reject(reason);
      };
      session.once('remoteSettings', () => {
        timer.cancel();
        ready = true;
        this.#session = session;
        resolve(session);
      });
      session.on('goaway', () => this.#forget(session));
      const onError = (error: unknown) => {
        if (ready || failure !== undefined) return;
        failure = connectionFailure(error, endpoint);
        this.#explain(error, failure).then(fail);
      };
      session.on('error', onError);
      // With TLS 1.3 a refused client certificate is heard of after the handshake; node:http2 neither listens then nor ends by itself.
      socket.on('error', (error) => {
        onError(error);
        session.destroy();
        socket.destroy();
      });
      session.once('close', () => {
        this.#open.delete(session);
        this.#forget(session);
        if (ready) return;
        if (failure === undefined) probeProtocol(this.#probeOptions(), 'grpc').then(fail);
        else if (failure.kind === 'timeout') fail(failure);
      });
    });
  }

  #createSocket(): Duplex {
    const { endpoint, address, tls } = this.#options;
    const to = { host: address, port: endpoint.port, noDelay: true };
    if (tls === undefined) return connectSocket(to);
    const named = isIP(endpoint.host) ? {} : { servername: endpoint.host };
    return connectTls({ ...to, ...named, ...tls(), ALPNProtocols: ['h2'] });
  }

  #probeOptions(): ProbeOptions {
    const { endpoint, address, tls, clock } = this.#options;
    return { endpoint, address, tls: tls?.(), clock };
  }

  /** A better sentence where one more connection can find it. */
  async #explain(error: unknown, found: BackendFailure): Promise<BackendFailure> {
    const isVague = found.kind === 'reset' || found.kind === 'protocol';
    if (isVague || errorCode(error)?.startsWith('ERR_HTTP2') === true)
      return probeProtocol(this.#probeOptions(), 'grpc');
    return isOfTheirs(error) ? probeCertificate(this.#probeOptions(), found) : found;
  }

  /** For an address that no longer belongs to the name: calls under way finish. */
  retire(): void {
    if (this.#session !== undefined) this.#retire(this.#session);
  }

  /** Lets the calls under way finish. */
  #retire(session: ClientHttp2Session): void {
    this.#forget(session);
    session.close();
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#opening = undefined;
    this.#options.onLost();
  }

  /** A call went unanswered: makes sure the connection still lives, and drops it if not. */
  suspect(): void {
    const session = this.#session;
    if (session === undefined || session.destroyed) return;
    const timer = this.#options.clock.after(PING_TIMEOUT_MS, () => session.destroy());
    const sent = session.ping((error) => {
      timer.cancel();
      if (error !== null) session.destroy();
    });
    if (!sent) timer.cancel();
  }

  close(): void {
    for (const session of this.#open) session.destroy();
    this.#open.clear();
    this.#session = undefined;
    this.#opening = undefined;
  }
}

function isUsedUp(session: ClientHttp2Session): boolean {
  return (session.state.nextStreamID ?? 0) > LAST_STREAM_ID;
}
