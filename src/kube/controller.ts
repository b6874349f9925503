import { errorMessage } from '../lib/index.ts';
import { isConflict } from './api-error.ts';
import type { KubeLog } from './log.ts';
import type { WorkQueue } from './work-queue.ts';

export interface ControllerOptions {
  /** In the log: `pipelines`. */
  readonly name: string;
  readonly queue: WorkQueue;
  /** Brings the world to what the key's object wants. Idempotent. What it throws is logged and tried again with backoff. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a reconcile that wants nothing more returns nothing
  reconcile(key: string): Promise<void | { readonly requeueAfterMs: number }>;
  /** Keys worked on at once; default 1. */
  readonly workers?: number;
  readonly log: KubeLog;
}

export interface Controller {
  /** Shuts the queue down and waits for what is in work. */
  stop(): Promise<void>;
}

/** Starts the workers. */
export function runController(options: ControllerOptions): Controller {
  const { queue, workers = 1 } = options;
  const running = Array.from({ length: workers }, () => work(options));
  return {
    async stop() {
      queue.shutDown();
      await Promise.all(running);
    },
  };
}

async function work(options: ControllerOptions): Promise<void> {
  const { queue } = options;
  for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
    await workOn(key, options);
    queue.done(key);
  }
}

/** Never rejects: what goes wrong with one key is that key's alone. */
async function workOn(key: string, { name, queue, reconcile, log }: ControllerOptions): Promise<void> {
  try {
    const result = await reconcile(key);
    queue.forget(key);
    if (result !== undefined) queue.addAfter(key, result.requeueAfterMs);
  } catch (error) {
    const fields = { controller: name, key, error: errorMessage(error), retryInMs: queue.addRateLimited(key) };
    // Two writers who meet are no failure: the next try reads what the other wrote.
    if (isConflict(error)) log.info('another writer was faster', fields);
    else log.error('reconcile failed', fields);
  }
}
