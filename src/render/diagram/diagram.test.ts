import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlowGraph, FlowNode, FlowNodeLive } from '../../flow/index.ts';
import { type PipelineGraph, viewerGraph } from '../../pipeline/index.ts';
import type { Topology } from '../../topology/index.ts';
import { describeFlow } from './describe.ts';
import { drawDot } from './dot.ts';
import { onlyPipelines } from './lanes.ts';
import { drawMermaid } from './mermaid.ts';
import { drawSvg } from './svg.ts';
import { layOut } from './svg-layout.ts';
import { drawTree } from './tree.ts';

const SIGNAL = { TracePipeline: 'traces', MetricPipeline: 'metrics', LogPipeline: 'logs' } as const;

function pipeline(kind: keyof typeof SIGNAL, name: string, endpoint?: string): PipelineGraph {
  const source = { span: { file: 'a.yaml', line: 7, column: 5, endLine: 7, endColumn: 9 }, field: 'spec.output.otlp' };
  const otlp = {
    kind: 'exporter',
    type: 'otlp',
    protocol: 'grpc',
    endpoint: endpoint ?? '',
    exactUrl: false,
    tls: { insecure: true, insecureSkipVerify: false },
    compression: 'gzip',
    headers: [{ name: 'authorization', value: 'Bearer hunter2' }],
    source,
  } as const;
  return {
    kind,
    name,
    signal: SIGNAL[kind],
    receivers: [{ kind: 'receiver', type: 'otlp' }],
    processors: [],
    exporter: endpoint === undefined ? { kind: 'exporter', type: 'stdout', verbosity: 'normal' } : otlp,
    ...(endpoint === undefined ? {} : { queue: { sizeBytes: 16 * 2 ** 20, onFull: 'DropNewest' } }),
  } as PipelineGraph;
}

const memory = {
  capBytes: 0,
  softLimitBytes: 0,
  baseBytes: 0,
  inFlightBytes: 0,
  queueFactor: 1,
  queueBytes: 0,
  diskQueue: { windowBytes: 0 },
  diskBytes: 0,
};
const jaeger = pipeline('TracePipeline', 'jaeger', 'http://user:hunter2@localhost:14317');
const console_ = pipeline('MetricPipeline', 'console');
const gateway = (name: string, pipelines: PipelineGraph[]) =>
  ({ role: 'gateway', name, distribution: 'sluice', replicas: { min: 1, max: 1 }, memory, pipelines }) as const;

const SHARED: Topology = {
  type: 'Shared',
  endpoint: 'Router',
  workloads: [gateway('otlp-gateway', [jaeger, console_])],
  agents: [],
};
const PER_SIGNAL: Topology = {
  type: 'PerSignal',
  endpoint: 'Router',
  agents: [],
  workloads: [
    { ...gateway('metric-gateway', [console_]), behind: 'otlp-router' },
    { ...gateway('trace-gateway', [jaeger]), behind: 'otlp-router' },
    {
      role: 'router',
      name: 'otlp-router',
      distribution: 'sluice',
      replicas: { min: 1, max: 1 },
      memory,
      routes: [
        { signal: 'metrics', to: 'metric-gateway' },
        { signal: 'traces', to: 'trace-gateway' },
      ],
    },
  ],
};
const PER_PIPELINE: Topology = {
  type: 'PerPipeline',
  endpoint: 'Router',
  agents: [],
  workloads: [
    {
      role: 'dispatcher',
      name: 'jaeger-dispatcher',
      distribution: 'sluice',
      replicas: { min: 1, max: 1 },
      memory,
      pipelines: [jaeger],
    },
    {
      role: 'entry',
      name: 'otlp-entry',
      distribution: 'sluice',
      replicas: { min: 1, max: 1 },
      memory,
      hops: [{ pipeline: jaeger, to: 'jaeger-dispatcher' }],
      pipelines: [console_],
    },
  ],
};

function withLive(graph: FlowGraph, live: (node: FlowNode) => FlowNodeLive | undefined): FlowGraph {
  const nodes = graph.nodes.map((node) => ({ ...node, ...(live(node) ? { live: live(node)! } : {}) }));
  return { ...graph, nodes, edges: graph.edges.map((edge) => ({ ...edge, perSecond: 1200 })) };
}

