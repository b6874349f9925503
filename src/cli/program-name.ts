import { isAbsolute, relative } from 'node:path';

/** How people call the program: bin/sluice passes what was typed on as SLUICE_PROGRAM; a path below the folder is shortened. */
export function programName(called: string | undefined, cwd: string): string {
  if (!called) return 'sluice';
  if (!isAbsolute(called)) return called;
  const below = relative(cwd, called);
  return below.startsWith('..') ? called : `./${below}`;
}

/** Makes the `sluice VERB` commands of a text such that they can be pasted as they are. */
export function asCalled(text: string, program: string): string {
  return text.replace(/(?<![\w./-])sluice (?=[a-z-])/g, () => `${program} `);
}
