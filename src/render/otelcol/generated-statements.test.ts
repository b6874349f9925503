import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, type OtelcolConfig } from '../../otelcol/index.ts';
import { checkGroup, type Group } from '../../ottl/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { SIGNAL_WORD } from './statements.ts';

/** Every statement that we write ourselves, checked like the user's. */
const corpus = join(import.meta.dirname, '../../../test/corpus');

function clusterFiles(): readonly string[] {
  return readdirSync(corpus)
    .map((name) => join(corpus, name, 'cluster'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.yaml'));
}

interface WrittenGroup {
  readonly context?: Group['context'];
  readonly conditions?: readonly string[];
  readonly statements?: readonly string[];
}

/** The groups of each processor, for the signals of the pipelines that it stands in. */
function groupsOf({ processors }: OtelcolConfig): readonly Group[] {
  return Object.entries(processors).flatMap(([id, settings]) => {
    const [type] = id.split('/');
    if (type !== 'transform' && type !== 'filter') return [];
    const suffix = type === 'transform' ? 'statements' : 'conditions';
    return (Object.entries(SIGNAL_WORD) as [Signal, string][]).flatMap(([signal, word]) => {
      const groups = ((settings as Record<string, unknown>)[`${word}_${suffix}`] ?? []) as readonly WrittenGroup[];
      return groups.map(({ context, conditions = [], statements = [] }): Group => {
        return { signal, for: type, ...(context === undefined ? {} : { context }), conditions, statements };
      });
    });
  });
}

describe('statements that are generated', () => {
  it.each(clusterFiles().map((file) => [file.slice(corpus.length + 1), file] as const))('%s', (_, file) => {
    const { config } = loadConfig(readFileSync(file, 'utf8'), file, {
      env: { MY_NODE_NAME: 'a', MY_NODE_ADDRESS: 'a' },
    });
    const groups = groupsOf(config!);
    expect(groups.flatMap((group) => checkGroup(group).problems)).toEqual([]);
  });

  it('are many', () => {
    const texts = clusterFiles().flatMap((file) =>
      groupsOf(loadConfig(readFileSync(file, 'utf8'), file, { env: {} }).config!).flatMap((group) => [
        ...group.conditions,
        ...group.statements,
      ]),
    );
    expect(new Set(texts).size).toBeGreaterThan(30);
  });
});
