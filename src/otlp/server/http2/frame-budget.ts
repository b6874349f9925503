import type { Clock } from '../../../lib/index.ts';
import { ConnectionError, ERROR_CODE } from './frame.ts';

export interface FrameBudgetOptions {
  /** What it is spent on, for the GOAWAY. */
  readonly name: string;
  readonly burst: number;
  readonly perSecond: number;
}

/** Streams that were reset, by either side, or refused (CVE-2023-44487). */
export const RESETS: FrameBudgetOptions = { name: 'resets', burst: 1000, perSecond: 33 };

/**
 * Frames that carry nothing of a request: PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA and CONTINUATION, frames for closed
 * streams and of unknown types (CVE-2019-9511 to 9518).
 */
export const OVERHEAD: FrameBudgetOptions = { name: 'frames that carry nothing', burst: 1000, perSecond: 1000 };

/** A sender may ping and move its windows with every answer; gRPC for Go does, to measure the line. */
export const OVERHEAD_PER_REQUEST = 8;

/** How many frames of a kind a peer may send: a burst, and a refill. Beyond it the connection ends. */
export class FrameBudget {
  readonly #clock: Clock;
  readonly #options: FrameBudgetOptions;
  #left: number;
  #refilledMs: number;

  constructor(clock: Clock, options: FrameBudgetOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#left = options.burst;
    this.#refilledMs = clock.monotonicMs();
  }

  /** Throws ConnectionError when nothing is left. */
  take(): void {
    // The clock is asked only when the burst is used up.
    if (this.#left < 1) this.#refill();
    this.#left--;
  }

  /** Gives back, up to the burst. */
  grant(count: number): void {
    this.#left = Math.min(this.#options.burst, this.#left + count);
  }

  #refill(): void {
    const { name, perSecond } = this.#options;
    const nowMs = this.#clock.monotonicMs();
    this.grant((perSecond * (nowMs - this.#refilledMs)) / 1000);
    this.#refilledMs = nowMs;
    if (this.#left < 1) throw new ConnectionError(ERROR_CODE.enhanceYourCalm, `too many ${name}`);
  }
}
