import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generatedFiles, staleFiles } from '../../scripts/generate.ts';
import type { JsonSchema } from '../diagnostics/index.ts';
import { crdYaml, RESOURCE_KINDS, RESOURCES, type ResourceKind } from './index.ts';

interface Crd {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly scope: string;
    readonly names: { readonly kind: string; readonly categories: readonly string[] };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly subresources: object;
      readonly additionalPrinterColumns: readonly { readonly name: string }[];
      readonly schema: { readonly openAPIV3Schema: JsonSchema };
    }[];
  };
}

const crd = (kind: ResourceKind) => parse(crdYaml(kind)) as Crd;

const ALLOWED_KEYS = new Set([
  'type',
  'description',
  'properties',
  'required',
  'items',
  'enum',
  'pattern',
  'format',
  'example',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'additionalProperties',
  'anyOf',
  'x-kubernetes-int-or-string',
  'x-kubernetes-validations',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
]);

/** Every schema in a schema, with its path. Those inside anyOf may only repeat the type, for int-or-string. */
function* schemas(schema: JsonSchema, path: string): Generator<[string, JsonSchema]> {
  yield [path, schema];
  for (const [key, child] of Object.entries(schema.properties ?? {})) yield* schemas(child, `${path}.${key}`);
  if (schema.items) yield* schemas(schema.items, `${path}[]`);
  if (typeof schema.additionalProperties === 'object') yield* schemas(schema.additionalProperties, `${path}{}`);
}

describe.each(RESOURCE_KINDS)('the CRD of %s', (kind) => {
  const { metadata, spec } = crd(kind);
  const all = spec.versions.flatMap(({ name, schema }) => [...schemas(schema.openAPIV3Schema, name)]);

  it('has the names that upstream has', () => {
    const { group, plural, scope } = RESOURCES[kind];
    expect(metadata.name).toBe(`${plural}.${group}`);
    expect(spec).toMatchObject({ scope, names: { kind } });
    for (const { subresources, additionalPrinterColumns } of spec.versions) {
      expect(subresources).toEqual({ status: {} });
      expect(additionalPrinterColumns.at(-1)!.name).toBe('Age');
    }
  });

  it('stores v1beta1, if there is one, and serves every version', () => {
    const names = spec.versions.map(({ name }) => name);
    const stored = spec.versions.filter(({ storage }) => storage).map(({ name }) => name);
    expect(stored).toEqual([names.includes('v1beta1') ? 'v1beta1' : 'v1alpha1']);
    for (const version of spec.versions) expect(version.served).toBe(true);
  });

  it('has columns of one word', () => {
    for (const { additionalPrinterColumns } of spec.versions)
      for (const { name } of additionalPrinterColumns) expect(name).toMatch(/^[A-Z][a-z]+$/);
  });

  it('is structural: every node has a type, and only what the API server allows', () => {
    for (const [path, schema] of all) {
      expect(
        Object.keys(schema).filter((key) => !ALLOWED_KEYS.has(key)),
        path,
      ).toEqual([]);
      if (schema['x-kubernetes-int-or-string'])
        expect(schema.anyOf, path).toEqual([{ type: 'integer' }, { type: 'string' }]);
      else expect(schema.type, path).toMatch(/^(object|array|string|integer|number|boolean)$/);
      if (schema.type === 'array') expect(schema.items, path).toBeDefined();
      expect(schema.properties === undefined || schema.additionalProperties === undefined, path).toBe(true);
      for (const key of schema.required ?? []) expect(Object.keys(schema.properties ?? {}), path).toContain(key);
      if (schema.pattern !== undefined) expect(() => new RegExp(schema.pattern!, 'u'), path).not.toThrow();
    }
  });

  it('describes every field for kubectl explain', () => {
    const silent = all
      .filter(([path, schema]) => !path.endsWith('.metadata') && !path.endsWith('{}') && !schema.description)
      .map(([path]) => path);
    expect(silent).toEqual([]);
  });

  it('sets no defaults: what a user left open stays open in the stored object', () => {
    expect(crdYaml(kind)).not.toMatch(/^\s+default:/m);
  });
});

describe('generated files', () => {
  it('are up to date (npm run generate)', () => {
    expect(generatedFiles().length).toBeGreaterThanOrEqual(RESOURCE_KINDS.length);
    expect(staleFiles().map(({ path }) => path)).toEqual([]);
  });
});
