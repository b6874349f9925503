import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { nodeFiles, openDiskQueue } from '../../engine/index.ts';
import { type Clock, formatByteSize } from '../../lib/index.ts';
import { type ComponentId, componentType } from '../../otelcol/index.ts';
import { ITEM_NOUN, SIGNALS, type Signal } from '../../pdata/index.ts';
import { type MachineFolder, machineState, type RenderedConfig } from '../../render/index.ts';

/** A queue on disk that nothing empties: its pipeline was renamed, deleted, or sends otherwise now. */
export interface LeftQueue {
  readonly folder: string;
  readonly signal: Signal;
  readonly itemCount: number;
  readonly diskBytes: number;
}

/**
 * What is left in the queues of a folder that no configuration names, those included that were there before folders had
 * projects; what is empty or cannot be read is not told.
 */
export async function leftQueues(
  { folder, project }: MachineFolder,
  rendered: readonly RenderedConfig[],
  clock: Clock,
): Promise<readonly LeftQueue[]> {
  const used = new Set(rendered.flatMap(queueDirectories));
  const places = project === undefined ? [{ folder }] : [{ folder, project }, { folder }];
  const roots = places.flatMap((place) =>
    (['gateway', 'entry'] as const).map((role) => machineState(place, { role }).queues),
  );
  const found = await Promise.all(roots.map(foldersIn));
  const left = found.flat().filter((path) => !used.has(path) && !roots.includes(path));
  const queues = await Promise.all(left.flatMap((path) => SIGNALS.map((signal) => countLeft(path, signal, clock))));
  return queues.flatMap((queue) => queue ?? []);
}

/** Where the queues of a configuration are. */
function queueDirectories({ config }: RenderedConfig): readonly string[] {
  const extensions = Object.entries(config.extensions) as [ComponentId, { readonly directory?: string } | null][];
  return extensions.flatMap(([id, settings]) =>
    componentType(id) === 'sluice_queue' && settings?.directory !== undefined ? [settings.directory] : [],
  );
}

async function foldersIn(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []); // nothing was ever kept there
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(root, name));
}

async function countLeft(path: string, signal: Signal, clock: Clock): Promise<LeftQueue | undefined> {
  if (!(await foldersIn(path)).includes(join(path, signal))) return undefined;
  const settings = {
    directory: join(path, signal),
    maxBytes: Number.MAX_SAFE_INTEGER,
    onFull: 'block',
    fsync: false,
  } as const;
  const events = { onLoss() {}, onUnreadable() {}, onDisk() {}, onReadable() {} };
  const opened = await openDiskQueue(settings, { clock, events, files: nodeFiles });
  if (opened.status !== 'open') return undefined;
  const { items, diskBytes } = opened.queue.stats;
  await opened.queue.close();
  return items[signal] === 0 ? undefined : { folder: path, signal, itemCount: items[signal], diskBytes };
}

/** Two lines for each: what is there, and how to have it sent. */
export function leftQueuesText(left: readonly LeftQueue[]): string {
  return left
    .map(({ folder, signal, itemCount, diskBytes }) => {
      const name = basename(folder);
      const what = `${itemCount} ${ITEM_NOUN[signal].people} (${formatByteSize(diskBytes)}) of ${name}`;
      const how = isHop(name) ? 'start once with --topology per-pipeline' : 'run the pipeline as it was';
      return `! ${what} wait on disk, and no pipeline sends them (SL0615)\n    ${how}, or give them up:  rm -r ${folder}\n`;
    })
    .join('');
}

/** From the entry to a dispatcher, which only that topology has. */
function isHop(name: string): boolean {
  return name.startsWith('hop-');
}
