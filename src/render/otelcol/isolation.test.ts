import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFiles, STOCK_ADDRESSES } from '../../cli/compile.ts';
import type { ComponentConfig, ComponentId, OtelcolConfig, PipelineId } from '../../otelcol/index.ts';
import { TOPOLOGY_TYPES, type TopologyType } from '../../topology/index.ts';
import type { RenderedConfig } from './rendered-config.ts';

/*
 * Defects that were found by reading upstream, and the test that keeps each from here:
 *
 * a  one `batch` for all signals, with the settings of the first    here: each pipeline keeps its own batch
 * b  one filter id for logs and metrics, the second is ignored      here: pipelines of one name and different kinds;
 *                                                                   an input that two kinds switch off
 * c  two pipelines and headers give one variable                    here: the secrets of … never meet;
 *                                                                   ../fluentbit/isolation.test.ts, share no variable
 * d  the tag `foo.*` takes the records of `foo.bar`                 ../fluentbit/isolation.test.ts
 * e  `match_regex` reaches past `match`                             ../../pipeline/fluentbit/resolve-fluent-bit.test.ts
 */

const KINDS = ['TracePipeline', 'MetricPipeline', 'LogPipeline'] as const;

interface Manifest {
  readonly kind: (typeof KINDS)[number];
  readonly name: string;
  readonly output: object;
  readonly maxSize?: string;
  /** What stands in the spec besides. */
  readonly more?: object;
}

function compile(list: readonly Manifest[], topology: TopologyType): readonly RenderedConfig[] {
  const files = list.map(({ kind, name, output, maxSize = '1Mi', more = {} }) => {
    const spec = { ...more, output, delivery: { buffer: { maxSize } } };
    const manifest = { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind, metadata: { name }, spec };
    return { file: `${kind}-${name}.yaml`, text: JSON.stringify(manifest) };
  });
  const options = { distribution: 'otelcol', capBytes: 2 ** 32, topology, addresses: () => STOCK_ADDRESSES } as const;
  const { rendered, issues } = compileFiles(files, options);
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  return rendered;
}

const ref = (key: string) => ({ valueFrom: { secretKeyRef: { name: 's', namespace: 'n', key } } });

const word = fc.stringMatching(/^[ax]([-._]?[ax]){0,2}$/);
const headers = fc.uniqueArray(word, { maxLength: 3 }).map((names) => names.map((name) => ({ name, value: 'v' })));
const authentication = fc.oneof(
  fc.constant({}),
  fc.constant({ basic: { user: { value: 'u' }, password: ref('password') } }),
  fc.uniqueArray(word, { maxLength: 2 }).map((names) => ({
    oauth2: {
      tokenURL: ref('url'),
      clientID: { value: 'id' },
      clientSecret: ref('secret'),
      params: Object.fromEntries(names.map((name) => [name, 'v'])),
    },
  })),
);
const tls = fc.constantFrom({}, { ca: ref('ca') }, { cert: ref('cert'), key: ref('key') });
const output = fc.oneof(
  fc.constant({ stdout: {} }),
  fc.record({
    otlp: fc.record({
      protocol: fc.constantFrom('grpc', 'http'),
      endpoint: fc.constantFrom({ value: 'https://h:4317' }, ref('endpoint')),
      headers,
      authentication,
      tls,
    }),
  }),
);
/** Rules of each kind, and namespaces where a kind has them. */
const more = fc
  .record({ transform: fc.boolean(), filter: fc.boolean(), namespaces: fc.boolean(), kind: fc.constantFrom(...KINDS) })
  .map(({ transform, filter, namespaces, kind }) => ({
    kind,
    more: {
      ...(transform ? { transform: [{ statements: ['set(resource.attributes["a"], "b")'] }] } : {}),
      ...(filter ? { filter: [{ conditions: ['resource.attributes["a"] == "b"'] }] } : {}),
      ...(namespaces && kind !== 'TracePipeline' ? { input: { otlp: { namespaces: { include: ['a'] } } } } : {}),
    },
  }));
/** Names so close to each other that a careless derivation would mix them up. */
const manifests: fc.Arbitrary<readonly Manifest[]> = fc.uniqueArray(
  fc
    .tuple(more, fc.record({ name: fc.stringMatching(/^[ax]([-.]?[ax]){0,4}$/), output }))
    .map(([kindAndMore, rest]) => ({ ...kindAndMore, ...rest })),
  { selector: ({ kind, name }) => `${kind}/${name}`, minLength: 2, maxLength: 8 },
);

/** What pipelines share on purpose: the head of a process, and the way from it to them. */
const SHARED = /^(otlp|memory_limiter|forward\/(traces|metrics|logs))$/;

