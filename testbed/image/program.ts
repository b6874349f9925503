import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { javaScriptOf, javaScriptPath } from './javascript.ts';

const repository = join(import.meta.dirname, '../..');

/** One of Sluice's own files as its image has it. */
export interface ProgramFile {
  /** Below Sluice's folder. */
  readonly path: string;
  readonly text: string;
}

/** Where the program begins, below its folder. */
export const MAIN = 'src/cli/main.js';

/** Everything that runs but libraries and the web UI. */
export function programFilesOfSluice(): readonly ProgramFile[] {
  const read = (path: string) => readFileSync(join(repository, path), 'utf8');
  return [
    ...['package.json', ...sourceFiles('config')].map((path) => ({ path, text: read(path) })),
    ...sourceFiles('src').map((path) =>
      path.endsWith('.ts')
        ? { path: javaScriptPath(path), text: javaScriptOf(read(path)) }
        : { path, text: read(path) },
    ),
  ];
}

/** Puts the program into a folder, beside the libraries of the repository, as a test runs it. Returns where it begins. */
export function writeProgram(folder: string): string {
  for (const { path, text } of programFilesOfSluice()) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, MAIN);
}

/** Everything below a folder of the repository but tests and what they read. */
function sourceFiles(folder: string): readonly string[] {
  return readdirSync(join(repository, folder), { withFileTypes: true })
    .filter(({ name }) => name !== 'testdata' && !/\.(test|case)\.ts$/.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? sourceFiles(path) : [path];
    });
}
