import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/index.ts';
import { renderedYaml } from '../../render/index.ts';
import { type CompiledCluster, createClusterCompiler } from './cluster-compiler.ts';
import type { ClusterSnapshot, KnownSecret } from './cluster-snapshot.ts';
import type { KeptResources } from './kept-resource.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const certificates = { canRead: () => true, belongTogether: () => true, expiries: () => [] };

let compiler = createClusterCompiler(certificates);
beforeEach(() => {
  compiler = createClusterCompiler(certificates);
});

interface Made {
  readonly generation?: number;
  readonly created?: number;
  readonly uid?: string;
}

function tracePipeline(name: string, spec: object, { generation = 1, created = 0, uid = name }: Made = {}): KubeObject {
  return {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'TracePipeline',
    metadata: { name, uid, generation, creationTimestamp: new Date(NOW + created * 1000).toISOString() },
    spec,
  };
}

const otlp = (host: string, rest: object = {}) => ({
  output: { otlp: { endpoint: { value: `${host}:4317` } } },
  ...rest,
});
const queue = (maxSize: string) => ({ delivery: { buffer: { maxSize } } });
const fromSecret = (name: string) => ({
  output: { otlp: { endpoint: { valueFrom: { secretKeyRef: { namespace: 'shop', name, key: 'endpoint' } } } } },
});

function snapshot(pipelines: readonly KubeObject[], rest: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return {
    pipelines,
    parsers: [],
    secrets: secretsOf({}),
    facts: { namespace: 'kyma-system', istio: false },
    kept: new Map(),
    nowMs: NOW,
    ...rest,
  };
}

function secretsOf(endpoints: Readonly<Record<string, string>>): ClusterSnapshot['secrets'] {
  const known = new Map<string, KnownSecret>(
    Object.entries(endpoints).map(([name, endpoint]) => [
      `shop/${name}`,
      { version: endpoint, values: new Map([['endpoint', endpoint]]) },
    ]),
  );
  return { get: (namespace, name) => known.get(`${namespace}/${name}`) };
}

/** Applies the snapshots one after another, each with what the one before it remembered. */
function compileAll(snapshots: readonly ClusterSnapshot[]): CompiledCluster {
  let kept: KeptResources = new Map();
  let last: CompiledCluster | undefined;
  for (const one of snapshots) {
    last = compiler.compile({ ...one, kept });
    kept = last.kept;
  }
  return last!;
}

const runs = ({ pipelines }: CompiledCluster) =>
  Object.fromEntries([...pipelines.values()].map(({ name, runs: generation }) => [name, generation]));
const textOf = ({ rendering }: CompiledCluster) => rendering.rendered.map((one) => renderedYaml(one)).join('\n');
const conditionOf = ({ pipelines }: CompiledCluster, name: string) => pipelines.get(`TracePipeline/${name}`)!.condition;

