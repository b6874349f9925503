import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generatedFiles, staleFiles } from '../../scripts/generate.ts';
import type { JsonSchema } from '../diagnostics/index.ts';
import { crdYaml, RESOURCE_KINDS, RESOURCES, type ResourceKind } from './index.ts';
import type { MarkedSchema } from './schema.ts';

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
  'default',
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

  it('says of every rule what is wrong, also where its message has an expression', () => {
    const rules = all.flatMap(([, schema]) => (schema as MarkedSchema)['x-kubernetes-validations'] ?? []);
    for (const { message, messageExpression } of rules) {
      expect(message.length).toBeGreaterThan(0);
      if (messageExpression !== undefined) expect(messageExpression).toContain(`"${message}; `);
    }
  });
});

describe('what the API server fills in', () => {
  const defaults = (kind: ResourceKind) =>
    crd(kind).spec.versions.flatMap(({ name, schema }) =>
      [...schemas(schema.openAPIV3Schema, name)].flatMap(([path, { default: value }]: [string, MarkedSchema]) =>
        value === undefined ? [] : [`${path}: ${value}`],
      ),
    );

  it('is what holds whatever else is written', () => {
    expect(defaults('TracePipeline')).toEqual([
      'v1beta1.spec.output.otlp.protocol: grpc',
      'v1alpha1.spec.output.otlp.protocol: grpc',
    ]);
    expect(defaults('MetricPipeline').filter((line) => line.startsWith('v1beta1.spec.output'))).toEqual([
      'v1beta1.spec.output.otlp.protocol: grpc',
      'v1beta1.spec.output.otlp.temporality: preserve',
    ]);
    expect(defaults('LogPipeline').filter((line) => line.startsWith('v1alpha1'))).toEqual([
      'v1alpha1.spec.input.otlp.disabled: false',
      'v1alpha1.spec.input.application.keepOriginalBody: true',
      'v1alpha1.spec.output.otlp.protocol: grpc',
      'v1alpha1.spec.output.http.uri: /',
      'v1alpha1.spec.output.http.port: 443',
      'v1alpha1.spec.output.http.compress: none',
      'v1alpha1.spec.output.http.format: json',
      'v1alpha1.spec.output.http.dedot: false',
    ]);
  });

  it('is the same in every version, so that nothing changes on the way between them', () => {
    for (const kind of RESOURCE_KINDS) {
      const [newer, older = newer] = Object.keys(RESOURCES[kind].versions).map(
        (version) => defaults(kind).filter((line) => line.startsWith(version)).length,
      );
      expect(older).toBe(newer);
    }
  });

  it('are no settings of an installation: absent, they mean what the installed version decides', () => {
    expect([...defaults('Telemetry'), ...defaults('LogParser')]).toEqual([]);
  });
});

describe('generated files', () => {
  it('are up to date (npm run generate)', () => {
    expect(generatedFiles().length).toBeGreaterThanOrEqual(RESOURCE_KINDS.length);
    expect(staleFiles().map(({ path }) => path)).toEqual([]);
  });
});
