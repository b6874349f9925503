import type { Clock, Timer } from '../../src/lib/index.ts';

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves on, running every timer at its own time, in order, and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  readonly pendingTimers: number;
}

export function createFakeClock(startMs = 1_700_000_000_000): FakeClock {
  let nowMs = 0;
  let order = 0;
  const pending = new Set<Pending>();
  const nextDue = (untilMs: number): Pending | undefined =>
    [...pending].filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
  return {
    nowMs: () => startMs + nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, run): Timer {
      const timer = { atMs: nowMs + Math.max(0, delayMs), order: order++, run };
      pending.add(timer);
      return { cancel: () => pending.delete(timer) };
    },
    get pendingTimers() {
      return pending.size;
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        nowMs = timer.atMs;
        pending.delete(timer);
        timer.run();
        await settle();
      }
      nowMs = untilMs;
      await settle();
    },
  };
}

/** Lets everything happen that waits for no timer and no device. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
