import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { VERBS } from '../verbs.ts';
import { verbModel, wordsOf } from './command-model.ts';

describe('the values of a flag', () => {
  it.each([
    ['tree, mermaid or svg', ['tree', 'mermaid', 'svg']],
    ['text, short (a line a finding), json, or yaml', ['text', 'short', 'json', 'yaml']],
    ['shared or per-signal; default: what the files say', ['shared', 'per-signal']],
    ['otlp=URL, file=PATH, stdout, or jaeger (localhost:14317)', ['otlp=', 'file=', 'stdout', 'jaeger']],
    ['file, folder or - for stdin; repeatable', []],
    ['stop after this time', []],
    ['connections', []],
  ])('are what the help lists: %j', (description, words) => {
    expect(wordsOf(description)).toEqual(words);
  });
});

describe('the model of a verb', () => {
  it('has its flags, those of every verb, and the help', () => {
    const verb = {
      name: 'x',
      examples: [],
      words: () => ['a'],
      define: (command: Command) => command.option('-f, --file <path>', 'a file').option('--dry', 'do nothing'),
      run: async () => 0 as const,
    };
    const { flags, words } = verbModel(verb, 'does x');
    expect(words).toEqual(['a']);
    expect(flags.map(({ long, value }) => [long, value?.kind])).toEqual([
      ['--file', 'file'],
      ['--dry', undefined],
      ['--quiet', undefined],
      ['--color', 'words'],
      ['--ascii', undefined],
      ['--help', undefined],
    ]);
  });

  it('finds the values of every flag that takes one of a few words', async () => {
    const models = await Promise.all(
      Object.values(VERBS).map(async ({ load, summary }) => verbModel(await load(), summary)),
    );
    const open = models.flatMap(({ name, flags }) =>
      flags
        .filter(
          ({ long, value }) =>
            ['--output', '--format', '--topology', '--for', '--color'].includes(long) && value?.kind === 'text',
        )
        .map(({ long }) => `${name} ${long}`),
    );
    // A duration.
    expect(open.filter((flag) => !/^(up|engine) --for$/.test(flag))).toEqual(['sink --output']);
  });
});
