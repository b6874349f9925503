import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkConfig, parseClassic } from '../../fluentbit/index.ts';

const corpus = join(import.meta.dirname, '../../../test/corpus');
const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.conf'));

it.each(files)('Fluent Bit would take %s', (file) => {
  const parsed = parseClassic(readFileSync(join(corpus, file), 'utf8'));
  expect(parsed.problems).toEqual([]);
  expect(checkConfig(parsed)).toEqual([]);
  expect(parsed.commands).toEqual([]);
});

it('there are such files', () => {
  expect(files.length).toBeGreaterThan(10);
});
