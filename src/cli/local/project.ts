import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { sha256 } from '../../lib/index.ts';
import { DEFAULT_PATHS } from './input-sources.ts';

/**
 * What tells the queues of one project from those of another: the path of its file or folder of files, or the folder that it
 * is run in where there is none. Begins with a name for people.
 */
export function projectOf(files: readonly string[] | undefined, cwd: string): string {
  const named = files ?? DEFAULT_PATHS;
  // What can be read once, such as standard input, has no path of its own.
  const path = named.map((file) => resolve(cwd, file)).find(isLasting) ?? cwd;
  const hash = Array.from(sha256(path).subarray(0, HASH_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${basename(path)
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, NAME_CHARS)}-${hash}`;
}

const HASH_BYTES = 8;
const NAME_CHARS = 40;

function isLasting(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.isFile() || found.isDirectory());
}
