import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename } from 'node:path';
import type { Clock, Timer } from '../../lib/index.ts';
import type { WatchedFolder } from './input-sources.ts';

/** Long enough for an editor to write a file in several steps, short enough to go unnoticed. */
const SETTLE_MS = 20;
/** Where the system cannot watch a folder, it is looked at this often. */
const POLL_MS = 1000;
/** In a folder that Kubernetes mounts, files are links through this one, which is what changes. */
const MOUNTED = '..data';

export interface FileWatch {
  /** Takes up folders that came or are others under their old name, lets go of those that went. */
  update(folders: readonly WatchedFolder[]): void;
  close(): void;
}

/**
 * Calls `changed` shortly after something happened to one of the files. Folders are watched instead of files: an editor that
 * saves by renaming puts another file in the place of the one that would be watched. Whether a text is another one is for
 * `changed` to find out.
 */
export function watchFiles(
  folders: readonly WatchedFolder[],
  { clock, changed }: { readonly clock: Clock; readonly changed: () => void },
): FileWatch {
  const watchers = new Map<string, { readonly watcher: FSWatcher; readonly identity: string }>();
  let wanted = new Map<string, ReadonlySet<string> | undefined>();
  let settling: Timer | undefined;
  let poll: NodeJS.Timeout | undefined;

  const touched = () => {
    settling?.cancel();
    settling = clock.after(SETTLE_MS, changed);
  };
  const concerns = (folder: string, name: string | null) => {
    const names = wanted.get(folder);
    if (name === null || name === MOUNTED) return true;
    return names === undefined ? /\.ya?ml$/.test(name) : names.has(name);
  };
  const open = (folder: string) => {
    try {
      const identity = identityOf(folder);
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        // Its own name stands for the folder: it was moved or removed, and the watch is of no more use.
        if (name === basename(folder)) close(folder);
        else if (!concerns(folder, name)) return;
        touched();
      });
      watcher.on('error', () => close(folder)); // the folder is gone; a later update looks again
      watchers.set(folder, { watcher, identity });
    } catch {
      // No such folder, or the system has no watch left: looking now and then replaces it.
    }
  };
  const close = (folder: string) => {
    watchers.get(folder)?.watcher.close();
    watchers.delete(folder);
  };

  const update = (next: readonly WatchedFolder[]) => {
    wanted = byFolder(next);
    for (const [folder, { identity }] of watchers) {
      if (!wanted.has(folder) || identityOf(folder) !== identity) close(folder);
    }
    for (const folder of wanted.keys()) if (!watchers.has(folder)) open(folder);
    const isBlind = watchers.size < wanted.size;
    if (isBlind) poll ??= setInterval(changed, POLL_MS).unref();
    else {
      clearInterval(poll);
      poll = undefined;
    }
  };
  update(folders);
  return {
    update,
    close() {
      settling?.cancel();
      clearInterval(poll);
      for (const folder of [...watchers.keys()]) close(folder);
    },
  };
}

/** Tells a folder from another that took its name; a watch stays with the first. */
function identityOf(folder: string): string {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.dev} ${found.ino} ${found.birthtimeMs}`;
}

/** Names of one folder together; a folder that is wanted as a whole stays so. */
function byFolder(folders: readonly WatchedFolder[]): Map<string, ReadonlySet<string> | undefined> {
  const wanted = new Map<string, ReadonlySet<string> | undefined>();
  for (const { folder, names } of folders) {
    const others = wanted.get(folder);
    const whole = names === undefined || (wanted.has(folder) && others === undefined);
    wanted.set(folder, whole ? undefined : new Set([...(others ?? []), ...names]));
  }
  return wanted;
}
