import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { GraphDocument } from '../../../src/server/api.ts';
import { hrefWith, navigate } from '../shell/route.ts';
import { GraphNode } from './graph-node.tsx';
import type { Lane } from './lanes.ts';
import { type Layout, layoutGraph } from './layout.ts';
import { type PlacedEdge, WIDEST_LINE } from './lines.ts';
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
  const frame = useRef<HTMLElement>(null);
  const width = useRoom(frame);
  // Figures change every second, places only with the structure and the page.
  const layout = useMemo(() => layoutGraph(graph, width), [structure, width]);
  const live = new Map(graph.nodes.map((node) => [node.id, node]));
  const [focused, setFocused] = useState(selected);
  const stop = layout.nodes.find(({ node }) => node.id === (focused ?? selected)) ?? layout.nodes[0];

  useEffect(() => {
    if (selected === undefined) return;
    const node = frame.current?.querySelector(`[data-node="${CSS.escape(selected)}"]`);
    node?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [selected]);
  const onKeyDown = (event: KeyboardEvent) => {
    const target = neighbour(layout, stop.node.id, event.key);
    if (target === undefined) return;
    event.preventDefault();
    setFocused(target);
    frame.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(target)}"]`)?.focus();
  };
  return (
    <figure class="picture-scroll" aria-label={summary(graph)} ref={frame} onKeyDown={onKeyDown}>
      <div
        class={layout.isDense ? 'picture picture-dense' : 'picture'}
        style={{ width: `${layout.width}px`, height: `${layout.height}px` }}
      >
        <Lines layout={layout} graph={graph} />
        {layout.nodes.map(({ node, x, y, width, height }) => (
          <GraphNode
            key={node.id}
            node={live.get(node.id) ?? node}
            place={{ left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` }}
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

/** Of the panel with its gap, in px. */
const PANEL = 312;
/** A picture this wide has room for every topology. */
const ENOUGH = 1050;

/** The width for what stands in the picture. A wide page keeps room for the panel: nothing moves when one is opened. */
function useRoom(frame: { readonly current: HTMLElement | null }): number | undefined {
  const [width, setWidth] = useState<number>();
  useLayoutEffect(() => {
    const own = frame.current;
    const page = own?.parentElement;
    if (own === null || page === null || page === undefined) return undefined;
    const measure = () => {
      const { paddingLeft, paddingRight } = getComputedStyle(own);
      const room = own.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
      const besidePanel = page.clientWidth - PANEL - (own.offsetWidth - room);
      setWidth(Math.floor(besidePanel >= ENOUGH ? besidePanel : room));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(own);
    return () => observer.disconnect();
  }, []);
  return width;
}

function Lines({ layout, graph }: { readonly layout: Layout; readonly graph: GraphDocument }) {
  const { height, columns, lanes, edges } = layout;
  return (
    <svg width="100%" height={height} aria-hidden="true">
      {columns.map(({ title, x }) => (
        <text key={x} class="column-title" x={x} y="12">
          {title}
        </text>
      ))}
      {lanes.map((lane) => (
        <Band key={lane.key} lane={lane} />
      ))}
      {edges.map((placed) => (
        <Edge key={placed.key} placed={placed} perSecond={graph.edges[placed.index]?.perSecond} />
      ))}
    </svg>
  );
}

/** Of a name so many characters are shown; the table has all of it. */
const LONGEST_NAME = 70;

function Band({ lane: { title, signal, isBuiltIn, x, y, height } }: { readonly lane: Lane }) {
  const name = title.length > LONGEST_NAME ? `${title.slice(0, LONGEST_NAME - 1)}…` : title;
  return (
    <g class={`lane signal-${signal}${isBuiltIn ? ' lane-built-in' : ''}`}>
      <rect class="lane-band" x={x} y={y} style={{ width: `calc(100% - ${x}px)` }} height={height} rx="6" />
      <text class="lane-title" x={x + 8} y={y + 16}>
        <tspan class="edge-letter">{signal[0].toUpperCase()}</tspan> {name}
      </text>
    </g>
  );
}

function Edge({
  placed: { edge, path, label, hasLetter },
  perSecond,
}: {
  readonly placed: PlacedEdge;
  readonly perSecond: number | undefined;
}) {
  return (
    <g class={`edge signal-${edge.signal}${perSecond ? '' : ' edge-idle'}`}>
      <path class="edge-line" d={path} stroke-width={lineWidth(perSecond ?? 0)} />
      {label !== undefined && (
        <text class="edge-label" x={label.x} y={label.y} text-anchor="end">
          {hasLetter && <tspan class="edge-letter">{edge.signal[0].toUpperCase()} </tspan>}
          {rate(perSecond)}
        </text>
      )}
    </g>
  );
}

/** 1.5 px for nothing, the widest from 10,000 a second on. */
function lineWidth(perSecond: number): number {
  return Math.min(WIDEST_LINE, 1.5 + Math.log10(1 + perSecond) * 1.12);
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
