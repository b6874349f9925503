import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readResources } from './index.ts';

const ROOT = join(import.meta.dirname, '../..');

const examples = globSync('docs/spec/*.md', { cwd: ROOT }).flatMap((page) =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map((match, index) => ({
    title: `${page}, example ${index + 1}`,
    text: match[1]!,
  })),
);

/** An example shows an older version on purpose, or an output to a file in its shortest form. */
const MEANT = ['SL0320', 'SL0305'];

describe('examples of docs/spec', () => {
  it.each(examples)('$title is valid', ({ text }) => {
    const { issues } = readResources([{ file: 'example.yaml', text }]);
    expect(issues.filter(({ code }) => !MEANT.includes(code)).map(({ message }) => message)).toEqual([]);
  });

  it('are there', () => {
    expect(examples.length).toBeGreaterThanOrEqual(8);
  });
});
