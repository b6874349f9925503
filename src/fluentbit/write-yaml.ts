import { stringify } from 'yaml';
import type { WritableSection } from './write-classic.ts';

const LISTS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  INPUT: ['pipeline', 'inputs'],
  FILTER: ['pipeline', 'filters'],
  OUTPUT: ['pipeline', 'outputs'],
  PARSER: ['parsers'],
};

/** Sections in the YAML format; a key that stands several times becomes a list. Multiline parsers have rules there, not lines. */
export function writeYamlConfig(sections: readonly WritableSection[]): string {
  const root: Record<string, unknown> = {};
  const pipeline: Record<string, unknown[]> = {};
  for (const { name, entries } of sections) {
    const fields = fieldsOf(entries);
    const [first, second] = LISTS[name.toUpperCase()] ?? [];
    if (name.toUpperCase() === 'SERVICE') root['service'] = fields;
    else if (second !== undefined) pipeline[second] = [...(pipeline[second] ?? []), fields];
    else if (first !== undefined) root[first] = [...((root[first] as unknown[]) ?? []), fields];
    else throw new Error(`not representable: ${name}`);
  }
  if (Object.keys(pipeline).length > 0) root['pipeline'] = pipeline;
  return stringify(root, { lineWidth: 0 });
}

function fieldsOf(entries: WritableSection['entries']): Readonly<Record<string, string | readonly string[]>> {
  const values = new Map<string, string[]>();
  for (const { key, value } of entries) values.set(key, [...(values.get(key) ?? []), value]);
  return Object.fromEntries([...values].map(([key, all]) => [key, all.length === 1 ? all[0]! : all]));
}
