import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifestWith, ON_UPDATE, RULES } from '../../src/apis/corpus/broken-rules.ts';
import { offlineErrors } from '../../src/apis/corpus/offline-errors.ts';
import { replacePart } from '../../src/apis/corpus/replace-part.ts';
import { apiVersionsOf, RESOURCE_KINDS } from '../../src/apis/kinds.ts';
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
  const judged = spawnSync(peer.path, DEFINITIONS, {
    input: JSON.stringify(objects),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  expect(judged).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(judged.stdout) as Judgement;
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: unknown;
}

/** The custom resources of a folder of the corpus, of the versions that there are. */
function manifests(folder: string): { readonly title: string; readonly value: Manifest }[] {
  const files = readdirSync(join(CORPUS, folder)).filter((name) => name.endsWith('.yaml'));
  const texts = files.flatMap((name) => readFileSync(join(CORPUS, folder, name), 'utf8').split(/^---\n/m));
  return texts.flatMap((text) => {
    const value = parseYamlDocuments(text, 'f').documents[0]?.value as Manifest;
    const kind = RESOURCE_KINDS.find((name) => name === value.kind);
    if (kind === undefined || !apiVersionsOf(kind).includes(value.apiVersion)) return [];
    return [{ title: /^# (.*)$/m.exec(text)?.[1] ?? '', value }];
  });
}

/** What the server refuses, and nothing here does. */
function acceptedHereOnly(objects: readonly object[]): readonly string[] {
  const judged = judge(objects).objects;
  return objects.flatMap((object, index) => {
    const [error] = judged[index]!;
    return error === undefined || offlineErrors(object).length > 0 ? [] : [`${error} in ${JSON.stringify(object)}`];
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
    const all = manifests('invalid').map(({ value }) => value);
    expect(acceptedHereOnly(all)).toEqual([]);
  });

  it('refuses nothing that is accepted here, whichever part of a manifest is replaced by another value', () => {
    const whole = ['valid', 'later', 'invalid'].flatMap((folder) => manifests(folder).map(({ value }) => value));
    const other = fc.oneof(
      fc.constantFrom<unknown>(null, {}, [], '', true, [null], [{}], { value: null }, { value: 'a' }, '16Mi', '0s', [
        'a',
      ]),
      fc.integer({ min: -1, max: 9 }),
      fc.string({ maxLength: 3 }),
    );
    const choices = fc.array(fc.nat(20), { minLength: 1, maxLength: 9 });
    const broken = fc.sample(fc.tuple(fc.constantFrom(...whole), choices, other), 1500);
    const all = broken.map(([value, path, part]) => ({ ...value, spec: replacePart(value.spec ?? {}, path, part) }));
    expect(acceptedHereOnly(all)).toEqual([]);
  });

  it('finds what breaks each rule, as it is found here', () => {
    const rules = RULES.filter(({ message }) => !ON_UPDATE.includes(message));
    const { objects } = judge(rules.map((rule) => manifestWith(rule)));
    const missed = rules.filter(({ message }, index) => !objects[index]!.some((error) => error.includes(message)));
    expect(missed.map(({ kind, path, message }) => `${kind} ${path.join('.')}: ${message}`)).toEqual([]);
  });
});
