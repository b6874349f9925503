import type { Http2Stream } from './http2-stream.ts';

const MAX_ANSWERED = 100;
const MIN_RESET = 100;

/**
 * Streams that are over for us, while the peer may not know it yet and still sends on them.
 * - Answered before their request ended: the peer may still end them, and its mistakes on them still count.
 * - Reset by us: everything on them is ignored until the peer must have heard of it.
 * Both are bounded, the oldest goes first.
 */
export class LateStreams {
  readonly #maxAnswered: number;
  readonly #maxReset: number;
  readonly #answered = new Map<number, Http2Stream>();
  readonly #reset = new Set<number>();

  /** A peer that keeps to `maxConcurrentStreams` never has more than that many resets still to hear of. */
  constructor(maxConcurrentStreams: number) {
    this.#maxAnswered = Math.min(MAX_ANSWERED, Math.ceil(maxConcurrentStreams / 2));
    this.#maxReset = Math.max(MIN_RESET, maxConcurrentStreams);
  }

  /** Returns the stream that must make room, if one must: it is to be reset. */
  addAnswered(stream: Http2Stream): Http2Stream | undefined {
    this.#answered.set(stream.id, stream);
    return this.#answered.size > this.#maxAnswered ? this.#answered.values().next().value : undefined;
  }

  answered(streamId: number): Http2Stream | undefined {
    return this.#answered.get(streamId);
  }

  answeredStreams(): Iterable<Http2Stream> {
    return this.#answered.values();
  }

  addReset(streamId: number): void {
    this.#answered.delete(streamId);
    this.#reset.add(streamId);
    if (this.#reset.size <= this.#maxReset) return;
    for (const oldest of this.#reset) {
      this.#reset.delete(oldest);
      return;
    }
  }

  wasReset(streamId: number): boolean {
    return this.#reset.has(streamId);
  }

  /** The peer is done with it as well. */
  ended(streamId: number): void {
    this.#answered.delete(streamId);
  }
}
