import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSchema, type JsonSchema } from '../diagnostics/index.ts';
import { CONVERSION_DATA } from './conversion.ts';
import { convertManifest, PIPELINE_KINDS } from './index.ts';
import { apiVersionsOf, manifestSchema } from './kinds.ts';
import type { PipelineKind } from './resource.ts';

const OLD = 'telemetry.kyma-project.io/v1alpha1';
const NEW = 'telemetry.kyma-project.io/v1beta1';

/** Any value that fits a schema, but for rules across fields. */
function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.constantFrom<unknown>(16_777_216, '16Mi');
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 9 });
    case 'array':
      return fc.array(fitting(schema.items!), { maxLength: 2 });
    case 'object':
      return fittingObject(schema);
    default:
      return schema.pattern === undefined
        ? fc.string({ minLength: 1 })
        : fc.constantFrom('/a', 'a', '24h').filter((text) => new RegExp(schema.pattern!, 'u').test(text));
  }
}

function fittingObject({ properties, required = [], additionalProperties }: JsonSchema): fc.Arbitrary<unknown> {
  if (typeof additionalProperties === 'object')
    return fc.dictionary(fc.constantFrom('a', 'b'), fitting(additionalProperties));
  const fields = Object.entries(properties ?? {}).map(([name, child]) => [name, fitting(child)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...required], noNullPrototype: true });
}

function manifests(kind: PipelineKind, apiVersion: string): fc.Arbitrary<{ readonly spec: unknown }> {
  const annotations = fc.option(fc.constant({ note: 'kept' }), { nil: undefined });
  return fc
    .record({ spec: fitting(manifestSchema(kind, apiVersion).properties!['spec']!), annotations })
    .map(({ spec, annotations: some }) => ({
      apiVersion,
      kind,
      metadata: { name: 'a', ...(some ? { annotations: some } : {}) },
      spec,
    }));
}

describe.each(PIPELINE_KINDS)('%s', (kind) => {
  it.each([
    [OLD, NEW],
    [NEW, OLD],
  ])('loses nothing from %s to %s and back', (from, to) => {
    fc.assert(
      fc.property(manifests(kind, from), (manifest) => {
        const there = convertManifest(manifest, to);
        expect(checkSchema(there, manifestSchema(kind, to))).toEqual([]);
        expect(convertManifest(there, from)).toEqual(manifest);
      }),
      { numRuns: 300 },
    );
  });

  it('has both versions', () => {
    expect(apiVersionsOf(kind)).toEqual([NEW, OLD]);
  });
});

const logPipeline = (apiVersion: string, spec: object) => ({
  apiVersion,
  kind: 'LogPipeline',
  metadata: { name: 'a' },
  spec,
});
const output = { otlp: { endpoint: { value: 'backend:4317' } } };

describe('conversion to v1beta1', () => {
  it('gives fields their newer names', () => {
    const spec = {
      input: { application: { enabled: true, containers: { include: ['a'] } }, otlp: { disabled: true } },
      output: { http: { host: { value: 'a' }, tls: { disabled: true, skipCertificateValidation: false } } },
    };
    expect(convertManifest(logPipeline(OLD, spec), NEW)).toEqual(
      logPipeline(NEW, {
        input: { runtime: { enabled: true, containers: { include: ['a'] } }, otlp: { enabled: false } },
        output: { http: { host: { value: 'a' }, tls: { insecure: true, insecureSkipVerify: false } } },
      }),
    );
  });

  it.each([
    [{ system: true }, { namespaces: {} }],
    [{ system: false }, {}],
    [{}, {}],
    [{ include: ['a'], system: false }, { namespaces: { include: ['a'] } }],
  ])('gives the selector %j its newer meaning', (namespaces, runtime) => {
    expect(convertManifest(logPipeline(OLD, { input: { application: { namespaces } }, output }), NEW)).toMatchObject({
      spec: { input: { runtime }, output },
    });
  });
});

describe('conversion to v1alpha1', () => {
  const compressed = logPipeline(NEW, { output: { otlp: { ...output.otlp, compression: 'zstd' } } });
  const older = convertManifest(compressed, OLD) as { metadata: { annotations: Record<string, string> }; spec: object };

  it('keeps what the older version cannot say in an annotation', () => {
    expect(older.spec).toEqual({ output });
    expect(JSON.parse(older.metadata.annotations[CONVERSION_DATA]!)).toMatchObject({
      apiVersion: NEW,
      spec: compressed.spec,
    });
  });

  it('keeps the compression when the object is changed under the older version', () => {
    const changed = { ...older, spec: { output: { otlp: { endpoint: { value: 'other:4317' } } } } };
    expect(convertManifest(changed, NEW)).toEqual({
      ...compressed,
      spec: { output: { otlp: { endpoint: { value: 'other:4317' }, compression: 'zstd' } } },
    });
  });

  it('does not bring back what was changed under the newer version', () => {
    const before = logPipeline(OLD, { input: { application: { namespaces: { system: false } } }, output });
    const after = convertManifest(before, NEW) as { spec: object };
    const changed = { ...after, spec: { input: { runtime: { namespaces: { include: ['a'] } } }, output } };
    expect(convertManifest(changed, OLD)).toEqual(
      logPipeline(OLD, { input: { application: { namespaces: { include: ['a'] } } }, output }),
    );
  });

  it('reads the annotation of upstream, which names no version', () => {
    const spec = { input: { application: { namespaces: { system: false } } }, output };
    const upstream = {
      ...logPipeline(NEW, { input: { runtime: {} }, output }),
      metadata: { name: 'a', annotations: { [CONVERSION_DATA]: JSON.stringify({ metadata: {}, spec }) } },
    };
    expect(convertManifest(upstream, OLD)).toEqual(logPipeline(OLD, spec));
  });

  it('takes no harm from an annotation that is not its own', () => {
    const annotations = { [CONVERSION_DATA]: '{' };
    const odd = { ...logPipeline(NEW, { output }), metadata: { name: 'a', annotations } };
    expect(convertManifest(odd, OLD)).toEqual({
      ...logPipeline(OLD, { output }),
      metadata: { name: 'a', annotations },
    });
  });
});

describe('other kinds', () => {
  it('get the version and stay as they are', () => {
    const telemetry = {
      apiVersion: 'operator.kyma-project.io/v1alpha1',
      kind: 'Telemetry',
      metadata: { name: 'default' },
    };
    expect(convertManifest(telemetry, 'operator.kyma-project.io/v1beta1')).toEqual({
      ...telemetry,
      apiVersion: 'operator.kyma-project.io/v1beta1',
    });
  });
});
