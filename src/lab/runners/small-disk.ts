import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, errorCode } from '../../lib/index.ts';
import { RUN_SKIPPED } from './run-skipped.ts';

/** A disk of its own for queues, so that it can be filled without harm to anything else. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes all the room that is left. */
  fill(): void;
  free(): void;
  remove(): void;
}

const BLOCK = Buffer.alloc(2 ** 20);

/** In memory, as tmpfs. Throws a CodedError RUN_SKIPPED where this user may not mount one. */
export function createSmallDisk(folder: string, bytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'sluice-lab', folder], {
    encoding: 'utf8',
  });
  if (mounted.status !== 0) {
    const why = mounted.stderr?.trim() || String(mounted.error);
    throw new CodedError(
      RUN_SKIPPED,
      `a disk cannot be filled here, which needs the rights to mount a small one: ${why}`,
    );
  }
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => fill(filler),
    free: () => rmSync(filler, { force: true }),
    remove: () => void spawnSync('umount', [folder]),
  };
}

function fill(file: string): void {
  const descriptor = openSync(file, 'a');
  try {
    for (let size = BLOCK.length; size >= 1; ) {
      try {
        writeSync(descriptor, BLOCK, 0, size);
      } catch (error) {
        if (errorCode(error) !== 'ENOSPC') throw error;
        size = Math.floor(size / 16);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}