describe('the compiler of a cluster', () => {
  it('compiles every valid pipeline, and says of each that it is part of the configuration', () => {
    const compiled = compiler.compile(snapshot([tracePipeline('a', otlp('one')), tracePipeline('b', otlp('two'))]));
    expect(runs(compiled)).toEqual({ a: 1, b: 1 });
    expect(conditionOf(compiled, 'a')).toMatchObject({ status: 'True', reason: 'GatewayConfigured' });
    expect(textOf(compiled)).toContain('one:4317');
  });

  it('leaves an invalid pipeline out, and the others run', () => {
    const compiled = compiler.compile(snapshot([tracePipeline('a', otlp('one')), tracePipeline('b', { output: {} })]));
    expect(runs(compiled)).toEqual({ a: 1, b: undefined });
    expect(conditionOf(compiled, 'b').status).toBe('False');
  });

  it('keeps the last valid generation running after a broken edit, and says which', () => {
    const broken = { ...otlp('two'), transform: [{ statements: ['sett(x)'] }] };
    const compiled = compileAll([
      snapshot([tracePipeline('a', otlp('one'), { generation: 3 })]),
      snapshot([tracePipeline('a', broken, { generation: 4 })]),
    ]);
    expect(runs(compiled)).toEqual({ a: 3 });
    expect(textOf(compiled)).toContain('one:4317');
    const { reason, message } = conditionOf(compiled, 'a');
    expect(reason).toBe('OTTLSpecInvalid');
    expect(message).toMatch(/^generation 4 is invalid: .*; generation 3 keeps running$/);
    expect(message.length).toBeLessThanOrEqual(256);
  });

  it('lets a successor of the same name inherit nothing', () => {
    const compiled = compileAll([
      snapshot([tracePipeline('a', otlp('one'))]),
      snapshot([tracePipeline('a', { output: {} }, { uid: 'another' })]),
    ]);
    expect(runs(compiled)).toEqual({ a: undefined });
  });

  it('resolves the Secrets of the generation that runs, and leaves a pipeline out whose Secret is gone', () => {
    const pipelines = [tracePipeline('a', fromSecret('backend'))];
    const before = snapshot(pipelines, { secrets: secretsOf({ backend: 'one:4317' }) });
    expect(runs(compileAll([before]))).toEqual({ a: 1 });
    const gone = compileAll([before, snapshot(pipelines)]);
    expect(runs(gone)).toEqual({ a: undefined });
    expect(conditionOf(gone, 'a').reason).toBe('ReferencedSecretMissing');
    const edited = [tracePipeline('a', fromSecret('misspelt'), { generation: 2 })];
    const kept = compileAll([before, snapshot(edited, { secrets: secretsOf({ backend: 'two:4317' }) })]);
    expect(runs(kept)).toEqual({ a: 1 });
    expect(JSON.stringify(kept.rendering.rendered.map(({ secrets }) => secrets))).toContain('two:4317');
  });

  it('names no other key of a Secret in a condition, as its reader may not be allowed to read that', () => {
    const known: KnownSecret = { version: '1', values: new Map([['endpoints', 'x']]) };
    const compiled = compiler.compile(
      snapshot([tracePipeline('a', fromSecret('backend'))], { secrets: { get: () => known } }),
    );
    expect(conditionOf(compiled, 'a')).toMatchObject({ reason: 'ReferencedSecretMissing' });
    expect(conditionOf(compiled, 'a').message).not.toContain('endpoints');
  });

  it('never lets a new pipeline, whatever its name, take the place of one that runs', () => {
    const old = tracePipeline('z', otlp('one', queue('200Mi')), { created: 0 });
    const young = tracePipeline('a', otlp('two', queue('200Mi')), { created: 1 });
    const compiled = compileAll([snapshot([old]), snapshot([young, old])]);
    expect(runs(compiled)).toEqual({ z: 1, a: undefined });
    expect(conditionOf(compiled, 'a').reason).toBe('MaxPipelinesExceeded');
  });

  it('never lets an older pipeline that becomes valid take the place of one that runs', () => {
    const old = (spec: object, generation: number) => tracePipeline('old', spec, { created: 0, generation });
    const young = tracePipeline('young', otlp('two', queue('200Mi')), { created: 1 });
    const compiled = compileAll([
      snapshot([old({ output: {} }, 1), young]),
      snapshot([old(otlp('one', queue('200Mi')), 2), young]),
    ]);
    expect(runs(compiled)).toEqual({ old: undefined, young: 1 });
  });

  it('leaves the generation before running when an edit wants room that others have, and takes harmless edits', () => {
    const a = (maxSize: string, generation: number) =>
      tracePipeline('a', otlp('one', queue(maxSize)), { created: 0, generation });
    const b = (host: string, generation: number) =>
      tracePipeline('b', otlp(host, queue('100Mi')), { created: 1, generation });
    const compiled = compileAll([snapshot([a('20Mi', 1), b('two', 1)]), snapshot([a('200Mi', 2), b('three', 2)])]);
    expect(runs(compiled)).toEqual({ a: 1, b: 2 });
    expect(conditionOf(compiled, 'a').reason).toBe('MaxPipelinesExceeded');
    expect(conditionOf(compiled, 'a').message).toContain('generation 1 keeps running');
    expect(textOf(compiled)).toContain('three:4317');
  });

  it('takes at once an edit whose room a younger pipeline gives back with the same change', () => {
    const at = (name: string, created: number) => (maxSize: string, generation: number) =>
      tracePipeline(name, otlp(name, queue(maxSize)), { created, generation });
    const [a, b] = [at('a', 0), at('b', 1)];
    const compiled = compileAll([
      snapshot([a('100Mi', 1), b('150Mi', 1)]),
      snapshot([a('150Mi', 2), b('1Mi', 2), tracePipeline('c', otlp('c', queue('100Mi')), { created: 2 })]),
    ]);
    expect(runs(compiled)).toMatchObject({ a: 2, b: 2 });
  });

  it('does not try a generation again that made collectors crash, until it or a Secret of it changes', () => {
    const pipelines = [tracePipeline('a', fromSecret('backend'), { generation: 2 })];
    const secrets = secretsOf({ backend: 'one:4317' });
    const crashed = {
      generation: 2,
      secrets: 'shop/backend@one:4317',
      workload: 'trace-gateway',
      how: 'ended with code 1',
    };
    const manifest = { ...pipelines[0]!, metadata: { name: 'a' }, spec: otlp('before') } as never;
    const proven = { generation: 1, manifest };
    const kept: KeptResources = new Map([['TracePipeline/a', { uid: 'a', proven, crashed }]]);
    const back = compiler.compile(snapshot(pipelines, { kept, secrets }));
    expect(runs(back)).toEqual({ a: 1 });
    expect(conditionOf(back, 'a')).toMatchObject({ status: 'False', reason: 'CollectorCrashed' });
    expect(conditionOf(back, 'a').message).toContain('`trace-gateway` ended with code 1');
    const other = compiler.compile(
      snapshot(pipelines, { kept: back.kept, secrets: secretsOf({ backend: 'two:4317' }) }),
    );
    expect(runs(other)).toEqual({ a: 2 });
    const edited = compiler.compile(
      snapshot([tracePipeline('a', otlp('two'), { generation: 3 })], { kept: back.kept }),
    );
    expect(runs(edited)).toEqual({ a: 3 });
    expect(edited.kept.get('TracePipeline/a')!.crashed).toBeUndefined();
  });

  it('tells of a resource that the compiler itself fails at, there alone', () => {
    const endless: Record<string, unknown> = otlp('two');
    endless['output'] = endless;
    const a = tracePipeline('a', otlp('one'));
    const compiled = compileAll([
      snapshot([a, tracePipeline('b', otlp('two'))]),
      snapshot([a, tracePipeline('b', endless, { generation: 2 })]),
    ]);
    expect(runs(compiled)).toEqual({ a: 1, b: 1 });
    expect(compiled.pipelines.get('TracePipeline/b')!.issues.map(({ code }) => code)).toEqual(['SL0000']);
  });

  it('keeps the settings of the last valid Telemetry', () => {
    const telemetry = (spec: object, generation: number): KubeObject => ({
      apiVersion: 'operator.kyma-project.io/v1beta1',
      kind: 'Telemetry',
      metadata: { name: 'default', namespace: 'kyma-system', uid: 't', generation },
      spec,
    });
    const pipelines = [tracePipeline('a', otlp('one'))];
    const compiled = compileAll([
      snapshot(pipelines, { telemetry: telemetry({ topology: { type: 'Shared' } }, 1) }),
      snapshot(pipelines, { telemetry: telemetry({ topology: { type: 'Nothing' } }, 2) }),
    ]);
    expect(compiled.rendering.topology.type).toBe('Shared');
    expect(compiled.telemetryIssues).toHaveLength(1);
  });

  it('recompiles the one that was edited, of two hundred', () => {
    const pipelines = Array.from({ length: 200 }, (_, i) => tracePipeline(`p${i}`, otlp(`host${i}`, queue('1Mi'))));
    const first = compiler.compile(snapshot(pipelines));
    expect([...first.pipelines.values()].filter((one) => one.runs === undefined)).toEqual([]);
    const before = compiler.compilations;
    const edited = pipelines.with(7, tracePipeline('p7', otlp('other', queue('1Mi')), { generation: 2 }));
    const startMs = performance.now();
    compiler.compile(snapshot(edited, { kept: first.kept }));
    expect(compiler.compilations).toBe(before + 1);
    // A smoke test: a second is what an edit may take in all.
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  it('comes to the same result whatever it compiled before, and stays there', () => {
    const specs = [
      otlp('one', queue('100Mi')),
      otlp('two', queue('150Mi')),
      otlp('three', queue('1Mi')),
      { output: {} },
      fromSecret('backend'),
      { ...otlp('four'), filter: [{ conditions: ['isMatch('] }] },
    ];
    const step = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: specs.length - 1 })));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), fc.boolean(), (steps, withSecret) => {
        const warm = createClusterCompiler(certificates);
        const secrets = secretsOf(withSecret ? { backend: 'five:4317' } : {});
        let kept: KeptResources = new Map();
        steps.forEach((edits, at) => {
          const specOf = new Map(edits);
          const pipelines = [...specOf].map(([i, spec]) =>
            tracePipeline(`p${i}`, specs[spec]!, { generation: at + 1, created: i }),
          );
          const taken = snapshot(pipelines, { kept, secrets });
          const compiled = warm.compile(taken);
          expect(compiled).toEqual(createClusterCompiler(certificates).compile(taken));
          const again = warm.compile({ ...taken, kept: compiled.kept });
          expect(runs(again)).toEqual(runs(compiled));
          expect(again.kept).toEqual(compiled.kept);
          expect(textOf(again)).toBe(textOf(compiled));
          kept = compiled.kept;
        });
      }),
      { numRuns: 60 },
    );
  });
});
