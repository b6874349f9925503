import type { Clock, Timer } from '../lib/index.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** First delay of a key that failed; default 5 ms. */
  readonly baseDelayMs?: number;
  /** Longest delay of a key that fails; default 1000 s, as client-go's. */
  readonly maxDelayMs?: number;
}

/** Keys that wait for work. A key is in it once, is worked on by one at a time, and comes again when added meanwhile. */
export interface WorkQueue {
  /** Keys that could be taken now. */
  readonly length: number;
  add(key: string): void;
  /** The earliest of several delays counts. */
  addAfter(key: string, delayMs: number): void;
  /** After a delay that doubles with each call until `forget`. Returns the delay. */
  addRateLimited(key: string): number;
  /** The key succeeded: its next failure waits the first delay again. */
  forget(key: string): void;
  /** The next key, which is then in work until `done`; undefined when the queue is shut down. */
  take(): Promise<string | undefined>;
  done(key: string): void;
  /** Takes nothing more; those who wait get undefined. */
  shutDown(): void;
}

/** Source: client-go util/workqueue/default_rate_limiters.go, ItemExponentialFailureRateLimiter. */
const DEFAULT_BASE_DELAY_MS = 5;
const DEFAULT_MAX_DELAY_MS = 1_000_000;

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyedQueue(options);
}

interface Delayed {
  readonly dueMs: number;
  readonly timer: Timer;
}

/**
 * Invariants: a key of `#ready` is in `#wanted`; a key of `#inWork` is not in `#ready`; one that is in both `#inWork` and `#wanted`
 * comes back with `done`.
 */
class KeyedQueue implements WorkQueue {
  readonly #clock: Clock;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #ready: string[] = [];
  readonly #wanted = new Set<string>();
  readonly #inWork = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #isShutDown = false;

  constructor({ clock, baseDelayMs, maxDelayMs }: WorkQueueOptions) {
    this.#clock = clock;
    this.#baseDelayMs = baseDelayMs ?? DEFAULT_BASE_DELAY_MS;
    this.#maxDelayMs = maxDelayMs ?? DEFAULT_MAX_DELAY_MS;
  }

  get length(): number {
    return this.#ready.length;
  }

  add(key: string): void {
    if (this.#isShutDown || this.#wanted.has(key)) return;
    this.#wanted.add(key);
    if (!this.#inWork.has(key)) this.#offer(key);
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#isShutDown) return;
    if (delayMs <= 0) return this.add(key);
    const dueMs = this.#clock.monotonicMs() + delayMs;
    const known = this.#delayed.get(key);
    if (known !== undefined && known.dueMs <= dueMs) return;
    known?.timer.cancel();
    const timer = this.#clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueMs, timer });
  }

  addRateLimited(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delayMs = Math.min(this.#baseDelayMs * 2 ** failures, this.#maxDelayMs);
    this.addAfter(key, delayMs);
    return delayMs;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  take(): Promise<string | undefined> {
    if (this.#isShutDown) return Promise.resolve(undefined);
    const key = this.#ready.shift();
    if (key !== undefined) return Promise.resolve(this.#hand(key));
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  done(key: string): void {
    this.#inWork.delete(key);
    if (this.#wanted.has(key) && !this.#isShutDown) this.#offer(key);
  }

  shutDown(): void {
    this.#isShutDown = true;
    this.#ready.length = 0;
    this.#wanted.clear();
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #offer(key: string): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#ready.push(key);
    else taker(this.#hand(key));
  }

  #hand(key: string): string {
    this.#wanted.delete(key);
    this.#inWork.add(key);
    return key;
  }
}
