import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';

/** The folder an engine writes to; one engine at a time. */
export interface DataDir {
  /** Writes a file of the folder in full. */
  write(name: string, text: string): void;
  /** Lets the next engine in. */
  release(): void;
}

/** Makes and locks the folder. Throws CliError when another engine holds it or it cannot be written. */
export function openDataDir(path: string, cwd: string): DataDir {
  const folder = resolve(cwd, path);
  const lock = join(folder, 'engine.pid');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const owner = lockOwner(lock);
    if (owner !== undefined) {
      throw new CliError(
        EXIT.cannotStart,
        'SL0603',
        `the data directory ${path} is in use by another engine (pid ${owner})`,
        ['use another one:  --data DIR', `or stop it:       kill ${owner}`],
      );
    }
    writeFileSync(lock, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(
      EXIT.cannotStart,
      'SL0603',
      `cannot write to the data directory ${path}: ${(error as Error).message}`,
    );
  }
  return {
    write: (name, text) => writeFileSync(join(folder, name), text, { mode: 0o600 }),
    release: () => rmSync(lock, { force: true }),
  };
}

/** The process that holds the lock and still runs. */
function lockOwner(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    process.kill(pid, 0);
    return pid === process.pid ? undefined : pid;
  } catch {
    return undefined; // no lock, or its owner is gone
  }
}
