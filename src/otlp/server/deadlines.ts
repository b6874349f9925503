import type { Clock, Timer } from '../../lib/index.ts';

/** Something that must be over by a time; kept by the thing itself so that watching it allocates nothing. */
export interface Expiring {
  /** On the clock's monotonic scale. */
  readonly deadlineMs: number;
  expire(): void;
}

const SWEEP_MS = 250;

/**
 * Watches many deadlines with one timer: a timer per request would cost more than the request. Late by up to a quarter of a second.
 * The timer runs only while something is watched.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #watched = new Set<Expiring>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(item: Expiring): void {
    this.#watched.add(item);
    this.#timer ??= this.#clock.after(SWEEP_MS, this.#sweep);
  }

  remove(item: Expiring): void {
    this.#watched.delete(item);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#watched.clear();
  }

  #sweep = (): void => {
    this.#timer = undefined;
    const nowMs = this.#clock.monotonicMs();
    for (const item of this.#watched) {
      if (item.deadlineMs > nowMs) continue;
      this.#watched.delete(item);
      item.expire();
    }
    if (this.#watched.size > 0) this.#timer ??= this.#clock.after(SWEEP_MS, this.#sweep);
  };
}
