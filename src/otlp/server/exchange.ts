import type { RequestMetadata } from '../security.ts';
import type { PeerHost } from './peer-hosts.ts';

/** Header names in lower case. */
export type HeaderFields = Readonly<Record<string, string>>;

/**
 * One request as its transport shows it to a service: HTTP/1, or HTTP/2 from whatever layer. The service answers exactly once with
 * `reply`, possibly before the body has ended; the transport then discards what is left of the body.
 */
export interface Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Remote address and port of the connection. */
  readonly peer: string;
  /** Whose connection it came on. */
  readonly host: PeerHost;
  /** Whether TLS protects it. */
  readonly isSecure: boolean;
  header(name: string): string | undefined;
  /** All headers, as authenticators and handlers see them; with `host`, without what is HTTP/2's own. */
  metadata(): RequestMetadata;
  /** Answers with the whole body. `trailers` makes it a gRPC answer. Does nothing when the peer has gone. */
  reply(status: number, headers: HeaderFields, body: Uint8Array, trailers?: HeaderFields): void;
}

/** Receives the body of one exchange. Chunks are borrowed until the call returns. */
export interface BodySink {
  data(chunk: Uint8Array): void;
  end(): void;
  /** The peer went away or reset the stream; nothing can be answered. */
  abort(): void;
  /** Answers that the peer took too long. */
  expire(): void;
}

/** Looks at an exchange's head. Undefined: it has been answered already and its body is of no interest. */
export type Service = (exchange: Exchange) => BodySink | undefined;

export const NO_BODY = new Uint8Array(0);
