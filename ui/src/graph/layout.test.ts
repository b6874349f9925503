import { describe, expect, it } from 'vitest';
import type { FlowGraph, FlowNode } from '../../../src/flow/flow-graph.ts';
import { layoutGraph } from './layout.ts';
import { selectGraph } from './selection.ts';

/** A router in front of one gateway a signal, with `names` of trace pipelines and one log pipeline. */
function perSignal(names: readonly string[]): FlowGraph {
  const nodes: FlowNode[] = [
    { id: 'source', stage: 'source', label: 'OTLP senders' },
    { id: 'router', stage: 'input', label: 'otlp-router', workload: 'otlp-router' },
    { id: 'traces', stage: 'input', label: 'trace-gateway', workload: 'trace-gateway' },
    { id: 'logs', stage: 'input', label: 'log-gateway', workload: 'log-gateway' },
  ];
  const edges: FlowGraph['edges'][number][] = [
    { from: 'source', to: 'router', signal: 'traces' },
    { from: 'source', to: 'router', signal: 'logs' },
    { from: 'router', to: 'traces', signal: 'traces' },
    { from: 'router', to: 'logs', signal: 'logs' },
  ];
  const add = (kind: 'TracePipeline' | 'LogPipeline', name: string) => {
    const pipeline = { kind, name };
    const signal = kind === 'TracePipeline' ? 'traces' : 'logs';
    nodes.push({ id: `queue/${kind}/${name}`, stage: 'queue', label: 'queue', pipeline });
    nodes.push({ id: `backend/${kind}/${name}`, stage: 'backend', label: `${name}:4317`, pipeline });
    edges.push({ from: signal, to: `queue/${kind}/${name}`, signal, pipeline });
    edges.push({ from: `queue/${kind}/${name}`, to: `backend/${kind}/${name}`, signal, pipeline });
  };
  add('LogPipeline', 'archive');
  for (const name of names) add('TracePipeline', name);
  return { topology: 'PerSignal', nodes, edges };
}

/** An entry in front of a dispatcher for each of `names`; the longest way there is. */
function perPipeline(names: readonly string[]): FlowGraph {
  const nodes: FlowNode[] = [
    { id: 'source', stage: 'source', label: 'OTLP senders' },
    { id: 'entry', stage: 'input', label: 'otlp-entry', workload: 'otlp-entry' },
  ];
  const edges: FlowGraph['edges'][number][] = [{ from: 'source', to: 'entry', signal: 'traces' }];
  const STAGES = ['hop', 'input', 'processor', 'queue', 'backend'] as const;
  for (const name of names) {
    const own = { signal: 'traces', pipeline: { kind: 'TracePipeline', name } } as const;
    let from = 'entry';
    for (const stage of STAGES) {
      const id = `${stage}/${name}`;
      nodes.push({ id, stage, label: id, pipeline: own.pipeline });
      edges.push({ from, to: id, ...own });
      from = id;
    }
  }
  return { topology: 'PerPipeline', nodes, edges };
}

/** One gateway; of two pipelines one has every kind of rule. */
function withRules(): FlowGraph {
  const nodes: FlowNode[] = [
    { id: 'source', stage: 'source', label: 'OTLP senders' },
    { id: 'gateway', stage: 'input', label: 'OTLP', workload: 'otlp-gateway' },
  ];
  const edges: FlowGraph['edges'][number][] = [{ from: 'source', to: 'gateway', signal: 'metrics' }];
  const RULES = ['namespaces', 'transform (12)', 'filter (2)', 'delta'];
  for (const [name, rules] of [
    ['plain', []],
    ['rules', RULES],
  ] as const) {
    const own = { signal: 'metrics', pipeline: { kind: 'MetricPipeline', name } } as const;
    const add = (stage: FlowNode['stage'], label: string) => {
      nodes.push({ id: `${stage}/${name}/${label.split(' ')[0]}`, stage, label, pipeline: own.pipeline });
      return nodes.at(-1)!.id;
    };
    let from = 'gateway';
    const steps = [...rules, 'batch'].map((label) => add('processor', label));
    for (const to of [...steps, add('queue', 'queue 16 MiB'), add('backend', 'localhost:4317')]) {
      edges.push({ from, to, ...own });
      from = to;
    }
  }
  return { topology: 'Shared', nodes, edges };
}

