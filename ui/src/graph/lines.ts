import type { FlowEdge, FlowGraph, FlowNode } from '../../../src/flow/flow-graph.ts';
import { type Columns, isPlain } from './columns.ts';
import { pipelineKey, SIGNAL_ORDER } from './lanes.ts';

/** Between lines side by side: one of the largest width, and a rate over it. */
export const PARALLEL_GAP = 22;
/** At the end of a line, where its rate stands. */
export const LABEL_ROOM = 46;
export const WIDEST_LINE = 6;
const LEAST_BEND = 20;

export interface PlacedNode {
  readonly node: FlowNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly key: string;
  /** Index in the edges of the picture. */
  readonly index: number;
  readonly edge: FlowEdge;
  readonly path: string;
  /** The end of the text; absent where there is no room and the line in front of it says the same. */
  readonly label?: { readonly x: number; readonly y: number };
  /** The letter of the signal stands with the rate: others run beside it. */
  readonly hasLetter: boolean;
}

interface Ends {
  readonly edge: FlowEdge;
  readonly index: number;
  readonly from: PlacedNode;
  readonly to: PlacedNode;
}

export function placeEdges(
  { edges }: FlowGraph,
  nodes: readonly PlacedNode[],
  columns: Columns,
): readonly PlacedEdge[] {
  const places = new Map(nodes.map((placed) => [placed.node.id, placed]));
  const all = edges.flatMap((edge, index): readonly Ends[] => {
    const from = places.get(edge.from);
    const to = places.get(edge.to);
    return from === undefined || to === undefined ? [] : [{ edge, index, from, to }];
  });
  const leaving = Map.groupBy(all, ({ from }) => from);
  const arriving = Map.groupBy(all, ({ to }) => to);
  return all.map((ends): PlacedEdge => {
    const { edge, index, from, to } = ends;
    const start = { x: from.x + from.width, y: portOf(ends, from, leaving.get(from) ?? [], ({ to }) => to.y) };
    const end = { x: to.x, y: portOf(ends, to, arriving.get(to) ?? [], ({ from }) => from.y) };
    const label = { x: end.x - 5, y: end.y - WIDEST_LINE / 2 - 3 };
    // A line that skips columns changes to its lane right behind the node it leaves.
    const { gap } = columns.of(from.node);
    const turn = start.x + Math.max(LEAST_BEND, gap - LABEL_ROOM);
    return {
      key: `${edge.from} ${edge.to} ${edge.signal} ${edge.pipeline === undefined ? '' : pipelineKey(edge.pipeline)}`,
      index,
      edge,
      path: pathBetween(start, end, turn),
      ...(isPlain(from.node, to.node) && gap < LABEL_ROOM ? {} : { label }),
      hasLetter: all.some((other) => other !== ends && other.from === from && other.to === to),
    };
  });
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function pathBetween(start: Point, end: Point, turn: number): string {
  if (start.y === end.y) return `M${start.x} ${start.y}H${end.x}`;
  const middle = (start.x + turn) / 2;
  return `M${start.x} ${start.y}C${middle} ${start.y} ${middle} ${end.y} ${turn} ${end.y}H${end.x}`;
}

/** Where a line meets the side of a node: in the order of the nodes at the other ends, so that lines do not cross here. */
function portOf(ends: Ends, { y, height }: PlacedNode, side: readonly Ends[], otherY: (one: Ends) => number): number {
  const order = side.toSorted(
    (a, b) =>
      otherY(a) - otherY(b) ||
      SIGNAL_ORDER.indexOf(a.edge.signal) - SIGNAL_ORDER.indexOf(b.edge.signal) ||
      a.index - b.index,
  );
  const gap = Math.min(PARALLEL_GAP, (height - 12) / Math.max(1, order.length - 1));
  return y + height / 2 + (order.indexOf(ends) - (order.length - 1) / 2) * gap;
}
