import { formatByteSize } from '../../lib/index.ts';
import { GRPC_CODE } from '../request.ts';
import type { ByteBudget } from './byte-budget.ts';
import { type ErrorResponse, errorResponse } from './ingest.ts';

const RETRY_MS = 1000;

/**
 * What one call counts against the budget: its bytes, until the call is over and the handler has let go of them, whichever is later. One
 * that waits for room in a queue still holds them when the sender has given up and comes again with the same.
 */
export class Reservation {
  readonly #budget: ByteBudget;
  #bytes = 0;
  #handlerHolds = false;
  #over = false;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What to tell the sender when there is no room; undefined when the bytes are reserved. */
  grow(sizeBytes: number): ErrorResponse | undefined {
    if (!this.#budget.reserve(sizeBytes)) {
      const limit = formatByteSize(this.#budget.limitBytes);
      const message = `${limit} of requests are being received already, retry in 1 s`;
      return errorResponse(GRPC_CODE.unavailable, message, RETRY_MS);
    }
    this.#bytes += sizeBytes;
    return undefined;
  }

  /** The handler has the bytes until it answers, whatever becomes of the call. `broken` gets what `answer` threw. */
  lend<T>(response: Promise<T>, answer: (value: T) => void, broken: (error: unknown) => void): void {
    this.#handlerHolds = true;
    response
      .then((value) => {
        this.#handlerHolds = false;
        if (this.#over) this.#release();
        answer(value);
      })
      .catch(broken);
  }

  /** The call has been answered, or its sender is gone. */
  end(): void {
    this.#over = true;
    if (!this.#handlerHolds) this.#release();
  }

  #release(): void {
    this.#budget.release(this.#bytes);
    this.#bytes = 0;
  }
}
