import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkSchema } from '../diagnostics/index.ts';
import { fieldsPage, RESOURCE_KINDS } from './index.ts';
import { RESOURCES, type ResourceInfo, type ResourceKind } from './kinds.ts';
import type { MarkedSchema } from './schema.ts';

interface Row {
  readonly path: string;
  readonly type: string;
  readonly meaning: string;
  readonly example: string;
}

/** The rows of the first table of a page, which is that of the newest version. */
function rows(kind: ResourceKind): readonly Row[] {
  const [newest = ''] = fieldsPage(kind).split('\n## ');
  return newest
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [, path = '', type = '', , meaning = '', example = ''] = line.split(/(?<!\\) ?\| ?/);
      return { path: /`(.*)`/.exec(path)![1]!, type, meaning, example: example.replace(/^`|`$/g, '') };
    });
}

function row(kind: ResourceKind, path: string): Row | undefined {
  return rows(kind).find((one) => one.path === path);
}

function schemaAt(kind: ResourceKind, path: string): MarkedSchema {
  const { versions }: ResourceInfo = RESOURCES[kind];
  const [, ...names] = path.split('.');
  const into = (schema: MarkedSchema, name: string): MarkedSchema => (schema.items ?? schema).properties![name]!;
  return names.reduce(into, Object.values(versions)[0]!);
}

describe.each(RESOURCE_KINDS)('the page of the fields of a %s', (kind) => {
  it('has an example beside each field that holds something itself', () => {
    const without = rows(kind).filter(({ type, example }) => example === '' && !/object/.test(type));
    expect(without.map(({ path }) => path)).toEqual([]);
    expect(rows(kind).length).toBeGreaterThan(0);
  });

  it('has examples that are valid where they stand', () => {
    for (const { path, example } of rows(kind).filter((one) => one.example !== ''))
      expect(checkSchema(parse(example), schemaAt(kind, path)), `${path}: ${example}`).toEqual([]);
  });
});

describe('the pages of fields', () => {
  it('say beside a field what must hold for it', () => {
    expect(row('MetricPipeline', 'spec.output')?.meaning).toContain('Exactly one output out of');
    expect(row('TracePipeline', 'spec.output.file.rotation.maxBackups')?.meaning).toContain('From 1 to 10000.');
    expect(row('Telemetry', 'spec.enrichments.extractPodLabels')?.meaning).toContain("Either 'key' or 'keyPrefix'");
    expect(row('LogPipeline', 'spec.filters')?.meaning).toContain('Only with the outputs http and custom.');
  });

  it('say beside a field what of it is refused', () => {
    const later = 'Not supported yet, and refused (SL0106): `Exporters`, `Both`.';
    expect(row('MetricPipeline', 'spec.input.runtime.naming')).toMatchObject({ example: 'OpenTelemetry' });
    expect(row('MetricPipeline', 'spec.input.runtime.naming')?.meaning).toContain(later);
  });
});
