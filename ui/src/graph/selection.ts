import type { FlowGraph, FlowNode } from '../../../src/flow/flow-graph.ts';
import { pipelineKey } from './lanes.ts';

export interface Wanted {
  /** `TracePipeline/audit`: that one alone. */
  readonly pipeline: string;
  /** A part of a name or label, in either case. */
  readonly text: string;
}

/** The part of the picture that belongs to the pipelines that are wanted, with what they share with others in front. */
export function selectGraph<T extends FlowGraph>(graph: T, { pipeline, text }: Wanted): T {
  if (pipeline === '' && text === '') return graph;
  const needle = text.toLowerCase();
  const matching = graph.nodes.filter((node) => node.pipeline !== undefined && matches(node, pipeline, needle));
  const lanes = new Set(matching.flatMap((node) => (node.pipeline === undefined ? [] : [pipelineKey(node.pipeline)])));
  const kept = new Set(
    graph.nodes.flatMap(({ id, pipeline: own }) => (own !== undefined && lanes.has(pipelineKey(own)) ? [id] : [])),
  );
  const signals = new Set(graph.edges.filter(({ to }) => kept.has(to)).map(({ signal }) => signal));
  const isWanted = ({ signal, pipeline: own }: FlowGraph['edges'][number]) =>
    own === undefined ? signals.has(signal) : lanes.has(pipelineKey(own));
  // From the lanes back to the senders; each round reaches one hop further.
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const edge of graph.edges) if (kept.has(edge.to) && isWanted(edge)) kept.add(edge.from);
  }
  return {
    ...graph,
    nodes: graph.nodes.filter(({ id }) => kept.has(id)),
    edges: graph.edges.filter((edge) => kept.has(edge.from) && kept.has(edge.to) && isWanted(edge)),
  };
}

function matches(node: FlowNode, pipeline: string, needle: string): boolean {
  const key = node.pipeline === undefined ? '' : pipelineKey(node.pipeline);
  if (pipeline !== '' && key !== pipeline) return false;
  return needle === '' || `${key} ${node.label} ${node.workload ?? ''}`.toLowerCase().includes(needle);
}
