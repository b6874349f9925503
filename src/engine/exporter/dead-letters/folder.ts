/**
 * A directory of dead letters, as it is read: `<number>.letters` in order of writing, and beside it `<number>.taken`, a line
 * with the nonce of each letter that was taken out since. The writer only appends to the file with the highest number and
 * removes the oldest ones; whoever takes letters out never touches the file that may be written to.
 */
import { appendFile, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../../lib/index.ts';
import { type DamagedPart, type DeadLetter, isLetter, readLetters } from './letter.ts';

const FILE_NAME = /^(\d{1,15})\.letters$/;

/** A file of dead letters. */
export interface LetterFile {
  readonly number: number;
  readonly path: string;
  readonly sizeBytes: number;
}

/** What is left in a file. */
export interface LettersLeft {
  readonly letters: readonly DeadLetter[];
  readonly damaged: readonly DamagedPart[];
  /** How many were taken out. */
  readonly taken: number;
}

/** Where the file of a number is. */
export function letterFilePath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(12, '0')}.letters`);
}

/** Oldest first; none where there is no directory. Rejects where it cannot be read. */
export async function listLetterFiles(directory: string): Promise<LetterFile[]> {
  const files: LetterFile[] = [];
  for (const name of await namesIn(directory)) {
    const number = FILE_NAME.exec(name)?.[1];
    if (number === undefined) continue;
    const path = join(directory, name);
    const sizeBytes = await sizeOf(path);
    if (sizeBytes !== undefined) files.push({ number: Number(number), path, sizeBytes });
  }
  return files.sort((a, b) => a.number - b.number);
}

/** What was not taken out of a file; nothing when the file is gone. */
export async function readLettersLeft(path: string): Promise<LettersLeft> {
  const file = await contentOf(path);
  const nonces = readTaken(((await contentOf(takenPath(path))) ?? Buffer.alloc(0)).toString('latin1'));
  const letters: DeadLetter[] = [];
  const damaged: DamagedPart[] = [];
  let taken = 0;
  for (const part of file === undefined ? [] : readLetters(file)) {
    if (!isLetter(part)) damaged.push(part);
    else if (nonces.has(part.nonce)) taken++;
    else letters.push(part);
  }
  return { letters, damaged, taken };
}

/** Takes letters out: they are not read again. */
export async function takeOut(path: string, letters: readonly Pick<DeadLetter, 'nonce'>[]): Promise<void> {
  await appendFile(takenPath(path), letters.map(({ nonce }) => `${nonce}\n`).join(''), { mode: 0o600 });
}

/** Removes a file that nobody writes to any more. What was taken out is forgotten first: a later file may get the number. */
export async function removeLetterFile(path: string): Promise<void> {
  await forgetTaken(path);
  await rm(path, { force: true });
}

/** Nothing was taken out of a file that begins. */
export async function forgetTaken(path: string): Promise<void> {
  await rm(takenPath(path), { force: true });
}

function takenPath(path: string): string {
  return path.replace(/\.letters$/, '.taken');
}

/** A line without its end was cut off while it was written, before its letter was taken out. */
function readTaken(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').slice(0, -1));
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
