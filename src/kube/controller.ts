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
export function runController(_options: ControllerOptions): Controller {
  throw new Error('comes in one of the next commits');
}
