import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { errorCode } from '../lib/index.ts';
import { CliError } from './context.ts';
import { EXIT } from './exit-code.ts';

/** A source text and the name that findings call it by. */
export interface InputFile {
  readonly file: string;
  readonly text: string;
}

/** No input file is larger; a pipeline file has kilobytes, so that a mistyped path is told instead of read. */
const MAX_FILE_BYTES = 8 * 2 ** 20;

/**
 * Reads what `-f` names: files, folders (their *.yaml and *.yml, sorted) and `-` for stdin. Without `-f`: ./telemetry.yaml and ./telemetry/.
 * Throws CliError when a path is missing, or when nothing was named and nothing is there.
 */
export function readInputFiles(paths: readonly string[] | undefined, cwd: string): readonly InputFile[] {
  const named = paths ?? ['telemetry.yaml', 'telemetry'].filter((path) => exists(join(cwd, path)));
  if (named.length === 0) {
    throw new CliError(
      EXIT.usage,
      'SL0604',
      'no file given, and neither ./telemetry.yaml nor ./telemetry/ exists here',
      ['name one:  -f FILE, -f DIR, or -f - for stdin'],
    );
  }
  return named.flatMap((path) =>
    path === '-' ? [{ file: '<stdin>', text: readFileSync(0, 'utf8') }] : readPath(path, cwd),
  );
}

function readPath(path: string, cwd: string): readonly InputFile[] {
  const absolute = resolve(cwd, path);
  try {
    if (!statSync(absolute).isDirectory()) return [readOne(absolute, cwd)];
    const names = readdirSync(absolute)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
    if (names.length === 0) throw new CliError(EXIT.usage, 'SL0604', `no *.yaml file in ${path}`);
    return names.map((name) => readOne(join(absolute, name), cwd));
  } catch (error) {
    if (error instanceof CliError) throw error;
    const why = { ENOENT: 'no such file', EACCES: 'permission denied for' }[errorCode(error) ?? ''] ?? 'cannot read';
    throw new CliError(EXIT.usage, 'SL0604', `${why} ${path}`);
  }
}

function readOne(absolute: string, cwd: string): InputFile {
  const { size } = statSync(absolute);
  const shown = relative(cwd, absolute);
  const file = shown.startsWith('..') ? absolute : shown;
  if (size > MAX_FILE_BYTES) {
    throw new CliError(
      EXIT.usage,
      'SL0604',
      `${file} has ${size} bytes; a pipeline file has at most ${MAX_FILE_BYTES}`,
    );
  }
  return { file, text: readFileSync(absolute, 'utf8') };
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}
