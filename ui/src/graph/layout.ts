/**
 * Where everything stands in the picture. Invariants
 * - Positions depend on the topology and the width of the page alone, never on figures: nothing moves while it is watched.
 * - One lane a pipeline, grouped by signal; what pipelines share stands in the middle of the lanes behind it.
 * - Lines bend behind the node they leave, then run straight to the one they reach: their rates stand there, clear of others.
 */
import type { FlowGraph, FlowNode } from '../../../src/flow/flow-graph.ts';
import { type Column, type Columns, placeColumns } from './columns.ts';
import { type Lane, NAME_HEIGHT, NODE_HEIGHT, pipelineKey, placeLanes } from './lanes.ts';
import { LABEL_ROOM, PARALLEL_GAP, type PlacedEdge, type PlacedNode, placeEdges } from './lines.ts';

const HEAD_HEIGHT = 26;
const NODE_GAP = 14;
/** Of a lane, behind its last node. */
const LANE_END = 8;
/** So far below the first lane it leads to a shared node stands at most: in sight when the page opens, with many lanes too. */
const FARTHEST_DOWN = 260;
/** What a picture has before the page is measured. */
const DEFAULT_WIDTH = 1050;

export interface Layout {
  /** What it needs at least. */
  readonly width: number;
  readonly height: number;
  readonly isDense: boolean;
  readonly columns: readonly Column[];
  readonly lanes: readonly Lane[];
  /** In reading order: what is shared from left to right, then lane by lane. */
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

export function layoutGraph(graph: FlowGraph, available = DEFAULT_WIDTH): Layout {
  const columns = placeColumns(graph, available - LANE_END);
  const first = Math.min(...graph.nodes.flatMap((node) => (node.pipeline === undefined ? [] : [columns.of(node).x])));
  const lanes = placeLanes(graph, { x: Math.max(0, first - LABEL_ROOM - 4), y: HEAD_HEIGHT });
  const laneY = new Map(lanes.map(({ key, y }) => [key, y + NAME_HEIGHT]));
  const own = graph.nodes.flatMap((node): readonly PlacedNode[] => {
    if (node.pipeline === undefined) return [];
    const { x, width } = columns.of(node);
    return [{ node, x, width, height: NODE_HEIGHT, y: laneY.get(pipelineKey(node.pipeline)) as number }];
  });
  const shared = placeShared(graph, columns, own);
  const nodes = [...shared, ...own.toSorted((a, b) => a.y - b.y || a.x - b.x)];
  return {
    width: graph.nodes.length === 0 ? 0 : columns.width + LANE_END,
    height: Math.max(
      HEAD_HEIGHT,
      ...lanes.map(({ y, height }) => y + height),
      ...nodes.map((one) => one.y + one.height),
    ),
    isDense: columns.isDense,
    columns: columns.all,
    lanes,
    nodes,
    edges: placeEdges(graph, nodes, columns),
  };
}

/** From right to left, so that what stands behind a node has its place already. */
function placeShared({ nodes, edges }: FlowGraph, columns: Columns, own: readonly PlacedNode[]): readonly PlacedNode[] {
  const middles = new Map(own.map(({ node, y }) => [node.id, y + NODE_HEIGHT / 2]));
  const firstLanes = new Map(middles);
  const shared = nodes.filter(({ pipeline }) => pipeline === undefined);
  const byColumn = [...Map.groupBy(shared, (node) => columns.of(node).x)].sort(([a], [b]) => b - a);
  const placed: PlacedNode[] = [];
  for (const [x, inColumn] of byColumn) {
    const wanted = inColumn
      .map((node) => {
        const behind = edges.flatMap(({ from, to }) => (from === node.id ? [to] : []));
        const ys = behind.map((id) => middles.get(id) ?? 0);
        const lane = Math.min(...behind.map((id) => firstLanes.get(id) ?? 0));
        firstLanes.set(node.id, lane);
        const height = heightOf(node, edges);
        const middle = (Math.min(...ys) + Math.max(...ys)) / 2;
        return { node, height, y: Math.min(middle, lane + FARTHEST_DOWN) - height / 2 };
      })
      .sort((a, b) => a.y - b.y);
    let free = HEAD_HEIGHT;
    for (const { node, height, y } of wanted) {
      const top = Math.max(free, Number.isFinite(y) ? y : 0);
      free = top + height + NODE_GAP;
      middles.set(node.id, top + height / 2);
      placed.push({ node, x, y: top, width: columns.of(node).width, height });
    }
  }
  return placed.sort((a, b) => a.x - b.x || a.y - b.y);
}

/** Room for the lines that run side by side to one other node. */
function heightOf({ id }: FlowNode, edges: FlowGraph['edges']): number {
  const own = edges.filter(({ from, to }) => from === id || to === id);
  const parallel = Map.groupBy(own, ({ from, to }) => `${from} ${to}`);
  const most = Math.max(1, ...[...parallel.values()].map(({ length }) => length));
  return Math.max(NODE_HEIGHT, most * PARALLEL_GAP + 4);
}
