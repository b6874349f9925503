import type { Clock } from '../lib/index.ts';

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

export function createWorkQueue(_options: WorkQueueOptions): WorkQueue {
  throw new Error('comes in one of the next commits');
}
