import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { type CliContext, CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { ROOT } from './experiments.ts';

/** The Collector's program, or why there is none. */
export type FoundOtelcol = { readonly path: string } | { readonly missing: string };

/** What `--otelcol` names, else the one that the tests of this repository build, else `otelcol` of the PATH. */
export function findOtelcol(flag: unknown, context: CliContext): FoundOtelcol {
  if (flag !== undefined) {
    const path = resolve(context.cwd, String(flag));
    if (isProgram(path)) return { path };
    throw new CliError(EXIT.usage, 'SL0903', `--otelcol takes the path of a program, got \`${String(flag)}\``);
  }
  const built = builtHere();
  if (built !== undefined) return { path: built };
  const folders = (context.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = folders.map((folder) => join(folder, 'otelcol')).find(isProgram);
  return found === undefined ? { missing: 'there is no Collector (otelcol) on this machine' } : { path: found };
}

/** Asked of a process, as what ships does not hold the testbed. */
function builtHere(): string | undefined {
  const testbed = join(ROOT, 'testbed/main.ts');
  if (!existsSync(testbed)) return undefined;
  const { status, stdout } = spawnSync(process.execPath, [testbed, 'path', 'otelcol'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
