import type { OrphanGuard } from './orphan-guard.ts';
import type { RunningProcess } from './process.ts';
import { waitFor } from './wait-for.ts';

export interface Restartable {
  /** Ends it: with SIGTERM and the time to close connections, or at once. */
  stop(options?: { readonly signal?: 'SIGTERM' | 'SIGKILL' }): Promise<void>;
  /** Resolves once it is ready. */
  start(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
/** What was started for a test may lose what it has: no more patience than a clean end usually takes. */
export const STOP_GRACE_MS = 3_000;

export interface Started {
  readonly running: RunningProcess;
  /** Default: ready when it runs. */
  isReady?(): Promise<boolean>;
}

/** One process that tests stop and start; the guard kills what is running when they die. */
export function createRestartable(guard: OrphanGuard, launch: () => Promise<Started>): Restartable {
  let running: RunningProcess | undefined;
  return {
    async start() {
      if (running !== undefined) return;
      const started = await launch();
      running = started.running;
      guard.watch(running.pid);
      const { isReady } = started;
      if (isReady !== undefined) await waitUntilReady(running, isReady);
    },
    async stop({ signal = 'SIGTERM' } = {}) {
      if (running === undefined) return;
      const stopping = running;
      running = undefined;
      await stopping.stop({ graceMs: signal === 'SIGKILL' ? 0 : STOP_GRACE_MS });
      guard.forget(stopping.pid);
    },
  };
}

async function waitUntilReady(running: RunningProcess, isReady: () => Promise<boolean>): Promise<void> {
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  try {
    const options = { timeoutMs: START_TIMEOUT_MS, pollMs: 50 };
    await waitFor('the program is ready', async () => ended || (await isReady()), options);
    if (ended) throw new Error('it ended before it was ready');
  } catch (error) {
    throw new Error(`${(error as Error).message}; its output ends with:\n${running.stderr().slice(-4_000)}`);
  }
}
