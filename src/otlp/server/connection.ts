import type { Socket } from 'node:net';

import type { Clock } from '../../lib/index.ts';
import type { Expiring } from './deadlines.ts';
import type { PeerHost } from './peer-hosts.ts';

export interface ConnectionOptions {
  readonly clock: Clock;
  /** Until the first request. */
  readonly firstRequestMs: number;
  /** Between requests. */
  readonly idleMs: number;
  readonly host: PeerHost;
}

/**
 * One accepted socket, whatever it turns out to speak. Knows how many requests are under way, so that a shutdown can wait for them, and
 * when it was last of use, so that silent ones don't pile up.
 */
export class Connection implements Expiring {
  #socket: Socket;
  #isSecure = false;
  /** `127.0.0.1:51234`; read once, because asking the socket costs more than a small request. */
  readonly peer: string;
  readonly host: PeerHost;
  readonly #options: ConnectionOptions;
  #active = 0;
  #idleSinceMs: number;
  #allowedMs: number;
  #closing = false;
  #expired = false;
  #onClosing: (() => void) | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.peer = peerOf(socket);
    this.host = options.host;
    this.#idleSinceMs = options.clock.monotonicMs();
    this.#allowedMs = options.firstRequestMs;
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Whether TLS protects it. */
  get isSecure(): boolean {
    return this.#isSecure;
  }

  /** What is read and written goes through `socket` from now on. */
  secure(socket: Socket): void {
    this.#socket = socket;
    this.#isSecure = true;
  }

  /** It was silent for too long. */
  get expired(): boolean {
    return this.#expired;
  }

  get closing(): boolean {
    return this.#closing;
  }

  get deadlineMs(): number {
    return this.#active > 0 ? Number.POSITIVE_INFINITY : this.#idleSinceMs + this.#allowedMs;
  }

  /** HTTP/2 senders keep quiet connections for hours, and the Collector lets them. */
  keepWhenIdle(): void {
    this.#allowedMs = Number.POSITIVE_INFINITY;
  }

  /** How this connection's protocol says goodbye; without one the socket is closed when its last request is answered. */
  onClosing(goodbye: () => void): void {
    this.#onClosing = goodbye;
    if (this.#closing) goodbye();
  }

  begin(): void {
    this.#active++;
  }

  finish(): void {
    this.#active--;
    if (this.#active > 0) return;
    this.#idleSinceMs = this.#options.clock.monotonicMs();
    if (this.#allowedMs === this.#options.firstRequestMs) this.#allowedMs = this.#options.idleMs;
    if (this.#closing && this.#onClosing === undefined) this.socket.destroySoon();
  }

  /** Finishes requests under way, then closes. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#onClosing !== undefined) this.#onClosing();
    else if (this.#active === 0) this.socket.destroySoon();
  }

  expire(): void {
    this.#expired = true;
    this.socket.destroy();
  }
}

/** The remote address without its port; of one that IPv6 maps, the IPv4 address. */
export function addressOf(socket: Socket): string {
  const address = socket.remoteAddress ?? 'unknown';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

export function peerOf(socket: Socket): string {
  const host = addressOf(socket);
  return `${host.includes(':') ? `[${host}]` : host}:${socket.remotePort ?? 0}`;
}
