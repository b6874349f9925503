import { sleep } from '../lib/index.ts';
import type { CliContext } from './context.ts';

/** Resolves at the first Ctrl-C or SIGTERM, or after `endAfterMs` when that is given. */
export async function waitForEnd(context: CliContext, endAfterMs: number | undefined): Promise<void> {
  const { interrupt, clock } = context;
  if (interrupt.aborted) return;
  // The timer of sleep() does not hold the process; the engine's listeners do.
  if (endAfterMs !== undefined) return sleep(clock, endAfterMs, interrupt).catch(() => {});
  await new Promise<void>((resolve) => interrupt.addEventListener('abort', () => resolve(), { once: true }));
}
