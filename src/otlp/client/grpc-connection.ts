import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';

import type { BackendFailure } from '../../flow/index.ts';
import { type Clock, errorCode } from '../../lib/index.ts';
import { type ClientTls, type Endpoint, tlsOptions } from './endpoint.ts';
import { connectionFailure, notHttp2Failure, resetFailure, timeoutFailure } from './failure.ts';

export interface GrpcConnectionOptions {
  readonly endpoint: Endpoint;
  readonly tls: ClientTls | undefined;
  readonly clock: Clock;
}

const CONNECT_TIMEOUT_MS = 10_000;
const PING_TIMEOUT_MS = 5_000;
const PROBE_TIMEOUT_MS = 1_000;
const STREAM_WINDOW_BYTES = 1024 * 1024;
/** Stream ids are odd numbers of 31 bits; a connection that has used nearly all of them takes no more calls. */
const LAST_STREAM_ID = 2 ** 31 - 1 - 2 * 1024;

/**
 * The HTTP/2 connection to one backend. Callers that need it at the same time share one attempt and its failure. A connection that got
 * GOAWAY takes no new calls; those under way on it end by themselves.
 */
export class GrpcConnection {
  readonly #options: GrpcConnectionOptions;
  #opening: Promise<ClientHttp2Session> | undefined;
  #session: ClientHttp2Session | undefined;
  readonly #open = new Set<ClientHttp2Session>();

  constructor(options: GrpcConnectionOptions) {
    this.#options = options;
  }

  /** Resolves once the backend has shown that it speaks HTTP/2; rejects with a BackendFailure. */
  open(): Promise<ClientHttp2Session> {
    if (this.#session !== undefined && isUsedUp(this.#session)) this.#retire(this.#session);
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed)
      return this.#opening as Promise<ClientHttp2Session>;
    if (this.#opening !== undefined && this.#session === undefined) return this.#opening;
    const opening = this.#connect();
    this.#opening = opening;
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    return opening;
  }

  #connect(): Promise<ClientHttp2Session> {
    const { endpoint, tls, clock } = this.#options;
    this.#session = undefined;
    return new Promise((resolve, reject) => {
      const session = connect(endpoint.origin, {
        ...tlsOptions(tls),
        // The default of 10 MB is less than a few batches under way; calls beyond it would die after the backend may have taken them.
        maxSessionMemory: 256,
        settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      });
      this.#open.add(session);
      let failure: BackendFailure | undefined;
      let ready = false;
      const timer = clock.after(CONNECT_TIMEOUT_MS, () => {
        failure = timeoutFailure(endpoint);
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
      session.on('error', (error) => {
        if (ready || failure !== undefined) return;
        failure = connectionFailure(error, endpoint);
        if (errorCode(error)?.startsWith('ERR_HTTP2') === true) diagnose(endpoint, clock).then(fail);
        else fail(failure);
      });
      session.once('close', () => {
        this.#open.delete(session);
        this.#forget(session);
        if (ready) return;
        if (failure === undefined) diagnose(endpoint, clock).then(fail);
        else if (failure.kind === 'timeout') fail(failure);
      });
    });
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

const CLIENT_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
const TLS_ALERT = 0x15;

/** Asks a backend that broke off before its first HTTP/2 frame what it speaks: it costs one connection and is worth a clear sentence. */
function diagnose(endpoint: Endpoint, clock: Clock): Promise<BackendFailure> {
  if (endpoint.secure) return Promise.resolve(resetFailure(endpoint));
  return new Promise((resolve) => {
    const socket = connectSocket({ host: endpoint.host, port: endpoint.port });
    const done = (failure: BackendFailure) => {
      timer.cancel();
      socket.destroy();
      resolve(failure);
    };
    const timer = clock.after(PROBE_TIMEOUT_MS, () => done(resetFailure(endpoint)));
    socket.on('connect', () => socket.write(CLIENT_PREFACE));
    socket.on('data', (chunk: Buffer) => {
      if (chunk[0] === TLS_ALERT) {
        done({
          kind: 'tls',
          message: `${endpoint.host}:${endpoint.port} speaks TLS; use https://, or set tls.insecure: false`,
        });
      } else
        done(chunk.subarray(0, 5).toString('latin1') === 'HTTP/' ? notHttp2Failure(endpoint) : resetFailure(endpoint));
    });
    socket.on('error', (error) => done(connectionFailure(error, endpoint)));
    socket.on('close', () => done(resetFailure(endpoint)));
  });
}
