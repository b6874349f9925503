import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFiles, STOCK_ADDRESSES } from '../../../cli/compile.ts';
import type { ComponentConfig, ComponentId, OtelcolConfig, PipelineId } from '../../../otelcol/index.ts';
import { RUNTIME_METRICS, RUNTIME_RESOURCES } from '../../../pipeline/index.ts';

interface Manifest {
  readonly kind: 'MetricPipeline' | 'LogPipeline';
  readonly name: string;
  readonly input: object;
}

function agentOf(list: readonly Manifest[]): OtelcolConfig {
  const files = list.map(({ kind, name, input }) => {
    const output = { otlp: { endpoint: { value: `http://${kind.toLowerCase()}-${name}:4317` } } };
    const spec = { input: { otlp: { enabled: false }, ...input }, output, delivery: { buffer: { maxSize: '1Mi' } } };
    const manifest = { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind, metadata: { name }, spec };
    return { file: `${name}.yaml`, text: JSON.stringify(manifest) };
  });
  const cluster = { namespace: 'kyma-system', istio: false };
  const { agents, issues } = compileFiles(files, {
    distribution: 'otelcol',
    cluster,
    addresses: () => STOCK_ADDRESSES,
  });
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(agents).toHaveLength(1);
  return agents[0]!.config;
}

const names = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 2 });
const namespaces = fc.oneof(
  fc.constant({}),
  fc.constant({ namespaces: {} }),
  names.map((include) => ({ namespaces: { include } })),
  names.map((exclude) => ({ namespaces: { exclude } })),
);
const enabled = { enabled: fc.constant(true) };
const switchable = fc.record({ enabled: fc.boolean() });
const takesSome = ({ resources, additionalMetrics }: { resources: object; additionalMetrics: readonly string[] }) =>
  additionalMetrics.length > 0 || Object.values(resources).some((one: { enabled: boolean }) => one.enabled);
const metricInput = fc
  .record(
    {
      runtime: fc
        .tuple(
          namespaces,
          fc.record({
            ...enabled,
            resources: fc.record(Object.fromEntries(RUNTIME_RESOURCES.map((name) => [name, switchable]))),
            additionalMetrics: fc.subarray([...RUNTIME_METRICS.keys()], { maxLength: 3 }),
          }),
        )
        .map(([selection, rest]) => ({ ...selection, ...rest })),
      prometheus: fc
        .tuple(namespaces, fc.record({ ...enabled, diagnosticMetrics: switchable }))
        .map(([selection, rest]) => ({ ...selection, ...rest })),
      istio: fc
        .tuple(namespaces, fc.record({ ...enabled, diagnosticMetrics: switchable, envoyMetrics: switchable }))
        .map(([selection, rest]) => ({ ...selection, ...rest })),
    },
    { requiredKeys: [] },
  )
  .filter(({ runtime, ...others }) => Object.keys(others).length > 0 || (runtime !== undefined && takesSome(runtime)));

/** Names so close to each other that a careless derivation would mix them up. */
const name = fc.stringMatching(/^[ax]([-.]?[ax]){0,3}$/);
const manifests = (kind: Manifest['kind'], input: fc.Arbitrary<object>) =>
  fc.uniqueArray(fc.record({ kind: fc.constant(kind), name, input }), {
    selector: (one) => one.name,
    minLength: 1,
    maxLength: 4,
  });

type Section = Readonly<Record<ComponentId, ComponentConfig>>;

/** Everything that is named is there, and everything that is there is named. */
function expectConnected(config: OtelcolConfig): void {
  const pipelines = Object.values(config.service.pipelines);
  for (const { receivers, exporters } of pipelines)
    expect(Math.min(receivers.length, exporters.length)).toBeGreaterThan(0);
  const ids = (section: Section) => Object.keys(section).sort();
  const used = (of: 'receivers' | 'processors' | 'exporters') =>
    [...new Set(pipelines.flatMap((one) => one[of]))].sort();
  const ends = [...ids(config.receivers), ...ids(config.connectors)].sort();
  expect(used('receivers')).toEqual(ends);
  expect(used('processors')).toEqual(ids(config.processors));
  expect(used('exporters')).toEqual([...ids(config.exporters), ...ids(config.connectors)].sort());
}

describe('the metric agent', () => {
  it('is connected, and every pipeline has a batch and an exporter that no other has', () => {
    fc.assert(
      fc.property(manifests('MetricPipeline', metricInput), (list) => {
        const config = agentOf(list);
        expectConnected(config);
        for (const one of list) {
          const id = `metricpipeline-${one.name}`;
          const pipeline = config.service.pipelines[`metrics/${id}` as PipelineId]!;
          expect(pipeline.exporters).toEqual([`otlp_grpc/${id}`]);
          expect(config.exporters[pipeline.exporters[0]!]).toMatchObject({ endpoint: `http://${id}:4317` });
          expect(pipeline.processors.at(-1)).toBe(`batch/${id}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has nothing to drop for one pipeline alone: what it does not take is not read', () => {
    fc.assert(
      fc.property(metricInput, (input) => {
        const config = agentOf([{ kind: 'MetricPipeline', name: 'a', input }]);
        expect(Object.keys(config.processors).filter((id) => id.endsWith('/inputs'))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('reads what any pipeline takes, in whatever order they are given', () => {
    fc.assert(
      fc.property(manifests('MetricPipeline', metricInput), (list) => {
        expect(agentOf([...list].reverse())).toEqual(agentOf(list));
      }),
      { numRuns: 30 },
    );
  });
});

describe('the log agent', () => {
  const logInput = fc
    .tuple(namespaces, fc.record({ keepOriginalBody: fc.boolean() }))
    .map(([selection, rest]) => ({ runtime: { ...selection, ...rest } }));

  it('gives a pipeline the same parts whoever else runs, and shares no file, offset, queue or exporter', () => {
    fc.assert(
      fc.property(manifests('LogPipeline', logInput), (list) => {
        const config = agentOf(list);
        expectConnected(config);
        for (const one of list) {
          const alone = agentOf([one]);
          for (const section of ['receivers', 'processors', 'exporters'] as const) {
            expect(config[section]).toMatchObject(alone[section]);
          }
          expect(config.extensions).toMatchObject(alone.extensions);
          expect(config.service.pipelines).toMatchObject(alone.service.pipelines);
        }
        const directories = Object.entries(config.extensions).filter(([id]) => id.startsWith('file_storage/'));
        expect(new Set(directories.map(([, { directory }]) => directory)).size).toBe(list.length);
        const readers = Object.values(config.service.pipelines).flatMap(({ receivers }) => receivers);
        expect(new Set(readers).size).toBe(list.length);
      }),
      { numRuns: 40 },
    );
  });

  it('has nothing between the reader and the queue that would take lines from it without one', () => {
    const { processors } = agentOf([{ kind: 'LogPipeline', name: 'a', input: {} }]);
    expect(Object.keys(processors).filter((id) => id.startsWith('batch'))).toEqual([]);
  });
});
