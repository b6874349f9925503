import { useMemo, useRef, useState } from 'preact/hooks';
import type { GraphDocument } from '../../../src/server/api.ts';
import { hrefWith, navigate } from '../shell/route.ts';
import { GraphNode } from './graph-node.tsx';
import { type Layout, layoutGraph, NODE_HEIGHT, type PlacedEdge } from './layout.ts';
import { neighbour } from './neighbour.ts';
import { backendWord, pipelineText, rate } from './words.ts';

interface PictureProps {
  readonly graph: GraphDocument;
  readonly selected: string | undefined;
}

/** Lines are drawn, nodes are buttons over them: one stop of the tab key, arrows from there on. */
export function Picture({ graph, selected }: PictureProps) {
  const structure = JSON.stringify([
    graph.nodes.map(({ id, label }) => [id, label]),
    graph.edges.map(({ from, to, signal }) => [from, to, signal]),
  ]);
  // Figures change every second, places only with the structure.
  const layout = useMemo(() => layoutGraph(graph), [structure]);
  const live = new Map(graph.nodes.map((node) => [node.id, node]));
  const [focused, setFocused] = useState(selected);
  const frame = useRef<HTMLElement>(null);
  const stop = layout.nodes.find(({ node }) => node.id === (focused ?? selected)) ?? layout.nodes[0];

  const onKeyDown = (event: KeyboardEvent) => {
    const target = neighbour(layout, stop.node.id, event.key);
    if (target === undefined) return;
    event.preventDefault();
    setFocused(target);
    frame.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(target)}"]`)?.focus();
  };
  return (
    <figure class="picture-scroll" aria-label={summary(graph)} ref={frame} onKeyDown={onKeyDown}>
      <div class="picture" style={{ width: `${layout.width}px`, height: `${layout.height}px` }}>
        <Lines layout={layout} graph={graph} />
        {layout.nodes.map(({ node, x, y, width }) => (
          <GraphNode
            key={node.id}
            node={live.get(node.id) ?? node}
            place={{ left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${NODE_HEIGHT}px` }}
            isSelected={node.id === selected}
            isStop={node.id === stop.node.id}
            onFocus={() => setFocused(node.id)}
            onOpen={() => navigate(hrefWith({ node: node.id === selected ? '' : node.id }), { replace: true })}
          />
        ))}
      </div>
    </figure>
  );
}

function Lines({ layout, graph }: { readonly layout: Layout; readonly graph: GraphDocument }) {
  const { width, height, columns, lanes, edges } = layout;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {columns.map(({ title, x }) => (
        <text key={x} class="column-title" x={x} y="16">
          {title}
        </text>
      ))}
      {lanes.map(({ key, title, signal, y }, index) => (
        <g key={key}>
          {index > 0 && <line class="lane-line" x1="0" x2={width} y1={y - 24} y2={y - 24} />}
          <text class={`lane-title signal-${signal}`} x={(columns.at(-1)?.x ?? 0) + 1} y={y - 6}>
            <tspan class="edge-letter">{signal[0].toUpperCase()}</tspan> {title}
          </text>
        </g>
      ))}
      {edges.map((placed) => (
        <Edge key={placed.key} placed={placed} perSecond={graph.edges[placed.index]?.perSecond} />
      ))}
    </svg>
  );
}

function Edge({
  placed: { edge, path, label },
  perSecond,
}: {
  readonly placed: PlacedEdge;
  readonly perSecond: number | undefined;
}) {
  return (
    <g class={`edge signal-${edge.signal}${perSecond ? '' : ' edge-idle'}`}>
      <path class="edge-line" d={path} stroke-width={lineWidth(perSecond ?? 0)} />
      <text class="edge-label" x={label.x} y={label.y} text-anchor="end">
        <tspan class="edge-letter">{edge.signal[0].toUpperCase()}</tspan> {rate(perSecond)}
      </text>
    </g>
  );
}

/** 1.5 px for nothing, 8 px from 10,000 a second on. */
function lineWidth(perSecond: number): number {
  return Math.min(8, 1.5 + Math.log10(1 + perSecond) * 1.6);
}

/** The picture in a sentence; the table holds the numbers. */
function summary({ nodes }: GraphDocument): string {
  const backends = nodes.filter(({ stage }) => stage === 'backend');
  const failing = backends.filter((node) => backendWord(node)?.mark === 'failing');
  const count = `${backends.length} ${backends.length === 1 ? 'pipeline' : 'pipelines'}`;
  const state =
    failing.length === 0
      ? 'no backend fails'
      : `failing: ${failing.map((node) => `${pipelineText(node)} ${backendWord(node)?.word}`).join('; ')}`;
  return `Flow of ${count}, ${state}. The same numbers are in the table.`;
}
