import { formatByteSize } from '../../lib/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { GRPC_CODE } from '../request.ts';
import type { ByteBudget } from './byte-budget.ts';
import { type ErrorResponse, errorResponse } from './ingest.ts';
import type { PeerHost } from './peer-hosts.ts';

const RETRY_MS = 1000;

/** How the hosts that send to one server share it. */
export interface Sharing {
  /** What a request of a signal counts for, above 0 and at most 1; asked for every request. */
  weight(signal: Signal): number;
  /** Told of what a host was refused because it has its share already. */
  onOverShare(address: string, of: 'connections' | 'in_flight'): void;
}

export interface ReservationOptions {
  readonly budget: ByteBudget;
  readonly host: PeerHost;
  readonly signal: Signal;
  readonly sharing: Sharing | undefined;
}

/**
 * What one call counts against the budget: its bytes, until the call is over and the handler has let go of them, whichever is later. One
 * that waits for room in a queue still holds them when the sender has given up and comes again with the same.
 */
export class Reservation {
  readonly #budget: ByteBudget;
  readonly #host: PeerHost;
  readonly #signal: Signal;
  readonly #sharing: Sharing | undefined;
  #bytes = 0;
  #handlerHolds = false;
  #over = false;

  constructor({ budget, host, signal, sharing }: ReservationOptions) {
    this.#budget = budget;
    this.#host = host;
    this.#signal = signal;
    this.#sharing = sharing;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What to tell the sender when there is no room; undefined when the bytes are reserved. */
  grow(sizeBytes: number): ErrorResponse | undefined {
    const outcome = this.#budget.reserve(this.#host, sizeBytes, this.#sharing?.weight(this.#signal) ?? 1);
    if (outcome === 'reserved') {
      this.#bytes += sizeBytes;
      return undefined;
    }
    const limit = formatByteSize(this.#budget.limitBytes);
    if (outcome === 'full') {
      return errorResponse(
        GRPC_CODE.unavailable,
        `${limit} of requests are being received already, retry in 1 s`,
        RETRY_MS,
      );
    }
    this.#sharing?.onOverShare(this.#host.address, 'in_flight');
    const held = formatByteSize(this.#host.heldBytes);
    const message = `${held} of requests of ${this.#host.address} are being received already, its share of ${limit}, retry in 1 s`;
    return errorResponse(GRPC_CODE.unavailable, message, RETRY_MS);
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
    this.#budget.release(this.#host, this.#bytes);
    this.#bytes = 0;
  }
}
