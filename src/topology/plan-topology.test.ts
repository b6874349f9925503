import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PipelineGraph } from '../pipeline/index.ts';
import { neededBytes } from './memory-budget.ts';
import { planTopology } from './plan-topology.ts';
import type { Workload } from './topology.ts';

const MIB = 2 ** 20;
const source = {
  span: { file: 'a.yaml', line: 7, column: 3, endLine: 7, endColumn: 9 },
  field: 'spec.delivery.buffer',
};

function graph(name: string, sizeMib = 16, rest: Partial<PipelineGraph> = {}): PipelineGraph {
  return {
    kind: 'TracePipeline',
    name,
    signal: 'traces',
    receivers: [{ kind: 'receiver', type: 'otlp' }],
    processors: [],
    exporter: { kind: 'exporter', type: 'viewer', source },
    queue: { sizeBytes: sizeMib * MIB, onFull: 'DropNewest', source },
    ...rest,
  };
}

const stdout = { exporter: { kind: 'exporter', type: 'stdout', verbosity: 'basic', source } } as const;
const engine = { distribution: 'sluice', capBytes: 512 * MIB } as const;

function names(graphs: readonly PipelineGraph[], options: Parameters<typeof planTopology>[1] = engine) {
  return planTopology(graphs, options).topology.workloads.flatMap((workload) =>
    pipelinesOf(workload).map(({ name }) => name),
  );
}

function pipelinesOf(workload: Workload | undefined): readonly PipelineGraph[] {
  return workload === undefined || workload.role === 'router' ? [] : workload.pipelines;
}

describe('planTopology', () => {
  it('puts every pipeline into one gateway, sorted by signal and name', () => {
    const metrics = graph('a', 1, { kind: 'MetricPipeline', signal: 'metrics' });
    const logs = graph('b', 1, { kind: 'LogPipeline', signal: 'logs' });
    const { topology, issues } = planTopology([logs, metrics, graph('d'), graph('c')], engine);
    expect(issues).toEqual([]);
    expect(topology.workloads).toHaveLength(1);
    expect(pipelinesOf(topology.workloads[0]).map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'TracePipeline/c',
      'TracePipeline/d',
      'MetricPipeline/a',
      'LogPipeline/b',
    ]);
  });

  it('needs no workload without pipelines, nor for one that nothing sends to', () => {
    expect(planTopology([], engine).topology.workloads).toEqual([]);
    expect(planTopology([graph('a', 100_000, { receivers: [] })], engine)).toMatchObject({
      issues: [],
      topology: { workloads: [] },
    });
  });

  it('refuses the pipeline that would pass the cap, shows the arithmetic, and keeps the others', () => {
    const { topology, issues } = planTopology([graph('first', 150), graph('second', 100), graph('third', 10)], engine);
    expect(pipelinesOf(topology.workloads[0]).map(({ name }) => name)).toEqual(['first', 'third']);
    expect(issues).toMatchObject([
      {
        code: 'SL0405',
        severity: 'error',
        message:
          'the queue of TracePipeline `second` does not fit into the memory of `otlp-gateway` (MaxPipelinesExceeded)',
        span: source.span,
        notes: [
          'needed: 96 MiB for the program + 48 MiB in flight + 1 × 250 MiB of queues for this queue and 150 MiB of others = 394 MiB',
          'available: 332.8 MiB of 512 MiB, the rest is kept for peaks',
          'this pipeline is left out, the others run',
        ],
      },
    ]);
  });

  it('counts a byte in a queue of the stock Collector five times', () => {
    const graphs = [graph('a', 30, stdout), graph('b', 30, stdout), graph('c', 30, stdout)];
    expect(names(graphs)).toEqual(['a', 'b', 'c']);
    expect(names(graphs, { distribution: 'otelcol', capBytes: 512 * MIB })).toEqual(['a']);
  });

  it('admits what needs no queue whatever the cap', () => {
    const { queue: _, ...queueless } = graph('a');
    expect(names([graph('b', 1), queueless], { ...engine, capBytes: 64 * MIB })).toEqual(['a']);
  });

  it('refuses an output that the distribution lacks', () => {
    const { topology, issues } = planTopology([graph('ours'), graph('both', 1, stdout)], {
      ...engine,
      distribution: 'otelcol',
    });
    expect(pipelinesOf(topology.workloads[0]).map(({ name }) => name)).toEqual(['both']);
    expect(issues).toMatchObject([
      {
        code: 'SL0107',
        message: 'the OpenTelemetry Collector has no output `viewer`',
        help: "run this pipeline with Sluice's engine: `collector: {distribution: sluice}` in Telemetry",
      },
    ]);
  });

  it('refuses a version of remote write that the distribution lacks', () => {
    const tls = { insecure: true, insecureSkipVerify: false };
    const settings = { endpoint: 'http://h:1', version: '2.0', tls, headers: [] } as const;
    const newer = graph('a', 1, { exporter: { kind: 'exporter', type: 'prometheusRemoteWrite', ...settings } });
    expect(names([newer], engine)).toEqual(['a']);
    expect(planTopology([newer], engine).issues).toEqual([]);
    expect(planTopology([newer], { ...engine, distribution: 'otelcol' }).issues).toMatchObject([
      { code: 'SL0107', message: 'the OpenTelemetry Collector has no `prometheusRemoteWrite` of version 2.0' },
    ]);
  });

  it('tells what a distribution keeps for less long, and runs it', () => {
    const settings = {
      endpoint: 'http://h:1',
      version: '1.0',
      tls: { insecure: true, insecureSkipVerify: false },
      headers: [],
    } as const;
    const written = graph('a', 1, { exporter: { kind: 'exporter', type: 'prometheusRemoteWrite', ...settings } });
    const stock = { ...engine, distribution: 'otelcol' } as const;
    expect(names([written], stock)).toEqual(['a']);
    expect(planTopology([written], stock).issues).toMatchObject([{ code: 'SL0310', severity: 'warning' }]);
  });

  it('stays within the budget, and adding a pipeline at the end changes nothing for those before it', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 64, max: 2048 }), (list, capMib) => {
        const options = { distribution: 'sluice', capBytes: capMib * MIB } as const;
        const graphs = list.map((size, i) => graph(`p${String(i).padStart(2, '0')}`, size));
        const { workloads } = planTopology(graphs, options).topology;
        for (const { memory } of workloads) expect(neededBytes(memory)).toBeLessThanOrEqual(memory.softLimitBytes);
        const last = graphs.at(-1)!.name;
        expect(names(graphs, options).filter((name) => name !== last)).toEqual(names(graphs.slice(0, -1), options));
      }),
    );
  });

  it('tells the copy for the UI that finds no room by what it is', () => {
    const viewer = graph('_viewer', 300);
    expect(planTopology([viewer], engine).issues).toMatchObject([
      { code: 'SL0405', message: expect.stringContaining('the queue of traces for the UI does not fit') },
    ]);
  });
});
