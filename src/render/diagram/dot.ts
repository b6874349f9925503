import type { FlowGraph, FlowNode } from '../../flow/index.ts';
import { lanesOf, pipelineKey } from './lanes.ts';
import { type DrawOptions, edgeWords, liveWords, PLAIN_NUMBERS } from './signal-mark.ts';

const STYLE = { traces: 'solid', metrics: 'dashed', logs: 'dotted' } as const;

const SHAPE: Readonly<Record<FlowNode['stage'], string>> = {
  source: 'oval',
  input: 'box',
  hop: 'cylinder',
  processor: 'box',
  queue: 'cylinder',
  backend: 'hexagon',
};

/** A graph for Graphviz: `sluice graph --format dot | dot -Tpng`. */
export function drawDot(graph: FlowGraph, options: DrawOptions = PLAIN_NUMBERS): string {
  const box = (node: FlowNode) => {
    const text = [node.label, ...liveWords(node, options)].map(escapeText).join('\\n');
    return `${quote(node.id)} [label="${text}", shape=${SHAPE[node.stage]}];`;
  };
  const lanes = lanesOf(graph).flatMap(({ pipeline, nodes }) => [
    `  subgraph ${quote(`cluster_${pipelineKey(pipeline)}`)} {`,
    `    label=${quote(pipelineKey(pipeline))};`,
    ...nodes.map((node) => `    ${box(node)}`),
    '  }',
  ]);
  const edges = graph.edges.map((edge) => {
    const label = quote(edgeWords(edge, options));
    return `  ${quote(edge.from)} -> ${quote(edge.to)} [label=${label}, style=${STYLE[edge.signal]}];`;
  });
  const shared = graph.nodes.filter(({ pipeline }) => pipeline === undefined).map((node) => `  ${box(node)}`);
  return `${['digraph sluice {', '  rankdir=LR;', ...shared, ...lanes, ...edges, '}'].join('\n')}\n`;
}

function quote(text: string): string {
  return `"${escapeText(text)}"`;
}

function escapeText(text: string): string {
  return text.replace(/["\\]/g, (char) => `\\${char}`).replace(/\s+/g, ' ');
}
