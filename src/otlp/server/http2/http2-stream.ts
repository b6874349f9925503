import type { RequestMetadata } from '../../security.ts';
import { type BodySink, type Exchange, type HeaderFields, NO_BODY } from '../exchange.ts';
import type { PeerHost } from '../peer-hosts.ts';
import { type RequestHead, readMetadata } from './request-head.ts';

/** What a stream needs of its connection. */
export interface StreamOwner {
  readonly peer: string;
  readonly host: PeerHost;
  readonly isSecure: boolean;
  answer(
    stream: Http2Stream,
    status: number,
    headers: HeaderFields,
    body: Uint8Array,
    trailers: HeaderFields | undefined,
  ): void;
}

/** One request and its answer. The connection moves its state; the service sees an Exchange. */
export class Http2Stream implements Exchange {
  readonly id: number;
  readonly #owner: StreamOwner;
  readonly #head: RequestHead;
  sink: BodySink | undefined;
  /** The peer has sent END_STREAM. */
  remoteEnded = false;
  answered = false;
  /** What the peer announced and hasn't sent yet; undefined when it announced nothing. */
  missingBytes: number | undefined;
  /** Body bytes taken and not yet given back to the peer's window. */
  owedBytes = 0;
  /** What the peer may still send on this stream. */
  receiveWindow: number;
  sendWindow: number;
  /** The part of the answer that waits for the peer's window. */
  pendingBody: Uint8Array = NO_BODY;
  pendingTrailers: HeaderFields | undefined;

  constructor(id: number, owner: StreamOwner, head: RequestHead, receiveWindow: number, sendWindow: number) {
    this.id = id;
    this.#owner = owner;
    this.#head = head;
    this.missingBytes = head.contentLength;
    this.receiveWindow = receiveWindow;
    this.sendWindow = sendWindow;
  }

  get peer(): string {
    return this.#owner.peer;
  }

  get host(): PeerHost {
    return this.#owner.host;
  }

  get isSecure(): boolean {
    return this.#owner.isSecure;
  }

  get method(): string {
    return this.#head.method;
  }

  get path(): string {
    const { path } = this.#head;
    const query = path.indexOf('?');
    return query < 0 ? path : path.slice(0, query);
  }

  header(name: string): string | undefined {
    return this.#head.fields[name];
  }

  metadata(): RequestMetadata {
    return readMetadata(this.#head);
  }

  reply(status: number, headers: HeaderFields, body: Uint8Array, trailers?: HeaderFields): void {
    if (this.answered) return;
    this.answered = true;
    this.#owner.answer(this, status, headers, body, trailers);
  }
}
