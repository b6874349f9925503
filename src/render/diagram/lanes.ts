import type { FlowGraph, FlowNode, FlowPipelineRef } from '../../flow/index.ts';
import type { Signal } from '../../pdata/index.ts';

/** The nodes of one pipeline in the order of data: what a swimlane holds. */
export interface Lane {
  readonly pipeline: FlowPipelineRef;
  readonly signal: Signal;
  readonly nodes: readonly FlowNode[];
}

/** One lane a pipeline, in the order in which the graph names them. */
export function lanesOf({ nodes, edges }: FlowGraph): readonly Lane[] {
  const lanes = new Map<string, { pipeline: FlowPipelineRef; signal: Signal; nodes: FlowNode[] }>();
  for (const { pipeline, signal } of edges) {
    if (pipeline !== undefined && !lanes.has(pipelineKey(pipeline))) {
      const own = nodes.filter(
        (node) => node.pipeline !== undefined && pipelineKey(node.pipeline) === pipelineKey(pipeline),
      );
      lanes.set(pipelineKey(pipeline), { pipeline, signal, nodes: own });
    }
  }
  return [...lanes.values()];
}

/** `tracepipeline/jaeger` */
export function pipelineKey({ kind, name }: FlowPipelineRef): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** A graph with what one of the pipelines needs, and nothing else. */
export function onlyPipelines(graph: FlowGraph, wanted: (pipeline: FlowPipelineRef) => boolean): FlowGraph {
  const edges = new Set(graph.edges.filter(({ pipeline }) => pipeline !== undefined && wanted(pipeline)));
  // Back from the pipelines to the sources: shared edges count when they lead to one, with its signal.
  for (let before = -1; before !== edges.size; ) {
    before = edges.size;
    for (const edge of graph.edges) {
      const leadsOn = [...edges].some(({ from, signal }) => from === edge.to && signal === edge.signal);
      if (edge.pipeline === undefined && leadsOn) edges.add(edge);
    }
  }
  const ids = new Set([...edges].flatMap(({ from, to }) => [from, to]));
  return {
    topology: graph.topology,
    nodes: graph.nodes.filter(({ id }) => ids.has(id)),
    edges: graph.edges.filter((edge) => edges.has(edge)),
  };
}
