import type { FlowEdge, FlowGraph, FlowNode } from '../../flow/index.ts';
import { lanesOf, pipelineKey } from './lanes.ts';
import { type DrawOptions, edgeWords, liveWords, PLAIN_NUMBERS } from './signal-mark.ts';

const ARROW = { traces: '-->', metrics: '-.->', logs: '==>' } as const;

const SHAPE: Readonly<Record<FlowNode['stage'], readonly [string, string]>> = {
  source: ['([', '])'],
  input: ['[', ']'],
  hop: ['[(', ')]'],
  processor: ['[', ']'],
  queue: ['[(', ')]'],
  backend: ['{{', '}}'],
};

/** A graph as a Mermaid flowchart, which GitHub and GitLab draw inside Markdown. */
export function drawMermaid(graph: FlowGraph, options: DrawOptions = PLAIN_NUMBERS): string {
  const number = new Map(graph.nodes.map(({ id }, i) => [id, `n${i}`]));
  const box = (node: FlowNode) => {
    const [open, close] = SHAPE[node.stage];
    const text = [node.label, ...liveWords(node, options)].map(escapeText).join('<br>');
    return `${number.get(node.id)}${open}"${text}"${close}`;
  };
  const arrow = (edge: FlowEdge) =>
    `  ${number.get(edge.from)} ${ARROW[edge.signal]}|"${escapeText(edgeWords(edge, options))}"| ${number.get(edge.to)}`;
  const lanes = lanesOf(graph).flatMap(({ pipeline, nodes }, i) => [
    `  subgraph p${i}["${escapeText(pipelineKey(pipeline))}"]`,
    ...nodes.map((node) => `    ${box(node)}`),
    '  end',
  ]);
  const shared = graph.nodes.filter(({ pipeline }) => pipeline === undefined).map((node) => `  ${box(node)}`);
  return `${['flowchart LR', ...shared, ...lanes, ...graph.edges.map(arrow)].join('\n')}\n`;
}

/** Mermaid reads Markdown and HTML inside quotes; its own entities keep text what it is. */
function escapeText(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:/()%+-]/gu, (char) => `#${char.codePointAt(0)};`);
}
