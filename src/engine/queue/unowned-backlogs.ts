import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { UnownedBacklog } from '../../flow/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import type { QueueFiles } from './disk/files.ts';
import { isDirectoryHeld } from './disk/lock.ts';
import { recover } from './disk/recovery.ts';
import type { QueueStorage } from './queue-storage.ts';

/**
 * Queues with something in them that lie beside those of the configuration and that no process has. Looks only: another
 * process may be about to open one.
 */
export async function findUnownedBacklogs(
  storages: Iterable<QueueStorage>,
  { used, files }: { readonly used: ReadonlySet<string>; readonly files: QueueFiles },
): Promise<UnownedBacklog[]> {
  const roots = new Set<string>();
  for (const { directory, shared } of storages)
    if (directory !== undefined) roots.add(shared ? directory : dirname(directory));
  const found: UnownedBacklog[] = [];
  for (const root of roots) {
    for (const folder of await foldersIn(root)) {
      for (const signal of SIGNALS) {
        const directory = join(folder, signal);
        if (used.has(directory)) continue;
        const bytes = await bytesLeft(directory, files);
        if (bytes > 0) found.push({ directory, bytes });
      }
    }
  }
  return found;
}

async function foldersIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(root, name));
}

/** What is not settled, in bytes on the wire; 0 where nothing is, or a process has it, or it cannot be read. */
async function bytesLeft(directory: string, files: QueueFiles): Promise<number> {
  try {
    if (await isDirectoryHeld(directory)) return 0;
    const { segments } = await recover(directory, withoutWriting(files), () => {});
    let bytes = 0;
    for (const { table } of segments) {
      for (let row = 0; row < table.count; row++) if (table.state(row) !== 'ended') bytes += table.sizes[row]!;
    }
    return bytes;
  } catch {
    return 0;
  }
}

/** Recovery leaves an index behind where it may. */
function withoutWriting(files: QueueFiles): QueueFiles {
  return { ...files, create: () => Promise.reject(new Error('nothing is written here')), remove: async () => {} };
}
