import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generatedFiles, staleFiles } from '../../scripts/generate.ts';
import type { JsonSchema } from '../diagnostics/index.ts';
import { crdYaml, KINDS, PIPELINE_KINDS } from './index.ts';

interface Crd {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly scope: string;
    readonly names: { readonly kind: string; readonly categories: readonly string[] };
    readonly versions: readonly {
      readonly name: string;
      readonly storage: boolean;
      readonly subresources: object;
      readonly additionalPrinterColumns: readonly { readonly name: string }[];
      readonly schema: { readonly openAPIV3Schema: JsonSchema };
    }[];
  };
}

const crd = (kind: (typeof PIPELINE_KINDS)[number]) => parse(crdYaml(kind)) as Crd;

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

describe.each(PIPELINE_KINDS)('the CRD of %s', (kind) => {
  const { metadata, spec } = crd(kind);
  const [version] = spec.versions;
  const all = [...schemas(version!.schema.openAPIV3Schema, '')];

  it('has the names that upstream has', () => {
    expect(metadata.name).toBe(`${KINDS[kind].plural}.telemetry.kyma-project.io`);
    expect(spec.scope).toBe('Cluster');
    expect(spec.names).toMatchObject({ kind, categories: ['kyma-telemetry', 'kyma-telemetry-pipelines'] });
    expect(version).toMatchObject({ name: 'v1beta1', storage: true, subresources: { status: {} } });
    expect(version!.additionalPrinterColumns.at(-1)!.name).toBe('Age');
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
      .filter(([path, schema]) => path !== '.metadata' && !path.endsWith('{}') && !schema.description)
      .map(([path]) => path);
    expect(silent).toEqual([]);
  });

  it('sets no defaults: what a user left open stays open in the stored object', () => {
    expect(crdYaml(kind)).not.toMatch(/^\s+default:/m);
  });
});

describe('generated files', () => {
  it('are up to date (npm run generate)', () => {
    expect(generatedFiles().length).toBeGreaterThanOrEqual(PIPELINE_KINDS.length);
    expect(staleFiles().map(({ path }) => path)).toEqual([]);
  });
});
