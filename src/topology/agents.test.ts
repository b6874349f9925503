import { describe, expect, it } from 'vitest';
import type { PipelineGraph, ReceiverNode } from '../pipeline/index.ts';
import { clusterSettings } from './cluster.ts';
import { type PlanOptions, planTopology } from './plan-topology.ts';

const MIB = 2 ** 20;
const OTLP: ReceiverNode = { kind: 'receiver', type: 'otlp' };
const RUNTIME: ReceiverNode = {
  kind: 'receiver',
  type: 'runtime',
  namespaces: {},
  resources: [],
  additionalMetrics: [],
};
const PROMETHEUS: ReceiverNode = { kind: 'receiver', type: 'prometheus', namespaces: {}, diagnosticMetrics: false };
const LOGS: ReceiverNode = {
  kind: 'receiver',
  type: 'container-logs',
  namespaces: {},
  containers: {},
  keepOriginalBody: true,
};

const SIGNAL = { TracePipeline: 'traces', MetricPipeline: 'metrics', LogPipeline: 'logs' } as const;

let line = 0;
function graph(
  kind: keyof typeof SIGNAL,
  name: string,
  receivers: readonly ReceiverNode[],
  sizeMib = 16,
): PipelineGraph {
  const span = { file: 'a.yaml', line: ++line, column: 1, endLine: line, endColumn: 2 };
  return {
    kind,
    name,
    signal: SIGNAL[kind],
    receivers,
    processors: [],
    exporter: { kind: 'exporter', type: 'stdout', verbosity: 'basic', source: { span, field: 'spec.output.stdout' } },
    queue: { sizeBytes: sizeMib * MIB, onFull: 'DropNewest' },
  };
}

const cluster = clusterSettings({ namespace: 'kyma-system', istio: false });
const options: PlanOptions = { distribution: 'otelcol', capBytes: 1024 * MIB, cluster };

function places(
  graphs: readonly PipelineGraph[],
  more: Partial<PlanOptions> = {},
): Readonly<Record<string, readonly string[]>> {
  const { workloads, agents } = planTopology(graphs, { ...options, ...more }).topology;
  const running = [...workloads, ...agents].flatMap((one) => (one.role === 'router' ? [] : [one]));
  return Object.fromEntries(running.map(({ name, pipelines }) => [name, pipelines.map((one) => one.name)]));
}

describe('the agents of a cluster', () => {
  it('collect for the pipelines that have an input for them; a gateway takes what is pushed', () => {
    const graphs = [
      graph('TracePipeline', 'traces', [OTLP]),
      graph('MetricPipeline', 'pushed', [OTLP]),
      graph('MetricPipeline', 'collected', [PROMETHEUS]),
      graph('MetricPipeline', 'both', [OTLP, RUNTIME]),
      graph('LogPipeline', 'files', [LOGS]),
    ];
    expect(places(graphs)).toEqual({
      'otlp-gateway': ['traces', 'both', 'pushed'],
      'metric-agent': ['both', 'collected'],
      'log-agent': ['files'],
    });
  });

  it('are only there for somebody', () => {
    expect(places([graph('LogPipeline', 'files', [LOGS])])).toEqual({ 'log-agent': ['files'] });
    expect(places([graph('TracePipeline', 'traces', [OTLP])])).toEqual({ 'otlp-gateway': ['traces'] });
  });

  it('are the same in every topology', () => {
    for (const topology of ['Shared', 'PerSignal', 'PerPipeline'] as const) {
      const { agents } = planTopology([graph('MetricPipeline', 'a', [OTLP, RUNTIME])], {
        ...options,
        topology,
      }).topology;
      expect(agents.map(({ name, cluster }) => [name, cluster.namespace])).toEqual([['metric-agent', 'kyma-system']]);
    }
  });

  it('and gateway run a pipeline both or neither', () => {
    const large = graph('MetricPipeline', 'large', [OTLP, RUNTIME], 200);
    const { topology, issues, leftOut } = planTopology([large], options);
    expect([topology.workloads, topology.agents]).toEqual([[], []]);
    expect(issues.map(({ message }) => message)).toEqual([
      'the queue of MetricPipeline `large` does not fit into the memory of `metric-agent` (MaxPipelinesExceeded)',
    ]);
    expect([...leftOut.keys()]).toEqual([large]);
    const full = [graph('TracePipeline', 'first', [OTLP], 90), graph('MetricPipeline', 'second', [OTLP, RUNTIME], 60)];
    expect(places(full)).toEqual({ 'otlp-gateway': ['first'] });
  });

  it('tell each pipeline that is left out why', () => {
    const [one, other] = [graph('TracePipeline', 'one', [OTLP], 500), graph('TracePipeline', 'other', [OTLP], 600)];
    const { leftOut } = planTopology([one, other], options);
    expect(leftOut.get(one)?.message).toContain('`one`');
    expect(leftOut.get(other)?.message).toContain('`other`');
  });

  it('run on the Collector, whatever runs the gateway', () => {
    const graphs = [graph('MetricPipeline', 'collected', [RUNTIME]), graph('TracePipeline', 'pushed', [OTLP])];
    const { topology, issues } = planTopology(graphs, { ...options, distribution: 'sluice' });
    expect(topology.agents.map(({ distribution }) => distribution)).toEqual(['otelcol']);
    expect(topology.workloads).toMatchObject([{ name: 'otlp-engine-gateway', distribution: 'sluice' }]);
    expect(issues).toEqual([]);
  });
});

describe('settings of a cluster', () => {
  const telemetry = (spec: object, annotations = {}) =>
    ({ kind: 'Telemetry', metadata: { name: 'default', annotations }, spec }) as const;

  it('come from the facts where the Telemetry resource says nothing', () => {
    const facts = { namespace: 'n', clusterName: 'c', clusterUid: 'u', cloudProvider: 'p', istio: true };
    expect(clusterSettings(facts)).toEqual({
      ...facts,
      serviceEnrichment: 'kyma-legacy',
      podLabels: [],
      collectionInterval: { runtime: '30s', prometheus: '30s', istio: '30s' },
    });
  });

  it('come from the Telemetry resource where it says something', () => {
    const spec = {
      enrichments: { cluster: { name: 'mine $$1' }, extractPodLabels: [{ key: 'a' }, { keyPrefix: 'b' }] },
      metric: { collectionInterval: '1m', prometheus: { collectionInterval: '5s' } },
    };
    const annotations = { 'telemetry.kyma-project.io/service-enrichment': 'otel' };
    expect(clusterSettings({ namespace: 'n', clusterName: 'c', istio: false }, telemetry(spec, annotations))).toEqual({
      namespace: 'n',
      clusterName: 'mine $1',
      istio: false,
      serviceEnrichment: 'otel',
      podLabels: [{ key: 'a' }, { keyPrefix: 'b' }],
      collectionInterval: { runtime: '1m', prometheus: '5s', istio: '1m' },
    });
  });
});