describe('the description of a topology', () => {
  it('names every node after what it is, in the order of stages', () => {
    expect(describeFlow(SHARED).nodes.map(({ id, label }) => [id, label])).toEqual([
      ['source/otlp', 'OTLP senders'],
      ['input/otlp-gateway', 'OTLP'],
      ['processor/tracepipeline-jaeger/batch', 'batch'],
      ['processor/metricpipeline-console/batch', 'batch'],
      ['queue/tracepipeline-jaeger', 'queue 16 MiB'],
      ['backend/tracepipeline-jaeger', 'localhost:14317 (gRPC)'],
      ['backend/metricpipeline-console', 'standard output'],
    ]);
  });

  it('says which line a node comes from, and holds no credential', () => {
    const graph = describeFlow(SHARED);
    expect(graph.nodes.at(-2)?.source).toEqual({ file: 'a.yaml', line: 7, field: 'spec.output.otlp' });
    expect(JSON.stringify(graph)).not.toContain('hunter2');
  });

  it.each([
    ['Shared', SHARED],
    ['PerSignal', PER_SIGNAL],
    ['PerPipeline', PER_PIPELINE],
  ])('leads every pipeline of %s from the source to its backend', (_, topology) => {
    const { nodes, edges } = describeFlow(topology);
    const ids = nodes.map(({ id }) => id);
    for (const { from, to } of edges) expect(ids).toEqual(expect.arrayContaining([from, to]));
    for (const { id } of nodes.filter(({ stage }) => stage === 'backend')) {
      let at = id;
      while (!at.startsWith('source/')) at = edges.find(({ to }) => to === at)!.from;
    }
  });

  it('shows what an entry holds for each process behind it', () => {
    const { nodes, edges } = describeFlow(PER_PIPELINE);
    expect(nodes.filter(({ stage }) => stage === 'hop')).toEqual([
      {
        id: 'hop/tracepipeline-jaeger',
        stage: 'hop',
        label: 'queue 8 MiB',
        workload: 'otlp-entry',
        pipeline: { kind: 'TracePipeline', name: 'jaeger' },
      },
    ]);
    const ways = edges.map(({ from, to }) => `${from} > ${to}`);
    expect(ways).toContain('input/otlp-entry > hop/tracepipeline-jaeger');
    expect(ways).toContain('hop/tracepipeline-jaeger > input/jaeger-dispatcher');
  });

  it.each([undefined, 'http://127.0.0.1:4711'])(
    'shows the copy for the UI only where nobody else takes a signal (viewer at %s)',
    (endpoint) => {
      const viewers = (['traces', 'metrics', 'logs'] as const).map((signal) =>
        viewerGraph(signal, endpoint === undefined ? {} : { endpoint }),
      );
      const flow = describeFlow({
        type: 'Shared',
        endpoint: 'Router',
        workloads: [gateway('otlp-gateway', [...viewers, jaeger])],
        agents: [],
      });
      const backends = flow.nodes.filter(({ stage }) => stage === 'backend');
      expect(backends.map(({ pipeline, label }) => [pipeline, label])).toEqual([
        [{ kind: 'TracePipeline', name: 'jaeger' }, 'localhost:14317 (gRPC)'],
        [{ kind: 'MetricPipeline', name: 'viewer', builtIn: true }, 'the UI'],
        [{ kind: 'LogPipeline', name: 'viewer', builtIn: true }, 'the UI'],
      ]);
      const arriving = flow.edges.filter(({ from }) => from === 'source/otlp').map(({ signal }) => signal);
      expect(arriving).toEqual(['traces', 'metrics', 'logs']);
      for (const draw of [drawTree, drawSvg, drawDot, drawMermaid]) {
        expect(draw(flow)).not.toContain('127.0.0.1');
        expect(draw(flow)).toContain('the UI');
      }
    },
  );

  it('is empty where nothing runs', () => {
    const empty = describeFlow({ type: 'Shared', endpoint: 'Router', workloads: [], agents: [] });
    expect(empty).toEqual({ topology: 'Shared', nodes: [], edges: [] });
    expect(drawTree(empty)).toBe('nothing runs: no pipeline has an input\n');
    expect(drawSvg(empty)).toContain('</svg>');
  });
});

