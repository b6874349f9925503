import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorMessage } from '../../lib/index.ts';
import type { CliContext } from '../context.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Folder of the built UI. */
export const UI_DIR = join(ROOT, 'dist/ui');

/**
 * In a clone the UI is built when its sources changed; a package brings it along. A build that fails costs the UI alone:
 * data is received and delivered all the same.
 */
export async function ensureBuiltUi({ stderr }: CliContext): Promise<void> {
  const script = join(ROOT, 'scripts/ensure.mjs');
  if (!existsSync(script) || !existsSync(join(ROOT, 'ui'))) return;
  try {
    const { ensureUi } = (await import(pathToFileURL(script).href)) as { ensureUi(): void };
    ensureUi();
  } catch (error) {
    const [firstLine] = errorMessage(error).split('\n');
    stderr.write(`! the web UI could not be built: ${firstLine}\n    run:  npm run build:ui\n`);
  }
}
