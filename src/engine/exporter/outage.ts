import { type Backoff, type Clock, createBackoff, type Timer } from '../../lib/index.ts';
import type { RetrySettings } from '../settings/retry.ts';

/** Failed tries in a row, per consumer, before the backend is down: one that fails every other try gets there once in two million. */
const FAILURES_PER_CONSUMER = 2;
const MIN_FAILURES = 20;

export interface OutageOptions {
  readonly consumers: number;
  /** Absent: nothing is tried again, so nothing is to be spared. */
  readonly retry: RetrySettings | undefined;
  readonly clock: Clock;
  random(): number;
  /** Tries may begin again. */
  readonly onOpen: () => void;
}

/**
 * What all consignments for one backend learn from one another's tries. When many in a row have failed, the backend is down:
 * as many tries as there are consumers may begin, then none until a backoff interval has passed since the first of them
 * failed. Upstream's consumers come to the same rate, because each sleeps through the wait of what it holds.
 * Any answer but `retryable` and `throttled` ends it: a backend that rejects data is there.
 */
export class Outage {
  readonly #options: OutageOptions;
  #limit: number;
  #failures = 0;
  /** While the backend is down: how the waits grow, and how many tries may begin before the next. */
  #backoff: Backoff | undefined;
  #triesLeft = 0;
  #timer: Timer | undefined;

  constructor(options: OutageOptions) {
    this.#options = options;
    this.#limit =
      options.retry === undefined
        ? Number.POSITIVE_INFINITY
        : Math.max(MIN_FAILURES, options.consumers * FAILURES_PER_CONSUMER);
  }

  /** Whether a try may begin. */
  get mayTry(): boolean {
    return this.#backoff === undefined || this.#triesLeft > 0;
  }

  /** A try begins. */
  tried(): void {
    this.#triesLeft--;
  }

  /** A try failed, and the backend asks to be left alone for `afterMs`. */
  failed(afterMs: number): void {
    const { retry, clock, random } = this.#options;
    this.#failures++;
    if (this.#failures < this.#limit || retry === undefined) return;
    if (this.#backoff === undefined) {
      this.#backoff = createBackoff(retry, random);
      this.#triesLeft = 0;
    }
    this.#timer ??= clock.after(Math.max(afterMs, this.#backoff.nextDelayMs()), () => {
      this.#timer = undefined;
      this.#triesLeft = this.#options.consumers;
      this.#options.onOpen();
    });
  }

  /** The backend has taken or rejected something. True when this ends an outage. */
  answered(): boolean {
    this.#failures = 0;
    if (this.#backoff === undefined) return false;
    this.#backoff = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    return true;
  }

  /** From here on every try may begin at once. */
  ignore(): void {
    this.#limit = Number.POSITIVE_INFINITY;
    this.answered();
  }
}
