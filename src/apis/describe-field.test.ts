import { describe, expect, it } from 'vitest';
import { describeField, type FieldSummary, RESOURCE_KINDS, resourceKindOf } from './index.ts';

/** Every field of a kind, the resource itself first. */
function* fields(
  kind: (typeof RESOURCE_KINDS)[number],
  path: readonly string[] = [],
): Generator<[string, FieldSummary]> {
  const field = describeField(kind, path)!;
  yield [path.join('.'), field];
  for (const child of field.children) yield* fields(kind, [...path, child.name]);
}

describe.each(RESOURCE_KINDS)('%s', (kind) => {
  it('describes every field', () => {
    const all = [...fields(kind)];
    expect(all.filter(([, { description }]) => !/^[A-Za-z0-9`].*\.$/s.test(description)).map(([path]) => path)).toEqual(
      [],
    );
    expect(all.length).toBeGreaterThan(2);
  });

  it('says nothing in a description that has a place of its own', () => {
    const repeated = [...fields(kind)].filter(([, { description }]) => /\bDefault\b|[Ee]xtension/.test(description));
    expect(repeated.map(([path]) => path)).toEqual([]);
  });

  it('has a default only among the allowed words', () => {
    for (const [path, field] of fields(kind)) {
      if (field.allowed && field.default !== undefined && !field.default.includes(' '))
        expect(field.allowed, path).toContain(field.default);
    }
  });
});

describe('describeField', () => {
  it('gives type, default, words and children', () => {
    const otlp = describeField('TracePipeline', ['spec', 'output', 'otlp'])!;
    expect(otlp).toMatchObject({ type: 'object', isRequired: false, isExtension: false, path: 'spec.output.otlp' });
    expect(otlp.children.map(({ name }) => name)).toContain('headers');
    expect(otlp.children[0]).toMatchObject({
      name: 'protocol',
      type: 'string',
      default: 'grpc',
      allowed: ['grpc', 'http'],
    });
  });

  it('goes into lists without an index', () => {
    expect(describeField('LogPipeline', ['spec', 'output', 'otlp', 'headers'])).toMatchObject({
      type: 'list of objects',
    });
    expect(describeField('LogPipeline', ['spec', 'output', 'otlp', 'headers', 'name'])).toMatchObject({
      isRequired: true,
    });
  });

  it('marks extensions and all that is below them', () => {
    expect(describeField('MetricPipeline', ['spec', 'delivery', 'buffer', 'maxSize'])).toMatchObject({
      type: 'integer or string',
      isExtension: true,
      example: '16Mi',
    });
    expect(describeField('Telemetry', ['spec', 'trace', 'gateway', 'scaling', 'type'])).toMatchObject({
      extensionWords: ['Auto'],
    });
  });

  it('knows the fields of the older version by their names', () => {
    expect(
      describeField('LogPipeline', ['spec', 'input', 'application', 'namespaces', 'system'], 'v1alpha1'),
    ).toMatchObject({ type: 'boolean' });
    expect(describeField('LogPipeline', ['spec', 'input', 'application'])).toBeUndefined();
  });

  it('has nothing to say about a field that does not exist', () => {
    expect(describeField('Telemetry', ['spec', 'nothing'])).toBeUndefined();
    expect(describeField('Telemetry', ['spec'], 'v9')).toBeUndefined();
  });
});

describe('resourceKindOf', () => {
  it.each([
    ['tracepipeline', 'TracePipeline'],
    ['LogPipelines', 'LogPipeline'],
    ['telemetry', 'Telemetry'],
    ['pod', undefined],
  ])('%s', (name, kind) => {
    expect(resourceKindOf(name)).toBe(kind);
  });
});