/** Every name that was made for a pipeline, by pipeline: ids of components, variables, and the process when it is its own. */
function derivedNames(rendered: readonly RenderedConfig[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  for (const { config, pipelines, workload } of rendered) {
    for (const { kind, name, pipelineId } of pipelines) {
      const own = names.get(`${kind}/${name}`) ?? new Set<string>();
      for (const one of namesOf(config, pipelineId)) own.add(one);
      if (workload.includes('dispatcher')) own.add(`workload ${workload}`);
      names.set(`${kind}/${name}`, own);
    }
  }
  return names;
}

function namesOf(config: OtelcolConfig, id: PipelineId): readonly string[] {
  const { receivers, processors, exporters } = config.service.pipelines[id]!;
  const ids = [...receivers, ...processors, ...exporters].filter((one) => !SHARED.test(one));
  const settings = exporters.map((one) => config.exporters[one]);
  const extensions = settings.flatMap(
    (one) => (one?.['auth'] as { authenticator: ComponentId } | undefined)?.authenticator ?? [],
  );
  const blocks = JSON.stringify([settings, extensions.map((one) => config.extensions[one])]);
  const variables = [...blocks.matchAll(/\$\{env:(\w+)\}/g)].map((match) => match[1]!);
  return [id, ...ids, ...extensions, ...variables];
}

function expectNothingShared(rendered: readonly RenderedConfig[]): void {
  const owners = new Map<string, string>();
  for (const [pipeline, names] of derivedNames(rendered)) {
    for (const name of names) {
      expect(`${name} of ${owners.get(name) ?? pipeline}`).toBe(`${name} of ${pipeline}`);
      owners.set(name, pipeline);
    }
  }
}

describe.each(TOPOLOGY_TYPES)('in the topology %s', (topology) => {
  it('no two pipelines share a component, a variable, an extension or a process of their own', () => {
    fc.assert(
      fc.property(manifests, (list) => {
        const rendered = compile(list, topology);
        expect(derivedNames(rendered).size).toBe(list.length);
        expectNothingShared(rendered);
      }),
      { numRuns: 60 },
    );
  });

  it('every variable of a configuration is listed with its value or where it comes from, and no other', () => {
    fc.assert(
      fc.property(manifests, (list) => {
        for (const { config, secrets, missingSecrets } of compile(list, topology)) {
          const named = [...JSON.stringify(config).matchAll(/\$\{env:(\w+)\}/g)].map((match) => match[1]);
          expect([...Object.keys(secrets), ...Object.keys(missingSecrets)].sort()).toEqual(named.sort());
        }
      }),
      { numRuns: 40 },
    );
  });

  it("each pipeline keeps its own batch beside others of any kind (upstream's defect a: the first one's counts for all)", () => {
    const otlp = { otlp: { endpoint: { value: 'http://h:1' } } };
    const rendered = compile(
      [
        { kind: 'TracePipeline', name: 'same', output: otlp, maxSize: '4Mi' },
        { kind: 'MetricPipeline', name: 'same', output: otlp, maxSize: '64Mi' },
        { kind: 'LogPipeline', name: 'same', output: otlp, maxSize: '1Mi' },
      ],
      topology,
    );
    const sizeOf = (id: string) =>
      rendered
        .filter(({ workload }) => workload !== 'otlp-entry')
        .flatMap(({ config }) => config.processors[`batch/${id}` as ComponentId] ?? [])
        .map((batch) => (batch as ComponentConfig)['send_batch_size']);
    expect(sizeOf('tracepipeline-same')).toEqual([64]);
    expect(sizeOf('metricpipeline-same')).toEqual([1024]);
    expect(sizeOf('logpipeline-same')).toEqual([16]);
  });

  it("pipelines of one name and different kinds have nothing in common (upstream's defect b: one filter id for two signals)", () => {
    const rendered = compile(
      KINDS.map((kind) => ({ kind, name: 'same', output: { stdout: {} } })),
      topology,
    );
    expectNothingShared(rendered);
    expect(derivedNames(rendered).size).toBe(3);
  });

  it("an input that a MetricPipeline and a LogPipeline switch off is off for both (upstream's defect b)", () => {
    const otlp = { otlp: { endpoint: { value: 'http://h:1' } } };
    const off = { input: { otlp: { enabled: false } } };
    const pipelines = (['MetricPipeline', 'LogPipeline'] as const).flatMap((kind) => [
      { kind, name: 'off', output: otlp, more: off },
      { kind, name: 'on', output: otlp },
    ]);
    const text = JSON.stringify(compile(pipelines, topology).map(({ config }) => config));
    expect(text).toContain('logpipeline-on');
    expect(text).toContain('metricpipeline-on');
    expect(text).not.toContain('pipeline-off');
  });

  it.each([
    ['cls', 'a-b', 'cls-a', 'b'],
    ['a-b', 'x', 'a.b', 'x'],
    ['a', 'b-x', 'a.b', 'x'],
  ])("the secrets of %s/%s and %s/%s never meet (upstream's defect c)", (name1, header1, name2, header2) => {
    const output = (name: string) => ({ otlp: { endpoint: ref('endpoint'), headers: [{ name, value: name }] } });
    const rendered = compile(
      [
        { kind: 'TracePipeline', name: name1, output: output(header1) },
        { kind: 'TracePipeline', name: name2, output: output(header2) },
      ],
      topology,
    );
    expectNothingShared(rendered);
    expect(rendered.flatMap(({ missingSecrets }) => Object.keys(missingSecrets))).toHaveLength(2);
  });
});
