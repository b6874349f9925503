import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../lib/index.ts';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { identifyProcess, type ProcessIdentity, stillRuns } from '../process-identity.ts';

/** Two that send the letters of one folder again would send them twice. Returns what lets the next one in. */
export function lockForReplay(folder: string): () => void {
  const lock = join(folder, 'replay.lock');
  const mine = `${JSON.stringify(identifyProcess(process.pid))}\n`;
  try {
    writeFileSync(lock, mine, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const owner = errorCode(error) === 'EEXIST' ? ownerOf(lock) : undefined;
    if (errorCode(error) !== 'EEXIST') throw cannotLock(folder, error);
    if (owner !== undefined && stillRuns(owner))
      throw new CliError(
        EXIT.cannotStart,
        'SL0603',
        `pid ${owner.pid} sends the dead letters of ${folder} again already`,
      );
    writeFileSync(lock, mine, { mode: 0o600 });
  }
  return () => rmSync(lock, { force: true });
}

function cannotLock(folder: string, error: unknown): CliError {
  const why = error instanceof Error ? error.message : String(error);
  return new CliError(EXIT.cannotStart, 'SL0603', `cannot write to ${folder}: ${why}`, [
    'what was sent is taken out of the folder, so it must be yours to write',
    'look only:  add --dry-run',
  ]);
}

function ownerOf(lock: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined; // half-written by a process that was killed
  }
}
