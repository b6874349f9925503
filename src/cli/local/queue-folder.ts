import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, errorCode, errorMessage, sleep } from '../../lib/index.ts';
import { type MachineFolder, machineState, queueFolderName } from '../../render/index.ts';
import { diskQueues, type Topology } from '../../topology/index.ts';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { takeLock } from './data-dir.ts';

/** Where an engine keeps queues on disk and dead letters; `folder` is absolute. They are its alone from the first queue on. */
export interface QueueFolder extends MachineFolder {
  /** To be called before anything runs with queues there. Throws CliError when another engine has them or they cannot be written. */
  claim(topology: Topology): void;
  /** Lets the next engine in. */
  release(): void;
}

/** One that is locked already, and stays so. */
export function ownQueueFolder(folder: string): QueueFolder {
  return { folder, claim() {}, release() {} };
}

/** The part of a folder that is a project's. */
export function sharedQueueFolder(folder: string, project: string): QueueFolder {
  const own = machineState({ folder, project }, { role: 'gateway' }).queues;
  const lock = join(own, LOCK);
  let holds = false;
  return {
    folder,
    project,
    claim(topology) {
      if (holds || topology.workloads.every(({ storage }) => storage === undefined)) return;
      try {
        mkdirSync(own, { recursive: true, mode: 0o700 });
        takeLock(lock, (pid) => inUse(own, pid));
        holds = true;
        adoptQueues({ folder, project }, topology);
      } catch (error) {
        if (error instanceof CliError) throw error;
        throw new CliError(EXIT.cannotStart, 'SL0603', `cannot keep queues in ${folder}: ${errorMessage(error)}`, [
          'keep them elsewhere:  --data DIR',
        ]);
      }
    },
    release() {
      if (holds) rmSync(lock, { force: true });
      holds = false;
    },
  };
}

const LOCK = 'engine.lock';

/** Takes over what was kept for pipelines of these names before folders had projects: the first project that asks has it. */
function adoptQueues(place: Required<MachineFolder>, topology: Topology): void {
  const { folder } = place;
  const moves = foldersOf(place, topology)
    .map((to, i) => ({ from: foldersOf({ folder }, topology)[i]!, to }))
    .filter(({ from, to }) => existsSync(from) && !existsSync(to));
  if (moves.length === 0) return;
  const lock = join(machineState({ folder }, { role: 'gateway' }).queues, LOCK);
  takeLock(lock, (pid) => inUse(folder, pid));
  try {
    for (const { from, to } of moves) {
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
      renameSync(from, to);
    }
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Of the queues of a topology, and of their dead letters, in a fixed order. */
function foldersOf(place: MachineFolder, topology: Topology): readonly string[] {
  const roles = new Map(topology.workloads.map(({ name, role }) => [name, role]));
  return diskQueues(topology).flatMap(({ workload, identity }) => {
    const role = roles.get(workload) ?? 'gateway';
    const { queues, deadLetters } = machineState(place, { role });
    const name = queueFolderName(role === 'entry' ? `hop-${identity}` : identity.replace('/', '-'));
    return [join(queues, name), join(deadLetters, name)];
  });
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
