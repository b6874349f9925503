/** A pending timer. Cancelling a timer that has fired or was cancelled does nothing. */
export interface Timer {
  cancel(): void;
}

/** Every wait and every time stamp of the engine goes through a Clock, so that tests can own time. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Monotonic milliseconds from an arbitrary origin; for durations only. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`. The timer alone does not keep the process alive. */
  after(delayMs: number, run: () => void): Timer;
}

/** What `setTimeout` can wait, 24.8 days; anything longer it takes for a millisecond. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    let handle: { unref?(): void } | undefined;
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_TIMEOUT_MS);
      handle = setTimeout(stepMs < leftMs ? () => wait(leftMs - stepMs) : run, stepMs) as unknown as { unref?(): void };
      handle.unref?.();
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle as never) };
  },
};

/** Resolves after `delayMs`, or rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Whether it ends before so many milliseconds have passed. Rejects as `work` does in that time; afterwards nobody hears of it. */
export async function endsWithin(work: Promise<unknown>, ms: number, clock: Pick<Clock, 'after'>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = clock.after(ms, () => resolve(false));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.cancel();
  }
}
