import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PipelineGraph, viewerGraph } from '../../pipeline/index.ts';
import { neededBytes } from '../memory-budget.ts';
import { type Plan, type PlanOptions, planTopology } from '../plan-topology.ts';
import { TOPOLOGY_TYPES, type Workload } from '../topology.ts';

const MIB = 2 ** 20;
const KINDS = { TracePipeline: 'traces', MetricPipeline: 'metrics', LogPipeline: 'logs' } as const;
type Kind = keyof typeof KINDS;

function graph(kind: Kind, name: string, sizeMib = 16): PipelineGraph {
  return {
    kind,
    name,
    signal: KINDS[kind],
    receivers: [{ kind: 'receiver', type: 'otlp' }],
    processors: [],
    exporter: { kind: 'exporter', type: 'stdout', verbosity: 'basic' },
    queue: { sizeBytes: sizeMib * MIB, onFull: 'DropNewest' },
  };
}

const viewers = [viewerGraph('traces'), viewerGraph('metrics'), viewerGraph('logs')];
const engine: PlanOptions = { distribution: 'sluice', capBytes: 512 * MIB };

function plan(graphs: readonly PipelineGraph[], options: Partial<PlanOptions>): Plan {
  return planTopology(graphs, { ...engine, ...options });
}

function outline({ topology }: Plan): readonly string[] {
  return topology.workloads.map((workload) => {
    const names = workload.role === 'router' ? [] : workload.pipelines.map(({ kind, name }) => `${kind}/${name}`);
    return `${workload.role} ${workload.name}: ${[...names, ...targets(workload).map((to) => `→ ${to}`)].join(', ')}`;
  });
}

function targets(workload: Workload): readonly string[] {
  if (workload.role === 'router') return workload.routes.map(({ to }) => to);
  return workload.role === 'entry' ? workload.hops.map(({ to }) => to) : [];
}

describe('the topology PerSignal', () => {
  const options = { topology: 'PerSignal' } as const;

  it('has a gateway for each signal that has pipelines, and a router that sends there', () => {
    const graphs = [graph('LogPipeline', 'b'), graph('TracePipeline', 'b'), graph('TracePipeline', 'a')];
    const planned = plan(graphs, options);
    expect(outline(planned)).toEqual([
      'gateway trace-gateway: TracePipeline/a, TracePipeline/b',
      'gateway log-gateway: LogPipeline/b',
      'router otlp-router: → trace-gateway, → log-gateway',
    ]);
    expect(planned.topology.workloads[0]).toMatchObject({ behind: 'otlp-router' });
  });

  it("shows data in the viewer from each signal's gateway", () => {
    expect(outline(plan(viewers, options))).toEqual([
      'gateway trace-gateway: TracePipeline/_viewer',
      'gateway metric-gateway: MetricPipeline/_viewer',
      'gateway log-gateway: LogPipeline/_viewer',
      'router otlp-router: → trace-gateway, → metric-gateway, → log-gateway',
    ]);
  });

  it("budgets each gateway for itself, and names the one that a pipeline doesn't fit into", () => {
    const graphs = [graph('TracePipeline', 'a', 150), graph('LogPipeline', 'a', 150), graph('TracePipeline', 'b', 150)];
    const { topology, issues } = plan(graphs, options);
    expect(topology.workloads.map(({ name }) => name)).toEqual(['trace-gateway', 'log-gateway', 'otlp-router']);
    expect(issues.map(({ message }) => message)).toEqual([
      'the queue of TracePipeline `b` does not fit into the memory of `trace-gateway` (MaxPipelinesExceeded)',
    ]);
  });

  it('lets the router wait with 64 MiB of a signal, or with what its memory has room for', () => {
    const routerOf = (capMib: number, signals: readonly Kind[], distribution = engine.distribution) =>
      plan(
        signals.map((kind) => graph(kind, 'a', 1)),
        { ...options, distribution, capBytes: capMib * MIB },
      ).topology.workloads.at(-1)!.memory.queueBytes / MIB;
    expect(routerOf(2048, ['TracePipeline', 'LogPipeline'])).toBe(2 * 64);
    expect(routerOf(2048, ['TracePipeline'], 'otelcol')).toBe(64);
    expect(routerOf(1024, ['TracePipeline'], 'otelcol')).toBe(34);
    expect(routerOf(1024, ['TracePipeline', 'MetricPipeline', 'LogPipeline'], 'otelcol')).toBe(3 * 34);
  });

  it('runs nothing when the router could not hold the largest request, and says what it needs', () => {
    const { topology, issues } = plan([graph('TracePipeline', 'a', 1)], { ...options, distribution: 'otelcol' });
    expect(topology.workloads).toEqual([]);
    expect(issues).toEqual([
      {
        code: 'SL0405',
        severity: 'error',
        message: '`otlp-router` cannot hold its largest requests in its memory, so no pipeline can run',
        help: 'give it more memory, or use the topology Shared, which has no router',
        notes: [
          'needed: 64 MiB for the program + 80 MiB in flight + 5 × 48 MiB of queues = 384 MiB',
          'available: 332.8 MiB of 512 MiB, the rest is kept for peaks',
        ],
      },
    ]);
  });
});

