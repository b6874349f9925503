import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorCode, errorMessage } from '../../lib/index.ts';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { writeFileOrExplain } from '../output-file.ts';
import { identifyProcess, type ProcessIdentity, stillRuns } from '../process-identity.ts';

/** The folder an engine writes to; one engine at a time. */
export interface DataDir {
  /** Absolute. */
  readonly folder: string;
  /** Writes a file of the folder in full. */
  write(name: string, text: string): void;
  remove(name: string): void;
  /** A file of the folder; undefined when there is none. */
  read(name: string): string | undefined;
  /** Lets the next engine in. */
  release(): void;
}

/** Makes and locks the folder. Throws CliError when another engine holds it or it cannot be written. */
export function openDataDir(path: string, cwd: string): DataDir {
  const folder = resolve(cwd, path);
  const lock = join(folder, 'engine.lock');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    takeLock(lock, (pid) => locked(path, pid));
  } catch (error) {
    if (error instanceof CliError) throw error;
    const why = errorCode(error) === 'EEXIST' ? 'it is a file' : errorMessage(error);
    throw new CliError(EXIT.cannotStart, 'SL0603', `cannot write to the data directory ${path}: ${why}`, [
      'use another one:  --data DIR',
    ]);
  }
  return {
    folder,
    write: (name, text) => writeFileOrExplain(join(folder, name), text),
    remove: (name) => rmSync(join(folder, name), { force: true }),
    read: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined),
    release: () => rmSync(lock, { force: true }),
  };
}

/** Only one of two engines that start at the same time creates the file. The lock of a process that is gone is taken over. */
export function takeLock(lock: string, refusal: (pid: number) => CliError): void {
  const mine = `${JSON.stringify(identifyProcess(process.pid))}\n`;
  try {
    writeFileSync(lock, mine, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    const owner = readOwner(lock);
    if (owner !== undefined && stillRuns(owner)) throw refusal(owner.pid);
    writeFileSync(lock, mine, { mode: 0o600 });
  }
}

function locked(path: string, pid: number): CliError {
  return new CliError(
    EXIT.cannotStart,
    'SL0603',
    `the data directory ${path} is in use by another engine (pid ${pid})`,
    ['use another one:  --data DIR', `or stop it:       kill ${pid}`],
  );
}

function readOwner(lock: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined; // half-written by a process that was killed
  }
}
