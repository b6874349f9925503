import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { errorCode, errorMessage } from '../lib/index.ts';
import { CliError } from './context.ts';
import { EXIT } from './exit-code.ts';

/** Writes a file that the caller asked for, readable by its owner alone. It appears with its content in one step. */
export function writeFileOrExplain(file: string, text: string): void {
  // Under a name that nobody can foresee, and never through a link: it may hold secrets.
  const unfinished = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw explainFileError(file, error);
  }
}

/** Why a file or folder could not be written. */
export function explainFileError(file: string, error: unknown): CliError {
  const code = errorCode(error) === 'ENOSPC' ? 'SL0605' : 'SL0608';
  return new CliError(EXIT.cannotStart, code, `cannot write ${file}: ${reason(error)}`, [
    'choose a file in a folder that exists and that you may write to',
  ]);
}

function reason(error: unknown): string {
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'its folder does not exist',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    EEXIST: 'it is a file',
    ENOTDIR: 'its folder is a file',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
  };
  return words[errorCode(error) ?? ''] ?? errorMessage(error);
}
