import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerAdmission } from './admission.ts';
import type { AdmittedObject } from './admission-review.ts';

function pipeline(spec: object, metadata: object = {}, apiVersion = 'telemetry.kyma-project.io/v1beta1') {
  return { apiVersion, kind: 'TracePipeline', metadata: { name: 'jaeger', ...metadata }, spec } as AdmittedObject;
}

const output = (endpoint: string, more: object = {}) => ({ otlp: { endpoint: { value: endpoint }, ...more } });

function judge(object: AdmittedObject, oldObject?: AdmittedObject) {
  return answerAdmission('validate', { uid: '1', object, oldObject }, {});
}

function causes(object: AdmittedObject, oldObject?: AdmittedObject): readonly string[] {
  return (judge(object, oldObject).refusal?.details.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
}

const VALID = pipeline({ output: output('jaeger.obs:4317') });

describe('admission', () => {
  it('lets a valid pipeline pass, and one whose Secret is not there', () => {
    const secretKeyRef = { name: 'jaeger', namespace: 'obs', key: 'endpoint' };
    expect(judge(VALID)).toEqual({ warnings: [] });
    expect(judge(pipeline({ output: { otlp: { endpoint: { valueFrom: { secretKeyRef } } } } }))).toEqual({
      warnings: [],
    });
  });

  it('names every mistake at once, rules of OTTL beside those of the schema, with field, value, place and code', () => {
    const object = pipeline({
      transform: [{ conditions: ['isMatch(span.name, "^/health")'] }],
      output: output('http://jaeger.obs:4318', { path: '/v1/traces', protocol: 'grpcs' }),
    });
    expect(causes(object)).toEqual([
      "spec.output.otlp.protocol: Unsupported value: \"grpcs\": must be one of 'grpc', 'http'; did you mean 'grpc'? (SL0104)",
      'spec.transform[0].conditions[0]: Invalid value: "isMatch(span.name, "^/health")": column 1: unknown OTTL function `isMatch`; function names are case-sensitive; did you mean `IsMatch`? (SL0201)',
    ]);
  });

  it('says in which column of a text the mistake is', () => {
    const rule = 'set(span.name, "a\\"b")\nwhere isMatch(span.name, "x")';
    expect(causes(pipeline({ output: output('a:4317'), transform: [{ statements: [rule] }] }))[0]).toContain(
      'line 2, column 7: unknown OTTL function',
    );
  });

  it('answers with the Status that kubectl prints as a list', () => {
    const { refusal } = judge(pipeline({ output: output('a:4317', { path: '/x' }) }));
    expect(refusal).toEqual({
      metadata: {},
      status: 'Failure',
      reason: 'Invalid',
      code: 422,
      message:
        'TracePipeline.telemetry.kyma-project.io "jaeger" is invalid: spec.output.otlp.path: Invalid value: "/x": needs `protocol: http`; add `protocol: http` (the default is grpc), or remove `path` (SL0112)',
      details: {
        group: 'telemetry.kyma-project.io',
        kind: 'TracePipeline',
        name: 'jaeger',
        causes: [
          {
            reason: 'FieldValueInvalid',
            field: 'spec.output.otlp.path',
            message:
              'Invalid value: "/x": needs `protocol: http`; add `protocol: http` (the default is grpc), or remove `path` (SL0112)',
          },
        ],
      },
    });
  });

  it('shows no value of a field that holds secrets', () => {
    const headers = [{ name: 'Authorization', value: 'hunter2\nhunter3', prefix: 'Bearer' }];
    const basic = { user: { value: 'hunter4' }, password: { value: '' } };
    const object = pipeline({ output: output('a:4317', { headers, authentication: { basic } }) });
    const answer = JSON.stringify(judge(object));
    expect(answer).toContain('spec.output.otlp.headers[0].value');
    expect(answer).toContain('spec.output.otlp.authentication.basic.password');
    expect(answer).not.toContain('hunter');
  });

  it('bounds what it says', () => {
    const conditions = Array.from({ length: 200 }, (_, index) => `nothing${index}(span.name) ${'x'.repeat(2000)}`);
    const { refusal } = judge(pipeline({ output: output('a:4317'), filter: [{ conditions }] }));
    expect(refusal?.details.causes.at(-1)).toMatchObject({ message: 'and 150 more' });
    expect(JSON.stringify(refusal).length).toBeLessThan(100_000);
  });

  it('warns in lines of at most 120 characters that name the field', () => {
    const { warnings = [] } = judge(
      pipeline({ output: { file: { path: `/${'long/'.repeat(50)}` } }, delivery: { buffer: { maxSize: '16Mi' } } }),
    );
    expect(warnings.length).toBeGreaterThan(0);
    for (const warning of warnings) {
      expect(warning.length).toBeLessThanOrEqual(120);
      expect(warning).toMatch(/^spec\..*\(SL\d{4}\)$/);
    }
  });

  it('leaves it to the API server to say that a version is deprecated', () => {
    expect(judge(pipeline({ output: output('a:4317') }, {}, 'telemetry.kyma-project.io/v1alpha1'))).toEqual({
      warnings: [],
    });
  });

  it('takes a name that is to be generated', () => {
    const metadata = { name: undefined, generateName: 'jaeger-' };
    expect(judge(pipeline({ output: output('a:4317') }, metadata))).toEqual({ warnings: [] });
  });
});

describe('admission of an update', () => {
  const broken = pipeline({ output: output('a:4317', { path: '/x' }), filter: [{ conditions: ['nothing()'] }] });

  it('lets labels and finalizers of an invalid object change', () => {
    const changed = { ...broken, metadata: { ...broken.metadata, labels: { team: 'shop' } } };
    expect(judge(broken).refusal).toBeDefined();
    expect(judge(changed, broken).refusal).toBeUndefined();
  });

  it('lets an object go that is being deleted', () => {
    const metadata = { deletionTimestamp: '2026-11-22T00:00:00Z' };
    expect(judge(pipeline({ output: {} }, metadata), broken)).toEqual({});
  });

  it('lets mistakes be mended one by one, and still warns of nothing less', () => {
    expect(judge(pipeline({ output: output('a:4317', { path: '/x' }) }), broken).refusal).toBeUndefined();
  });

  it('refuses a mistake that was not there, and only that', () => {
    const worse = pipeline({ ...(broken.spec as object), transform: [{ statements: ['nothing()'] }] });
    expect(causes(worse, broken).map((line) => line.split(':')[0])).toEqual(['spec.transform[0].statements[0]']);
    const other = pipeline({ output: output('a:4317', { path: '/y' }), filter: [{ conditions: ['nothing()'] }] });
    expect(causes(other, broken).map((line) => line.split(':')[0])).toEqual(['spec.output.otlp.path']);
  });
});

describe('admission of anything', () => {
  it('answers, whatever the API server may let through, and never at length', () => {
    const kind = fc.constantFrom('TracePipeline', 'MetricPipeline', 'LogPipeline', 'Telemetry', 'LogParser');
    const version = fc.constantFrom('v1beta1', 'v1alpha1');
    const spec = fc.oneof(
      fc.object({ key: fc.constantFrom('output', 'otlp', 'input', 'runtime', 'transform', 'enabled', 'value', 'a.b') }),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('mutate', 'validate'),
        kind,
        version,
        spec,
        spec,
        (phase, name, one, after, before) => {
          const object = (value: unknown) =>
            ({ ...pipeline({}, {}, `telemetry.kyma-project.io/${one}`), kind: name, spec: value }) as AdmittedObject;
          const answer = answerAdmission(
            phase as 'mutate',
            { uid: '1', object: object(after), oldObject: object(before) },
            {},
          );
          expect(JSON.stringify(answer).length).toBeLessThan(100_000);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the mutating phase', () => {
  const mutate = (object: AdmittedObject) => answerAdmission('mutate', { uid: '1', object, oldObject: undefined }, {});
  const ofKind = (kind: string, spec: object, version = 'v1beta1') =>
    ({ ...pipeline(spec, {}, `telemetry.kyma-project.io/${version}`), kind }) as AdmittedObject;
  const exclude = ['kyma-system', 'kube-system', 'istio-system'];

  it('refuses as the validating one does, so that the API server says nothing before it', () => {
    expect(mutate(pipeline({ output: {} })).refusal).toBeDefined();
  });

  it('writes down which namespaces an input takes that is switched on', () => {
    const input = {
      runtime: { enabled: true },
      prometheus: { enabled: true, namespaces: { include: ['a'] } },
      istio: {},
    };
    expect(mutate(ofKind('MetricPipeline', { input, output: output('a:4317') })).patch).toEqual([
      {
        op: 'add',
        path: '/spec/input',
        value: {
          ...input,
          runtime: { enabled: true, namespaces: { exclude } },
          otlp: { enabled: true, namespaces: {} },
        },
      },
    ]);
  });

  it('writes down that a LogPipeline collects, and takes OTLP only where its output can', () => {
    const [otlp] = mutate(ofKind('LogPipeline', { output: output('a:4317') })).patch ?? [];
    expect(otlp).toMatchObject({
      value: { runtime: { enabled: true, namespaces: { exclude } }, otlp: { enabled: true, namespaces: {} } },
    });
    const [http] = mutate(ofKind('LogPipeline', { output: { http: { host: { value: 'a' } } } })).patch ?? [];
    expect(http).toMatchObject({ value: { runtime: { enabled: true } } });
    expect(http).not.toHaveProperty('value.otlp');
  });

  it('changes nothing where all is said, nor in the older version', () => {
    const input = { runtime: { enabled: false }, otlp: { enabled: false, namespaces: {} } };
    expect(mutate(ofKind('LogPipeline', { input, output: output('a:4317') })).patch).toEqual([]);
    expect(mutate(ofKind('LogPipeline', { output: output('a:4317') }, 'v1alpha1')).patch).toEqual([]);
    expect(mutate(VALID).patch).toEqual([]);
  });

  it('changes nothing where only labels change, so that whoever sets them owns no defaults', () => {
    const before = ofKind('LogPipeline', { output: output('a:4317') });
    const object = { ...before, metadata: { ...before.metadata, labels: { team: 'shop' } } };
    expect(answerAdmission('mutate', { uid: '1', object, oldObject: before }, {})).toEqual({});
  });

  it('writes what is valid itself', () => {
    for (const kind of ['MetricPipeline', 'LogPipeline']) {
      const input = { runtime: { enabled: true } };
      const object = ofKind(kind, { input, output: output('a:4317') });
      const [patch] = mutate(object).patch as [{ readonly value: object }];
      const completed = { ...object, spec: { ...(object.spec as object), input: patch.value } };
      expect(mutate(completed)).toEqual({ patch: [] });
    }
  });
});
