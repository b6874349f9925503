import { type Backoff, type Clock, createBackoff, type Timer } from '../../lib/index.ts';
import type { RetrySettings } from '../settings/retry.ts';
import { SuccessShare } from './success-share.ts';

/** Failed tries in a row, per consumer, before the backend is down: one that fails every other try gets there once in two million. */
const FAILURES_PER_CONSUMER = 2;
const MIN_FAILURES = 20;
/** What fails with a backend that takes other requests is tried again this much sooner than its backoff says. */
const SOONER = 50;

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
 * What all consignments for one backend learn from one another's tries.
 *
 * When many in a row have failed, the backend is down: as many tries as there are consumers may begin, then none until a
 * backoff interval has passed since the first of them failed. Upstream's consumers come to the same rate, because each sleeps
 * through the wait of what it holds. How many is many depends on what share of the tries it took before: one that answers
 * three of ten is not down. Any answer but `retryable` and `throttled` ends it: a backend that rejects data is there.
 *
 * When it asks to be left alone for a time, nothing is tried for that time.
 */
export class Outage {
  readonly #options: OutageOptions;
  readonly #share = new SuccessShare();
  #ignored = false;
  #limit: number;
  #failures = 0;
  #answeredMs = Number.NEGATIVE_INFINITY;
  /** While the backend is down: how the waits grow, and how many tries may begin before the next. */
  #backoff: Backoff | undefined;
  #triesLeft = 0;
  #timer: Timer | undefined;
  /** While it asked to be left alone. */
  #pause: Timer | undefined;
  #pausedUntilMs = 0;

  constructor(options: OutageOptions) {
    this.#options = options;
    this.#limit = this.#failuresToBeDown();
  }

  /** Whether a try may begin. */
  get mayTry(): boolean {
    return this.#pause === undefined && (this.#backoff === undefined || this.#triesLeft > 0);
  }

  /** A try begins. */
  tried(): void {
    this.#triesLeft--;
  }

  /** A try failed, and the backend asks to be left alone for `afterMs`. */
  failed(afterMs: number): void {
    const { retry, clock, random } = this.#options;
    if (retry === undefined || this.#ignored) return;
    if (afterMs > 0) this.#leaveAlone(afterMs);
    this.#failures++;
    if (this.#backoff === undefined) this.#share.add(false);
    if (this.#failures < this.#limit) return;
    if (this.#backoff === undefined) {
      this.#backoff = createBackoff(retry, random);
      this.#triesLeft = 0;
    }
    this.#timer ??= clock.after(Math.max(afterMs, this.#backoff.nextDelayMs()), () => {
      this.#timer = undefined;
      this.#triesLeft = this.#options.consumers;
      if (this.mayTry) this.#options.onOpen();
    });
  }

  /** The backend has taken or rejected something. True when this ends an outage. */
  answered(): boolean {
    const wasDown = this.#backoff !== undefined;
    // What was learnt of it before it went down is out of date.
    if (wasDown) this.#share.reset();
    this.#share.add(true);
    this.#failures = 0;
    this.#answeredMs = this.#options.clock.monotonicMs();
    this.#limit = this.#failuresToBeDown();
    this.#backoff = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    return wasDown;
  }

  /**
   * How long a consignment waits that was tried `tries` times in vain, if that is no more than its share of what the backend
   * fails of everything; undefined: it is to wait as its own backoff says.
   */
  soonerDelayMs(tries: number): number | undefined {
    const { retry, random } = this.#options;
    if (retry === undefined || this.#backoff !== undefined || this.#share.explains(tries) !== true) return undefined;
    return Math.max(1, (retry.initialIntervalMs / SOONER) * (0.5 + random()));
  }

  /** Whether the backend has answered nothing for as long as waits grow: what fails then may not do so for a reason of its own. */
  get isSilent(): boolean {
    const { retry, clock } = this.#options;
    return this.isDown || clock.monotonicMs() - this.#answeredMs > (retry?.maxIntervalMs ?? 0);
  }

  /** Whether the backend is taken for dead. */
  get isDown(): boolean {
    return this.#backoff !== undefined;
  }

  /** Whether a consignment that was tried `tries` times in vain fails for a reason of its own: the backend takes others. */
  isOfItsOwn(tries: number): boolean {
    return tries > 1 && !this.isDown && this.#share.explains(tries) === false;
  }

  /** From here on every try may begin at once. */
  ignore(): void {
    this.#ignored = true;
    this.#pause?.cancel();
    this.#pause = undefined;
    this.answered();
  }

  #leaveAlone(delayMs: number): void {
    const { clock, onOpen } = this.#options;
    const untilMs = clock.monotonicMs() + delayMs;
    if (this.#pause !== undefined && untilMs <= this.#pausedUntilMs) return;
    this.#pause?.cancel();
    this.#pausedUntilMs = untilMs;
    this.#pause = clock.after(delayMs, () => {
      this.#pause = undefined;
      if (this.mayTry) onOpen();
    });
  }

  #failuresToBeDown(): number {
    const { consumers } = this.#options;
    const least = Math.max(MIN_FAILURES, consumers * FAILURES_PER_CONSUMER);
    return Math.max(least, this.#share.longestRunOfFailures);
  }
}
