import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  consoleExamples,
  localLinks,
  type MarkdownDocument,
  matchesExample,
  parseMarkdown,
  readDocuments,
  titleOf,
} from '../testkit/markdown.ts';
import { startProcess } from '../testkit/process.ts';
import { createHome, type Home, runSluice, SLUICE } from '../testkit/sluice.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Verbs that end by themselves and print the same every time. */
const REPEATABLE = /^\.\/bin\/sluice (validate|render|test|explain|init|graph -f|lab list|completion|help|--help)\b/;

const FIXTURE = parseMarkdown(
  'docs/fixture.md',
  [
    'See [the code](../src/cli/main.ts#top), [a page](https://example.com) and [nothing](gone.md).',
    '```yaml',
    '# one.yaml',
    'apiVersion: telemetry.kyma-project.io/v1beta1',
    'kind: TracePipeline',
    'metadata: {name: one}',
    'spec: {output: {stdout: {}}}',
    '```',
    '```console',
    '$ ./bin/sluice validate -f one.yaml',
    '…',
    '1 file, 1 resource: 0 errors, 0 warnings',
    '$ ./bin/sluice validate -f one.yaml -o short',
    '```',
    '',
  ].join('\n'),
);

describe('the reading of examples', () => {
  it('finds blocks, titles, commands with their output, and links', () => {
    const [yaml, shell] = FIXTURE.blocks;
    expect([yaml!.language, titleOf(yaml!), yaml!.line]).toEqual(['yaml', 'one.yaml', 3]);
    expect(consoleExamples(shell!)).toEqual([
      {
        command: './bin/sluice validate -f one.yaml',
        expected: '…\n1 file, 1 resource: 0 errors, 0 warnings',
        line: 10,
      },
      { command: './bin/sluice validate -f one.yaml -o short', expected: '', line: 13 },
    ]);
    expect(localLinks(FIXTURE)).toEqual(['src/cli/main.ts', 'docs/gone.md']);
  });

  it('takes `…` for any number of lines and nothing else for granted', () => {
    expect(matchesExample('a\nb\nc\n', 'a\n…\nc')).toBe(true);
    expect(matchesExample('a\nc\n', 'a\n…\nc')).toBe(true);
    expect(matchesExample('a\nb\nc\n', 'a\nc')).toBe(false);
    expect(matchesExample('a (b)\n', 'a .b.')).toBe(false);
    expect(matchesExample('', '')).toBe(true);
  });

  it('tells when an example no longer prints what it shows', async () => {
    const stale = parseMarkdown('stale.md', FIXTURE.text.replace('0 errors', '9 errors'));
    expect(await failedExamples(FIXTURE)).toEqual([]);
    expect(await failedExamples(stale)).toMatchObject([{ line: 10, command: './bin/sluice validate -f one.yaml' }]);
  });
});

describe.each(readDocuments(ROOT).map((document) => [document.path, document] as const))('%s', (_path, document) => {
  it('links to files that exist', () => {
    expect(localLinks(document).filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
  });

  const manifests = document.blocks.filter(
    ({ language, text }) => language === 'yaml' && /^kind: (Trace|Metric|Log)Pipeline$/m.test(text),
  );
  const checkManifests = async () => {
    await inHome(async (home) => {
      for (const { text, line } of manifests) {
        home.write('example.yaml', text);
        const where = /AtLeastOnce/.test(text) ? ['--cluster'] : [];
        const { code, stdout } = await runSluice(home, ['validate', '-f', 'example.yaml', ...where]);
        expect({ line, code, stdout }).toMatchObject({ line, code: 0 });
      }
    });
  };
  if (manifests.length > 0) it('shows pipelines that are valid', checkManifests);

  if (document.blocks.some(({ language }) => language === 'console'))
    it('shows what its commands print', async () => {
      expect(await failedExamples(document)).toEqual([]);
    });
});

interface FailedExample {
  readonly line: number;
  readonly command: string;
  readonly printed: string;
  readonly shown: string;
}

/** Runs the examples of a document in a folder of its own, which holds the titled files that stand before each. */
async function failedExamples(document: MarkdownDocument): Promise<readonly FailedExample[]> {
  const failed: FailedExample[] = [];
  await inHome(async (home) => {
    mkdirSync(join(home.path, 'bin'));
    symlinkSync(SLUICE, join(home.path, 'bin/sluice'));
    for (const block of document.blocks) {
      const title = titleOf(block);
      if (title !== undefined) {
        mkdirSync(dirname(join(home.path, title)), { recursive: true });
        home.write(title, block.text);
      }
      if (block.language !== 'console') continue;
      for (const { command, expected, line } of consoleExamples(block)) {
        const printed = REPEATABLE.test(command) ? await output(command, home) : 'not a command that these tests run';
        if (!matchesExample(printed, expected)) failed.push({ line, command, printed, shown: expected });
      }
    }
  });
  return failed;
}

async function output(command: string, home: Home): Promise<string> {
  const shell = await startProcess('sh', ['-c', command], { cwd: home.path, env: home.env });
  await shell.exited;
  return shell.stdout();
}

async function inHome(use: (home: Home) => Promise<void>): Promise<void> {
  const home = createHome();
  try {
    await use(home);
  } finally {
    home.remove();
  }
}
