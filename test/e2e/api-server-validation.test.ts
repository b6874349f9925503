import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestWith, ON_UPDATE, RULES } from '../../src/apis/corpus/broken-rules.ts';
import { readResources } from '../../src/apis/index.ts';
import { parseYamlDocuments } from '../../src/diagnostics/index.ts';
import { requirePeer } from '../../testbed/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DEFINITIONS = readdirSync(join(ROOT, 'config/crd')).map((name) => join(ROOT, 'config/crd', name));
const CORPUS = join(ROOT, 'src/apis/corpus');

const peer = requirePeer('apivalidation');

interface Judgement {
  readonly definitions: Readonly<Record<string, readonly string[]>>;
  /** What is wrong with each object, in their order. */
  readonly objects: readonly (readonly string[])[];
}

function judge(objects: readonly unknown[]): Judgement {
  if (peer.status === 'missing') throw new Error(peer.reason);
  const judged = spawnSync(peer.path, DEFINITIONS, { input: JSON.stringify(objects), encoding: 'utf8' });
  expect(judged).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(judged.stdout) as Judgement;
}

/** The custom resources of a folder of the corpus; those that are no YAML, and Secrets, are not for an API server to judge by these definitions. */
function manifests(folder: string): { readonly title: string; readonly text: string; readonly value: unknown }[] {
  const files = readdirSync(join(CORPUS, folder)).filter((name) => name.endsWith('.yaml'));
  const texts = files.flatMap((name) => readFileSync(join(CORPUS, folder, name), 'utf8').split(/^---\n/m));
  return texts.flatMap((text) => {
    const value = parseYamlDocuments(text, 'f').documents[0]?.value as { readonly kind?: string };
    if (value.kind === 'Secret' || value.kind === 'List') return [];
    return [{ title: /^# (.*)$/m.exec(text)?.[1] ?? '', text, value }];
  });
}

describe.skipIf(peer.status === 'missing')('an API server', () => {
  it('accepts the definitions: structural, with rules that compile and cost little', () => {
    const { definitions } = judge([]);
    expect(Object.keys(definitions).toSorted()).toEqual(DEFINITIONS.toSorted());
    expect(Object.values(definitions).flat()).toEqual([]);
  });

  it('accepts every valid manifest of the corpus', () => {
    const all = [...manifests('valid'), ...manifests('later')];
    const { objects } = judge(all.map(({ value }) => value));
    expect(all.flatMap(({ title }, index) => objects[index]!.map((error) => `${title}: ${error}`))).toEqual([]);
  });

  it('refuses nothing that is accepted here', () => {
    const all = manifests('invalid');
    const { objects } = judge(all.map(({ value }) => value));
    const accepted = all.filter(({ text }, index) => {
      const { issues } = readResources([{ file: 'f', text }]);
      return objects[index]!.length > 0 && issues.every(({ severity }) => severity !== 'error');
    });
    expect(accepted.map(({ title }) => title)).toEqual([]);
  });

  it('finds what breaks each rule, as it is found here', () => {
    const rules = RULES.filter(({ message }) => !ON_UPDATE.includes(message));
    const { objects } = judge(rules.map((rule) => manifestWith(rule)));
    const missed = rules.filter(({ message }, index) => !objects[index]!.some((error) => error.includes(message)));
    expect(missed.map(({ kind, path, message }) => `${kind} ${path.join('.')}: ${message}`)).toEqual([]);
  });
});
