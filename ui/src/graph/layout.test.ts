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

describe('layoutGraph', () => {
  it('gives every pipeline a lane, grouped by signal, and hops columns of their own', () => {
    const layout = layoutGraph(perSignal(['b', 'a']));
    expect(layout.lanes.map(({ key }) => key)).toEqual(['TracePipeline/a', 'TracePipeline/b', 'LogPipeline/archive']);
    expect(layout.columns.map(({ title }) => title)).toEqual(['Sources', 'Input', '', 'Queue', 'Backends']);
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
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || Math.abs(a.y - b.y) >= 44;
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