describe('the tree', () => {
  it('has a line a pipeline, with aligned columns', () => {
    expect(drawTree(describeFlow(SHARED))).toBe(
      [
        'OTLP senders → otlp-gateway   T   M',
        '├─T─ tracepipeline/jaeger     batch → queue 16 MiB   → localhost:14317 (gRPC)',
        '└─M─ metricpipeline/console   batch                  → standard output',
        '',
      ].join('\n'),
    );
  });

  it('shows the processes between', () => {
    expect(drawTree(describeFlow(PER_SIGNAL))).toBe(
      [
        'OTLP senders → otlp-router   T   M',
        '├─T─ trace-gateway',
        '│    └─T─ tracepipeline/jaeger     batch → queue 16 MiB   → localhost:14317 (gRPC)',
        '└─M─ metric-gateway',
        '     └─M─ metricpipeline/console   batch                  → standard output',
        '',
      ].join('\n'),
    );
    expect(drawTree(describeFlow(PER_PIPELINE))).toContain(
      'tracepipeline/jaeger     queue 8 MiB → jaeger-dispatcher → batch → queue 16 MiB',
    );
  });

  it('shows rates, fill, loss and the state of backends', () => {
    const graph = withLive(describeFlow(SHARED), ({ stage, pipeline: { name } = { name: '' } }) => {
      if (stage === 'queue') return { queue: { sizeBytes: 50, capacityBytes: 100 }, droppedPerSecond: 7 };
      if (stage !== 'backend') return undefined;
      const failure = { kind: 'refused', code: 'SL0501', message: 'no' } as const;
      return { backend: name === 'jaeger' ? { state: 'failing', since: '', failure } : { state: 'ok', since: '' } };
    });
    expect(drawTree(graph, { rate: (n) => `${n / 1000}k`, age: () => '5m12s', unicode: false })).toBe(
      [
        'OTLP senders -> otlp-gateway   T 1.2k/s   M 1.2k/s',
        '|-T- tracepipeline/jaeger     batch -> queue 16 MiB 50 % -0.007k/s   -> localhost:14317 (gRPC)   1.2k/s   failing SL0501 5m12s',
        '`-M- metricpipeline/console   batch                                  -> standard output          1.2k/s   ok',
        '',
      ].join('\n'),
    );
  });
});

