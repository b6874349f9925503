import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DROP_CAUSES } from '../../src/flow/index.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const pages = globSync('**/*.md', { cwd: root, exclude: (path) => ['node_modules', 'dist'].includes(basename(path)) });
const FOLDERS = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

/** The words in backticks that have the form of a path; patterns, placeholders and paths in a home directory have not. */
function namedPaths(text: string): readonly string[] {
  return [...text.matchAll(/`([\w.@-]+(?:\/[\w.@-]+)*\/?)`/g)].map((match) => match[1]!);
}

/** The fragments that a page can be linked to with: its headings, as they are spelt in links. */
function fragmentsOf(page: string): ReadonlySet<string> {
  const prose = read(page).replaceAll(/^```.*?^```$/gms, '');
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map((match) => match[1]!.toLowerCase());
  return new Set(headings.map((heading) => heading.replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-')));
}

const isShort = (path: string) => /^[\w-]+\/$|^[\w.-]+\.(ts|tsx|mjs)$/.test(path);

describe('documentation', () => {
  it.each(pages)('%s: links lead somewhere', (page) => {
    const targets = [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1]!);
    const broken = targets.filter((to) => !/^https?:/.test(to) && !existsSync(join(root, dirname(page), to)));
    expect(broken).toEqual([]);
  });

  it.each(pages)('%s: links into a page name one of its headings', (page) => {
    const targets = [...read(page).matchAll(/\]\(([^)#\s]*)#([^)\s]+)\)/g)].filter(([, to]) => !/^https?:/.test(to!));
    const broken = targets.filter(([, to, fragment]) => {
      const path = to === '' ? page : join(dirname(page), to!);
      return path.endsWith('.md') && !fragmentsOf(path).has(fragment!);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it.each(pages)('%s: files of this repository that it names exist', (page) => {
    const named = namedPaths(read(page)).filter((path) => FOLDERS.includes(path.split('/')[0]!) && path.includes('/'));
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('docs/architecture.md: a short name stands for a file beside one that its line names in full', () => {
    const missing: string[] = [];
    for (const line of read('docs/architecture.md').split('\n')) {
      const paths = namedPaths(line);
      const full = paths.filter((path) => FOLDERS.includes(path.split('/')[0]!));
      const beside = ['', 'src', ...full.map((path) => (path.endsWith('/') ? path : dirname(path)))];
      for (const path of paths.filter(isShort)) {
        if (!beside.some((folder) => existsSync(join(root, folder, path)))) missing.push(path);
      }
    }
    expect(missing).toEqual([]);
  });

  it('docs/running.md: names every cause of a loss', () => {
    const page = read('docs/running.md');
    expect(DROP_CAUSES.filter((cause) => !page.includes(`\`${cause}\``))).toEqual([]);
  });

  it('docs/architecture.md: the table of modules has every module', () => {
    const section = read('docs/architecture.md')
      .split(/^## /m)
      .find((part) => part.startsWith('Modules'));
    const table = [...(section ?? '').matchAll(/^\| `(\w+)\/` \|/gm)].map((match) => match[1]!);
    expect(table.toSorted()).toEqual(readdirSync(join(root, 'src')).toSorted());
  });
});
