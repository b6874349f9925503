import { type Clock, systemClock } from '../../src/lib/index.ts';

/** A clock that runs on by itself, faster than the world. */
export interface FastClock extends Clock {
  /** Sets the wall clock forward; timers and durations do not notice. */
  leap(ms: number): void;
}

/** A second of the world is `factor` seconds of this clock. */
export function createFastClock(factor: number): FastClock {
  const startMs = systemClock.nowMs();
  let leaptMs = 0;
  return {
    nowMs: () => startMs + (systemClock.nowMs() - startMs) * factor + leaptMs,
    monotonicMs: () => systemClock.monotonicMs() * factor,
    after: (delayMs, run) => systemClock.after(delayMs / factor, run),
    leap(ms) {
      leaptMs += ms;
    },
  };
}