describe('a pipeline with rules', () => {
  const source = { span: { file: 'a.yaml', line: 9, column: 5, endLine: 9, endColumn: 9 }, field: 'spec.filter[0]' };
  const rules: PipelineGraph = {
    ...jaeger,
    receivers: [{ kind: 'receiver', type: 'otlp', namespaces: { exclude: ['kube-system'] } }],
    processors: [
      { kind: 'processor', type: 'transform', conditions: ['a'], statements: ['b', 'c'] },
      { kind: 'processor', type: 'filter', conditions: ['d'], source },
    ],
  };
  const flow = describeFlow({
    type: 'Shared',
    endpoint: 'Router',
    workloads: [gateway('otlp-gateway', [rules])],
    agents: [],
  });
  const graph = withLive(flow, ({ id }) =>
    id.endsWith('/filter') ? { filtered: 9, filteredPerSecond: 102 } : undefined,
  );

  it('is drawn with a stage for each kind of rule, and what leaves it there', () => {
    expect(drawTree(graph)).toBe(
      [
        'OTLP senders → otlp-gateway   T 1200/s',
        '└─T─ tracepipeline/jaeger   namespaces → transform (2) → filter -102/s → batch → queue 16 MiB   → localhost:14317 (gRPC)   1200/s',
        '',
      ].join('\n'),
    );
  });

  it('is drawn like that as Mermaid, Graphviz and SVG', () => {
    expect(drawMermaid(graph)).toMatchInlineSnapshot(`
      "flowchart LR
        n0(["OTLP senders"])
        n1["OTLP"]
        subgraph p0["tracepipeline/jaeger"]
          n2["namespaces"]
          n3["transform (2)"]
          n4["filter<br>-102/s"]
          n5["batch"]
          n6[("queue 16 MiB")]
          n7{{"localhost:14317 (gRPC)"}}
        end
        n0 -->|"T 1200/s"| n1
        n1 -->|"T 1200/s"| n2
        n2 -->|"T 1200/s"| n3
        n3 -->|"T 1200/s"| n4
        n4 -->|"T 1200/s"| n5
        n5 -->|"T 1200/s"| n6
        n6 -->|"T 1200/s"| n7
      "
    `);
    expect(drawDot(graph)).toMatchInlineSnapshot(`
      "digraph sluice {
        rankdir=LR;
        "source/otlp" [label="OTLP senders", shape=oval];
        "input/otlp-gateway" [label="OTLP", shape=box];
        subgraph "cluster_tracepipeline/jaeger" {
          label="tracepipeline/jaeger";
          "processor/tracepipeline-jaeger/namespaces" [label="namespaces", shape=box];
          "processor/tracepipeline-jaeger/transform" [label="transform (2)", shape=box];
          "processor/tracepipeline-jaeger/filter" [label="filter\\n-102/s", shape=box];
          "processor/tracepipeline-jaeger/batch" [label="batch", shape=box];
          "queue/tracepipeline-jaeger" [label="queue 16 MiB", shape=cylinder];
          "backend/tracepipeline-jaeger" [label="localhost:14317 (gRPC)", shape=hexagon];
        }
        "source/otlp" -> "input/otlp-gateway" [label="T 1200/s", style=solid];
        "input/otlp-gateway" -> "processor/tracepipeline-jaeger/namespaces" [label="T 1200/s", style=solid];
        "processor/tracepipeline-jaeger/namespaces" -> "processor/tracepipeline-jaeger/transform" [label="T 1200/s", style=solid];
        "processor/tracepipeline-jaeger/transform" -> "processor/tracepipeline-jaeger/filter" [label="T 1200/s", style=solid];
        "processor/tracepipeline-jaeger/filter" -> "processor/tracepipeline-jaeger/batch" [label="T 1200/s", style=solid];
        "processor/tracepipeline-jaeger/batch" -> "queue/tracepipeline-jaeger" [label="T 1200/s", style=solid];
        "queue/tracepipeline-jaeger" -> "backend/tracepipeline-jaeger" [label="T 1200/s", style=solid];
      }
      "
    `);
    const texts = [...drawSvg(graph).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    expect(texts).toMatchInlineSnapshot(`
      [
        "SOURCE",
        "INPUT",
        "PROCESSOR",
        "QUEUE",
        "BACKEND",
        "tracepipeline/jaeger",
        "OTLP senders",
        "OTLP",
        "namespaces",
        "transform (2)",
        "filter",
        "-102/s",
        "batch",
        "queue 16 MiB",
        "localhost:14317 (gRPC)",
        "T 1200/s",
        "T 1200/s",
        "T 1200/s",
        "T 1200/s",
        "T 1200/s",
        "T 1200/s",
        "T 1200/s",
      ]
    `);
    expect(drawSvg(graph)).toContain('(a.yaml:9 spec.filter[0])');
  });
});

describe('the choice of pipelines', () => {
  it('keeps what leads to them and nothing else', () => {
    const graph = onlyPipelines(describeFlow(PER_SIGNAL), ({ name }) => name === 'console');
    expect(graph.nodes.map(({ id }) => id)).toEqual([
      'source/otlp',
      'input/otlp-router',
      'input/metric-gateway',
      'processor/metricpipeline-console/batch',
      'backend/metricpipeline-console',
    ]);
    expect(new Set(graph.edges.map(({ signal }) => signal))).toEqual(new Set(['metrics']));
  });
});

describe('the drawings', () => {
  const nasty = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
  const hostile = fc.oneof(
    nasty,
    fc.constantFrom('"]', '</svg><script>x</script>', '"; rm', '\\"', '#quot;', '`a`', '&amp;'),
  );

  it('keep any text as text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const graph = describeFlow(SHARED);
        const named = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, label: text })) };
        const svg = drawSvg(named);
        expect(svg.match(/<\/?script|<\/svg>/g)).toEqual(['</svg>']);
        expect(svg.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)/);
        for (const line of drawMermaid(named).split('\n')) expect(line.split('"').length % 2).toBe(1);
        for (const line of drawDot(named).split('\n')) expect(line.replace(/\\./g, '').split('"').length % 2).toBe(1);
        expect(drawDot(named).split('\n')).toHaveLength(drawDot(graph).split('\n').length);
        expect(drawMermaid(named).split('\n')).toHaveLength(drawMermaid(graph).split('\n').length);
      }),
    );
  });

  it('are the same for the same graph', () => {
    for (const draw of [drawSvg, drawDot, drawMermaid]) {
      expect(draw(describeFlow(PER_SIGNAL))).toBe(draw(describeFlow(structuredClone(PER_SIGNAL))));
    }
  });

  it('put no two boxes of the picture over each other, and none outside', () => {
    for (const topology of [SHARED, PER_SIGNAL, PER_PIPELINE]) {
      const { boxes, width, height } = layOut(describeFlow(topology));
      const list = [...boxes.values()];
      for (const [i, a] of list.entries()) {
        expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height).toBe(true);
        for (const b of list.slice(i + 1)) {
          const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          expect([a.node.id, b.node.id, apart]).toEqual([a.node.id, b.node.id, true]);
        }
      }
    }
  });

  it('say in words what the picture shows, and tell signals apart without colour', () => {
    const svg = drawSvg(describeFlow(SHARED));
    expect(svg).toMatch(/role="img" aria-labelledby="title desc"/);
    expect(svg).toContain('traces of tracepipeline/jaeger: queue 16 MiB to localhost:14317 (gRPC).');
    expect(svg).toMatch(/\.metrics\{[^}]*stroke-dasharray/);
    expect(svg).toMatch(/prefers-color-scheme:dark/);
    expect(svg).not.toMatch(/href|https?:\/\/(?!www\.w3\.org)/);
  });
});
