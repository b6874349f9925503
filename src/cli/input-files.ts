import { closeSync, lstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { suggest } from '../diagnostics/index.ts';
import { errorCode } from '../lib/index.ts';
import { type CliContext, CliError } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** A source text and the name that findings call it by. */
export interface InputFile {
  readonly file: string;
  readonly text: string;
}

/** What `-f` takes, in the help of verbs that cannot do without files. */
export const FILES_HELP = 'file, folder or - for stdin; repeatable; default ./telemetry.yaml and ./telemetry/';

/** No input file is larger; a pipeline file has kilobytes, so that a mistyped path is told instead of read. */
const MAX_FILE_BYTES = 8 * 2 ** 20;
const CHUNK_BYTES = 64 * 2 ** 10;

/**
 * Reads what `-f` names: files, folders (their *.yaml and *.yml, sorted) and `-` for stdin. Without `-f`: ./telemetry.yaml and ./telemetry/.
 * Throws CliError when a path is missing, or when nothing was named and nothing is there.
 */
export async function readInputFiles(
  paths: readonly string[] | undefined,
  context: CliContext,
): Promise<readonly InputFile[]> {
  const { cwd } = context;
  const named = paths ?? ['telemetry.yaml', 'telemetry'].filter((path) => exists(join(cwd, path)));
  if (named.length === 0) {
    throw new CliError(
      EXIT.usage,
      'SL0604',
      'no file given, and neither ./telemetry.yaml nor ./telemetry/ exists here',
      ['name one:  -f FILE, -f DIR, or -f - for stdin', 'or begin:  sluice init --write'],
    );
  }
  const files: InputFile[] = [];
  // A path named twice is read once: the copy would only be reported as a second resource of the same name.
  for (const path of new Set(named)) files.push(...(path === '-' ? [await readStdin(context)] : readPath(path, cwd)));
  return files;
}

/** Waits without blocking, so that Ctrl-C ends it. */
async function readStdin({ interrupt, progress }: CliContext): Promise<InputFile> {
  if (process.stdin.isTTY) progress.write('reading from the terminal; Ctrl-D ends the input\n');
  interrupt.addEventListener('abort', () => process.stdin.destroy(), { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of process.stdin) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > MAX_FILE_BYTES) throw tooLarge('<stdin>', `more than ${MAX_FILE_BYTES}`);
    }
  } catch (error) {
    if (interrupt.aborted) throw new CliError(interrupt.reason as ExitCode, 'SL0604', 'stopped while reading stdin');
    throw error;
  }
  return { file: '<stdin>', text: Buffer.concat(chunks).toString('utf8') };
}

function tooLarge(file: string, size: string): CliError {
  return new CliError(
    EXIT.usage,
    'SL0604',
    `${file} has ${size} bytes; a pipeline file has at most ${MAX_FILE_BYTES}`,
    ['check that the path is the one you meant, or split the file'],
  );
}

function readPath(path: string, cwd: string): readonly InputFile[] {
  const files = listInputFiles(path, cwd);
  if (files.length === 0) throw new CliError(EXIT.usage, 'SL0604', `no *.yaml file in ${path}`);
  return files.map((file) => readInputFile(file, cwd));
}

/**
 * The files that a path stands for, as absolute paths: itself, or the *.yaml and *.yml of a folder, sorted. Hidden ones are no
 * input: editors keep locks and copies under such names. Throws CliError when there is no such path.
 */
export function listInputFiles(path: string, cwd: string): readonly string[] {
  const absolute = resolve(cwd, path);
  try {
    if (!statSync(absolute).isDirectory()) return [absolute];
    return readdirSync(absolute)
      .filter((name) => /^[^.].*\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(absolute, name))
      .filter(isThere);
  } catch (error) {
    throw unreadable(path, error, nearby(absolute, cwd));
  }
}

/** False for a folder or a pipe, and for what went since the names were read; a link that leads nowhere is there. */
function isThere(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? lstatSync(file, { throwIfNoEntry: false }) !== undefined : found.isFile();
}

/** Throws CliError. */
export function readInputFile(absolute: string, cwd: string): InputFile {
  const file = shownPath(absolute, cwd);
  try {
    const { size } = statSync(absolute);
    if (size > MAX_FILE_BYTES) throw tooLarge(file, String(size));
    return { file, text: readBounded(absolute, file) };
  } catch (error) {
    throw error instanceof CliError ? error : unreadable(file, error, nearby(absolute, cwd));
  }
}

/** A pipe or device has no size to look at first. */
function readBounded(absolute: string, shown: string): string {
  const chunks: Buffer[] = [];
  let size = 0;
  const descriptor = openSync(absolute, 'r');
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const length = readSync(descriptor, chunk);
      if (length === 0) return Buffer.concat(chunks).toString('utf8');
      chunks.push(chunk.subarray(0, length));
      size += length;
      if (size > MAX_FILE_BYTES) throw tooLarge(shown, `more than ${MAX_FILE_BYTES}`);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The name that findings call a file by. */
export function shownPath(absolute: string, cwd: string): string {
  const shown = relative(cwd, absolute);
  return shown.startsWith('..') ? absolute : shown;
}

function unreadable(path: string, error: unknown, hints: readonly string[]): CliError {
  const why = { ENOENT: 'no such file', EACCES: 'permission denied for' }[errorCode(error) ?? ''] ?? 'cannot read';
  return new CliError(EXIT.usage, 'SL0604', `${why} ${path}`, hints);
}

/** A name in the same folder that the missing one may stand for. */
function nearby(absolute: string, cwd: string): readonly string[] {
  try {
    const near = suggest(basename(absolute), readdirSync(dirname(absolute)));
    return near === undefined ? [] : [`did you mean:  ${relative(cwd, join(dirname(absolute), near))}`];
  } catch {
    return []; // the folder is not there either
  }
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}
