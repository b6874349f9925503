import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { RESOURCE_KINDS, RESOURCES, type ResourceInfo, type ResourceKind } from './kinds.ts';
import { laterFields } from './later.ts';
import { readResources } from './read-resources.ts';
import type { MarkedSchema } from './schema.ts';

/** test/corpus must hold every field of every kind and version in a manifest that is valid, and every word that a field takes. */
const CORPUS = join(import.meta.dirname, '../../test/corpus');

const texts = readdirSync(CORPUS)
  .map((name) => join(CORPUS, name, 'input.yaml'))
  .filter((file) => existsSync(file))
  .flatMap((file) => readFileSync(file, 'utf8').split(/^---\n/m));

const isValid = (text: string) =>
  readResources([{ file: 'a.yaml', text }]).issues.every(({ severity }) => severity !== 'error');

const manifests = texts.filter(isValid).map((text) => parse(text) as Readonly<Record<string, unknown>>);

/** What a schema asks for, one a line: `spec.a.b`, `spec.a[].c: word`. */
function asked(schema: MarkedSchema, path: string): readonly string[] {
  const { properties, items, additionalProperties, enum: words, type } = schema;
  if (properties !== undefined && Object.keys(properties).length > 0) {
    return Object.entries(properties).flatMap(([name, child]) => asked(child, `${path}.${name}`));
  }
  if (items !== undefined) return asked(items, `${path}[]`);
  if (additionalProperties !== undefined) return [`${path}.*`];
  const choices = type === 'boolean' ? [true, false] : words;
  return choices === undefined ? [path] : choices.map((choice) => `${path}: ${String(choice)}`);
}

/** What a value gives of it; a field of its own that holds an object is given too, as `stdout: {}` is. */
function given(value: unknown, path: string): readonly string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item) => given(item, `${path}[]`));
  if (typeof value !== 'object') return [path, `${path}: ${String(value)}`, path.replace(/[^.]*$/, '*')];
  return [path, ...Object.entries(value).flatMap(([name, child]) => given(child, `${path}.${name}`))];
}

const later = laterFields().flatMap(({ path, words }) => {
  const written = path.join('.').replaceAll('.*', '[]');
  return words === undefined ? [written] : words.map((word) => `${written}: ${word}`);
});
const isLater = (line: string) => later.some((one) => line === one || line.startsWith(`${one}.`));

function missing(kind: ResourceKind, version: string): readonly string[] {
  const { group, versions }: ResourceInfo = RESOURCES[kind];
  const of = manifests.filter((one) => one['kind'] === kind && one['apiVersion'] === `${group}/${version}`);
  const found = new Set(of.flatMap(({ spec }) => given(spec, 'spec')));
  return asked(versions[version]!, 'spec').filter((line) => !found.has(line) && !isLater(line));
}

const versionsOf = (kind: ResourceKind) => Object.keys(RESOURCES[kind].versions);

describe.each(RESOURCE_KINDS)('%s', (kind) => {
  it.each(versionsOf(kind))('%s: each field and word has a case of the corpus', (version) => {
    expect(missing(kind, version)).toEqual([]);
  });
});

it('the annotation of a Telemetry has a case for each of its words', () => {
  const annotations = manifests.map((one) => (one['metadata'] as { readonly annotations?: object }).annotations ?? {});
  const words = annotations.map(
    (one) => Object.entries(one).find(([name]) => name.endsWith('/service-enrichment'))?.[1],
  );
  expect(new Set(words)).toEqual(new Set([undefined, 'otel', 'kyma-legacy']));
});
