import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { javaScriptOf } from './javascript.ts';
import { programFilesOfSluice, writeProgram } from './program.ts';

describe('the program in the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-program-'));
  const main = writeProgram(folder);
  const run = (...args: readonly string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('says its version and loads the verbs of Pods', () => {
    const version = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
    expect(run('version').stdout).toContain(version);
    for (const verb of ['operator', 'engine', 'up'])
      expect(run(verb, '--help')).toMatchObject({ status: 0, stderr: '' });
  });

  it('needs no compiler, and names no file that it lacks', () => {
    const files = programFilesOfSluice();
    expect(files.filter(({ path }) => path.endsWith('.ts'))).toEqual([]);
    const named = files.flatMap(({ path, text }) =>
      [...text.matchAll(/(?:from|import|import\(|new URL\()\s*'(\.{1,2}\/[^'\n]+)'/g)].map(([, to = '']) =>
        join(path, '..', to),
      ),
    );
    const present = new Set(files.map(({ path }) => path));
    expect(named.filter((path) => path.endsWith('.ts'))).toEqual([]);
    expect([...new Set(named)].filter((path) => path.endsWith('.js') && !present.has(path))).toEqual([]);
  });

  it('keeps lines where they are, so that a stack names the line of the source', () => {
    const source =
      "import type { A } from './a.ts';\nimport { b } from './b.ts';\n\nexport const c: A = b('./b.ts');\n";
    expect(javaScriptOf(source)).toBe("\nimport { b } from './b.js';\n\nexport const c    = b('./b.ts');\n");
  });
});
