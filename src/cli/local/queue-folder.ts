import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, errorCode, errorMessage, sleep } from '../../lib/index.ts';
import type { Topology } from '../../topology/index.ts';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { takeLock } from './data-dir.ts';

/** Where an engine keeps queues on disk and dead letters. It is this one's alone from the first queue on. */
export interface QueueFolder {
  /** Absolute; queues are in `queues` below it. */
  readonly folder: string;
  /** To be called before anything runs with queues there. Throws CliError when another engine has it or it cannot be written. */
  claim(topology: Topology): void;
  /** Lets the next engine in. */
  release(): void;
}

/** `isOurs`: the folder is locked already, and stays so. */
export function openQueueFolder(folder: string, { isOurs }: { readonly isOurs: boolean }): QueueFolder {
  const lock = join(folder, 'queues', 'engine.lock');
  let holds = false;
  return {
    folder,
    claim({ workloads }) {
      if (isOurs || holds || workloads.every(({ storage }) => storage === undefined)) return;
      try {
        mkdirSync(join(folder, 'queues'), { recursive: true, mode: 0o700 });
        takeLock(lock, (pid) => inUse(folder, pid));
      } catch (error) {
        if (error instanceof CliError) throw error;
        throw new CliError(EXIT.cannotStart, 'SL0603', `cannot keep queues in ${folder}: ${errorMessage(error)}`, [
          'keep them elsewhere:  --data DIR',
        ]);
      }
      holds = true;
    },
    release() {
      if (holds) rmSync(lock, { force: true });
      holds = false;
    },
  };
}

/** How long processes of an engine that was killed may take to end. */
const END_MS = 10_000;
const LOOK_AGAIN_MS = 200;

/** Processes of an engine that was killed end a moment after it, and have their queues until then. */
export async function onceFree<T>(start: () => Promise<T>, clock: Clock): Promise<T> {
  const deadlineMs = clock.monotonicMs() + END_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (errorCode(error) !== 'SL0603' || clock.monotonicMs() >= deadlineMs) throw error;
      await sleep(clock, LOOK_AGAIN_MS);
    }
  }
}

function inUse(folder: string, pid: number): CliError {
  return new CliError(
    EXIT.cannotStart,
    'SL0603',
    `the queues on disk in ${folder} are in use by another engine (pid ${pid})`,
    ['keep others elsewhere:  --data DIR', `or stop it:             sluice down --pid ${pid}`],
  );
}