/** Points along a path of M, C and H. */
function pointsOf(path: string): readonly (readonly [x: number, y: number])[] {
  const [x0, y0, ...rest] = [...path.matchAll(/-?[\d.]+/g)].map(Number);
  const [x1, y1, x2, y2, x3, y3] = path.includes('C') ? rest : [x0, y0, x0, y0, x0, y0];
  const end = rest.at(-1) as number;
  const at = (t: number, ...[a, b, c, d]: readonly number[]) =>
    (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
  const steps = Array.from({ length: 41 }, (_, i) => i / 40);
  return [
    ...steps.map((t) => [at(t, x0, x1, x2, x3), at(t, y0, y1, y2, y3)] as const),
    ...steps.map((t) => [x3 + t * (end - x3), y3] as const),
  ];
}

describe('layoutGraph', () => {
  it.each([
    ['PerSignal', perSignal(['a', 'b', 'c'])],
    ['PerPipeline', perPipeline(['a', 'b', 'c'])],
  ])('fits %s into a window 1280 wide, and uses more where there is more', (_, graph) => {
    expect(layoutGraph(graph, 1035).width).toBeLessThanOrEqual(1035);
    expect(layoutGraph(graph, 1400).width).toBeGreaterThan(1200);
    expect(layoutGraph(graph, 300).width).toBe(layoutGraph(graph, 500).width);
  });

  it.each([
    ['PerSignal', perSignal(['a', 'b', 'c', 'd']), 1050],
    ['PerPipeline', perPipeline(['a', 'b', 'c', 'd']), 960],
    ['PerPipeline', perPipeline(['a', 'b', 'c', 'd']), 1400],
    ['pipelines with rules', withRules(), 960],
    ['pipelines with rules', withRules(), 1400],
  ])('keeps the rates of %s clear of lines and nodes', (_, graph, width) => {
    const { nodes, edges } = layoutGraph(graph, width);
    // As long as `99.9k/s` gets, as high as its digits.
    const boxes = edges.flatMap(({ label }) => (label === undefined ? [] : [{ left: label.x - 40, ...label }]));
    expect(boxes.length).toBeGreaterThan(5);
    for (const { left, x, y } of boxes) {
      for (const node of nodes) {
        const apart = node.x >= x || node.x + node.width <= left || node.y >= y || node.y + node.height <= y - 8;
        expect(apart, node.node.id).toBe(true);
      }
      for (const { path, edge } of edges) {
        const meets = pointsOf(path).some(([px, py]) => px > left && px < x && py > y - 8 - 2 && py < y + 2);
        expect(meets, `${edge.from} to ${edge.to}`).toBe(false);
      }
    }
  });

  it('leaves room for the names of rules, and for a rate behind what leaves items out', () => {
    const { nodes, edges } = layoutGraph(withRules(), 800);
    for (const { node, width } of nodes.filter(({ node: { stage } }) => stage === 'processor')) {
      expect(width, node.label).toBeGreaterThanOrEqual(Math.min(110, node.label.length * 6.6 + 14));
    }
    const labelled = edges.filter(({ label }) => label !== undefined).map(({ edge }) => edge.from);
    expect(labelled).toEqual(expect.arrayContaining(['processor/rules/namespaces', 'processor/rules/filter']));
  });

  it('shows what many lanes share beside the first of them', () => {
    const names = Array.from({ length: 40 }, (_, i) => `p${i}`);
    const first = ['source', 'entry', 'router', 'traces'];
    for (const { nodes } of [layoutGraph(perPipeline(names)), layoutGraph(perSignal(names))]) {
      for (const { y } of nodes.filter(({ node }) => first.includes(node.id))) expect(y).toBeLessThan(350);
    }
  });

  it('gives every pipeline a lane, grouped by signal, and hops columns of their own', () => {
    const layout = layoutGraph(perSignal(['b', 'a']));
    expect(layout.lanes.map(({ key }) => key)).toEqual(['TracePipeline/a', 'TracePipeline/b', 'LogPipeline/archive']);
    expect(layout.columns.map(({ title }) => title)).toEqual(['Sources', 'Input', 'Gateways', 'Queue', 'Backends']);
    const x = (id: string) => layout.nodes.find(({ node }) => node.id === id)?.x ?? 0;
    expect(x('router')).toBeLessThan(x('traces'));
    expect(x('traces')).toBe(x('logs'));
  });

  it('lets no two nodes overlap, with fifty pipelines, and does not move them when figures change', () => {
    const graph = perSignal(Array.from({ length: 50 }, (_, index) => `p${index}`));
    const { nodes, edges } = layoutGraph(graph);
    expect(nodes).toHaveLength(graph.nodes.length);
    expect(edges).toHaveLength(graph.edges.length);
    for (const [index, a] of nodes.entries()) {
      for (const b of nodes.slice(index + 1)) {
        const beside = a.x + a.width <= b.x || b.x + b.width <= a.x;
        const apart = beside || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart, `${a.node.id} and ${b.node.id}`).toBe(true);
      }
    }
    const later = { ...graph, edges: graph.edges.map((edge) => ({ ...edge, perSecond: 1e6 })) };
    expect(layoutGraph(later).edges.map(({ path }) => path)).toEqual(edges.map(({ path }) => path));
  });

  it('lays parallel edges side by side', () => {
    const { edges } = layoutGraph(perSignal(['a']));
    expect(new Set(edges.map(({ path }) => path)).size).toBe(edges.length);
  });

  it('draws nothing for an empty topology', () => {
    expect(layoutGraph({ topology: 'Shared', nodes: [], edges: [] })).toMatchObject({ width: 0, nodes: [], edges: [] });
  });
});

describe('selectGraph', () => {
  it('keeps one pipeline and what leads to it', () => {
    const { nodes, edges } = selectGraph(perSignal(['a', 'b']), { pipeline: 'TracePipeline/a', text: '' });
    expect(nodes.map(({ id }) => id)).toEqual([
      'source',
      'router',
      'traces',
      'queue/TracePipeline/a',
      'backend/TracePipeline/a',
    ]);
    expect(edges).toHaveLength(4);
  });

  it('finds by name and by backend, in either case', () => {
    const found = (text: string) =>
      selectGraph(perSignal(['audit', 'jaeger']), { pipeline: '', text }).nodes.filter(
        ({ stage }) => stage === 'backend',
      );
    expect(found('AUDIT').map(({ label }) => label)).toEqual(['audit:4317']);
    expect(found('logpipe').map(({ label }) => label)).toEqual(['archive:4317']);
    expect(found('zzz')).toEqual([]);
  });
});
