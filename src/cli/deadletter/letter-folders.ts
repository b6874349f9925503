import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listLetterFiles } from '../../engine/index.ts';
import { errorMessage } from '../../lib/index.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { stateDir } from '../state-dir.ts';

/** How far below the folder that was given dead letters may be: `<state>/dead-letters/<project>/<exporter>`. */
const DEPTH = 3;

/** Where `sluice up` keeps what backends reject for good. */
export function defaultLetterRoot(env: CliContext['env']): string {
  return join(stateDir(env), 'dead-letters');
}

/** The folder to look in, and those in and below it that hold dead letters, by name. */
export async function findLetterFolders(
  flags: Record<string, unknown>,
  context: CliContext,
): Promise<{ readonly root: string; readonly folders: readonly string[] }> {
  const given = flags['directory'];
  if (given === undefined) {
    const root = defaultLetterRoot(context.env);
    return { root, folders: await lettersBelow(root, DEPTH) };
  }
  const root = resolve(context.cwd, String(given));
  if (!existsSync(root)) throw notReadable(root, 'there is no such folder');
  return { root, folders: await lettersBelow(root, DEPTH) };
}

async function lettersBelow(folder: string, depth: number): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const found: string[] = [];
  try {
    if ((await listLetterFiles(folder)).length > 0) found.push(folder);
    if (depth === 0) return found;
    const entries = readdirSync(folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    for (const name of names.sort()) found.push(...(await lettersBelow(join(folder, name), depth - 1)));
  } catch (error) {
    throw notReadable(folder, errorMessage(error));
  }
  return found;
}

function notReadable(folder: string, why: string): CliError {
  return new CliError(EXIT.usage, 'SL0903', `--directory: cannot read ${folder}: ${why}`, [
    'it is the folder of `dead_letters.directory`, or one above it',
  ]);
}

/** The pipeline that an exporter of ours belongs to, as `sluice status` names it; otherwise the exporter itself. */
export function pipelineOf(exporter: string): string {
  const [, kind, name] = /\/((?:trace|metric|log)pipeline)-(.+)$/.exec(exporter) ?? [];
  return kind === undefined ? exporter : `${kind}/${name}`;
}

/** Whether a pipeline is the one that was asked for: `checkout`, `tracepipeline/checkout`, `tp/checkout`, or its exporter. */
export function isMeant(wanted: string | undefined, exporter: string): boolean {
  if (wanted === undefined || wanted === exporter) return true;
  const [, letter, name = wanted] = /^([tml])[a-z]*?p(?:ipelines?)?\/(.+)$/i.exec(wanted) ?? [];
  const [kind, own] = pipelineOf(exporter).split('/');
  return own === name && (letter === undefined || kind!.startsWith(letter.toLowerCase()));
}
