import type { HeaderFields } from '../exchange.ts';
import {
  ConnectionError,
  DEFAULT_WINDOW_BYTES,
  ERROR_CODE,
  FLAG,
  FRAME,
  MAX_FRAME_BYTES,
  MAX_WINDOW_BYTES,
} from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { HeaderBlocks } from './hpack-encoder.ts';
import type { Http2Stream } from './http2-stream.ts';

export interface AnswerSenderOptions {
  readonly writer: FrameWriter;
  readonly headerBlocks: HeaderBlocks;
  /** The last frame of this stream's answer is with the writer. */
  readonly onSent: (stream: Http2Stream) => void;
}

/**
 * The sending half of a connection.
 * - No byte of a body goes out that the peer's windows, its stream's and the connection's, don't allow.
 * - What they don't allow waits in its stream and goes out when they grow; trailers go after the body.
 * - A window beyond the largest is the peer's offence.
 */
export class AnswerSender {
  readonly #writer: FrameWriter;
  readonly #headerBlocks: HeaderBlocks;
  readonly #onSent: (stream: Http2Stream) => void;
  #connectionWindow = DEFAULT_WINDOW_BYTES;
  #initialStreamWindow = DEFAULT_WINDOW_BYTES;

  constructor(options: AnswerSenderOptions) {
    this.#writer = options.writer;
    this.#headerBlocks = options.headerBlocks;
    this.#onSent = options.onSent;
  }

  /** What the peer grants to a stream it opens now. */
  get initialStreamWindow(): number {
    return this.#initialStreamWindow;
  }

  send(
    stream: Http2Stream,
    status: number,
    headers: HeaderFields,
    body: Uint8Array,
    trailers: HeaderFields | undefined,
  ): void {
    const endsHere = body.length === 0 && trailers === undefined;
    this.#writer.headers(stream.id, this.#headerBlocks.of(status, headers), endsHere);
    stream.pendingBody = body;
    stream.pendingTrailers = trailers;
    this.#continue(stream);
  }

  /** As much of the answer as both windows allow. */
  #continue(stream: Http2Stream): void {
    while (stream.pendingBody.length > 0) {
      const allowed = Math.min(stream.pendingBody.length, MAX_FRAME_BYTES, stream.sendWindow, this.#connectionWindow);
      if (allowed <= 0) return;
      const ends = allowed === stream.pendingBody.length && stream.pendingTrailers === undefined;
      this.#writer.frame(FRAME.data, ends ? FLAG.endStream : 0, stream.id, stream.pendingBody.subarray(0, allowed));
      stream.sendWindow -= allowed;
      this.#connectionWindow -= allowed;
      stream.pendingBody = stream.pendingBody.subarray(allowed);
    }
    if (stream.pendingTrailers !== undefined) {
      this.#writer.headers(stream.id, this.#headerBlocks.of(undefined, stream.pendingTrailers), true);
      stream.pendingTrailers = undefined;
    }
    this.#onSent(stream);
  }

  #continueAll(streams: Iterable<Http2Stream>): void {
    for (const stream of streams) if (stream.pendingBody.length > 0) this.#continue(stream);
  }

  /** WINDOW_UPDATE of the connection. */
  growConnection(increment: number, streams: Iterable<Http2Stream>): void {
    this.#connectionWindow += increment;
    if (this.#connectionWindow > MAX_WINDOW_BYTES) {
      throw new ConnectionError(ERROR_CODE.flowControlError, 'WINDOW_UPDATE');
    }
    this.#continueAll(streams);
  }

  /** WINDOW_UPDATE of one stream; false when its window is too large now. */
  growStream(stream: Http2Stream, increment: number): boolean {
    stream.sendWindow += increment;
    if (stream.sendWindow > MAX_WINDOW_BYTES) return false;
    if (stream.pendingBody.length > 0) this.#continue(stream);
    return true;
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE, which moves the windows of all streams. */
  resizeStreams(initialWindowBytes: number, streams: readonly Http2Stream[]): void {
    const change = initialWindowBytes - this.#initialStreamWindow;
    this.#initialStreamWindow = initialWindowBytes;
    for (const stream of streams) {
      stream.sendWindow += change;
      if (stream.sendWindow > MAX_WINDOW_BYTES) {
        throw new ConnectionError(ERROR_CODE.flowControlError, 'INITIAL_WINDOW_SIZE');
      }
    }
    if (change > 0) this.#continueAll(streams);
  }
}