describe('the topology PerPipeline', () => {
  const options = { topology: 'PerPipeline' } as const;

  it('has a dispatcher for each pipeline, and an entry that sends there', () => {
    const graphs = [graph('LogPipeline', 'b'), graph('TracePipeline', 'b.c'), graph('TracePipeline', 'b')];
    expect(outline(plan(graphs, options))).toEqual([
      'dispatcher trace-dispatcher-b: TracePipeline/b',
      expect.stringMatching(/^dispatcher trace-dispatcher-b-c-[a-z2-7]{12}: TracePipeline\/b\.c$/),
      'dispatcher log-dispatcher-b: LogPipeline/b',
      expect.stringMatching(
        /^entry otlp-entry: → trace-dispatcher-b, → trace-dispatcher-b-c-[a-z2-7]{12}, → log-dispatcher-b$/,
      ),
    ]);
  });

  it('shows data in the viewer from the entry', () => {
    expect(outline(plan([...viewers, graph('LogPipeline', 'a')], options))).toEqual([
      'dispatcher log-dispatcher-a: LogPipeline/a',
      'entry otlp-entry: TracePipeline/_viewer, MetricPipeline/_viewer, LogPipeline/_viewer, → log-dispatcher-a',
    ]);
    expect(outline(plan(viewers, options))).toHaveLength(1);
  });

  it('gives every hop the same queue, until the entry is full', () => {
    const graphs = Array.from({ length: 30 }, (_, i) => graph('LogPipeline', `p${i}`));
    const { topology, issues } = plan(graphs, options);
    const entry = topology.workloads.at(-1)!;
    expect(topology.workloads).toHaveLength(1 + 23);
    expect(entry.memory.queueBytes).toBe(23 * 8 * MIB);
    expect(issues).toHaveLength(7);
    expect(issues[0]).toMatchObject({
      code: 'SL0405',
      message: 'the queue of LogPipeline `p23` does not fit into the memory of `otlp-entry` (MaxPipelinesExceeded)',
    });
  });

  it("refuses a queue that does not fit into its dispatcher, and gives its place in the entry to another's", () => {
    const { topology, issues } = plan([graph('LogPipeline', 'a', 500), graph('LogPipeline', 'b')], options);
    expect(topology.workloads.map(({ name }) => name)).toEqual(['log-dispatcher-b', 'otlp-entry']);
    expect(topology.workloads[1]!.memory.queueBytes).toBe(8 * MIB);
    expect(issues[0]!.message).toBe(
      'the queue of LogPipeline `a` does not fit into the memory of `log-dispatcher-a` (MaxPipelinesExceeded)',
    );
  });
});

describe('every topology', () => {
  const graphs = fc.uniqueArray(
    fc.record({
      kind: fc.constantFrom<Kind>('TracePipeline', 'MetricPipeline', 'LogPipeline'),
      name: fc.stringMatching(/^[ab]([-.][ab]){0,3}$/),
      size: fc.integer({ min: 1, max: 200 }),
    }),
    { selector: ({ kind, name }) => `${kind}/${name}`, minLength: 1, maxLength: 10 },
  );
  const input = fc.tuple(
    graphs,
    fc.constantFrom(...TOPOLOGY_TYPES),
    fc.integer({ min: 256, max: 2048 }),
    fc.constantFrom('sluice' as const, 'otelcol' as const),
  );

  it('keeps each process within its memory, names each once, and starts it after those it sends to', () => {
    fc.assert(
      fc.property(input, ([list, topology, capMib, distribution]) => {
        const all = list.map(({ kind, name, size }) => graph(kind, name, size));
        const { workloads } = plan(all, { topology, distribution, capBytes: capMib * MIB }).topology;
        const names = workloads.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const [index, workload] of workloads.entries()) {
          expect(neededBytes(workload.memory)).toBeLessThanOrEqual(workload.memory.softLimitBytes);
          for (const to of targets(workload)) expect(names.slice(0, index)).toContain(to);
        }
      }),
    );
  });

  it('changes nothing for the pipelines there are when one more comes', () => {
    fc.assert(
      fc.property(input, ([list, topology, capMib, distribution]) => {
        const all = list.map(({ kind, name, size }) => graph(kind, name, size));
        const run = (some: readonly PipelineGraph[]) => plan(some, { topology, distribution, capBytes: capMib * MIB });
        const before = placesOf(run(all.slice(0, -1)));
        const after = placesOf(run(all));
        for (const [pipeline, place] of before) expect(after.get(pipeline)).toBe(place);
      }),
    );
  });
});

/** Which process runs a pipeline, and with what queue. */
function placesOf({ topology }: Plan): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const workload of topology.workloads) {
    if (workload.role === 'router') continue;
    for (const { kind, name, queue } of workload.pipelines) {
      places.set(`${kind}/${name}`, `${workload.name} ${queue?.sizeBytes}`);
    }
  }
  return places;
}
