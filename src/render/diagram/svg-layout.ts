import {
  FLOW_COLUMN,
  FLOW_STAGES,
  type FlowEdge,
  type FlowGraph,
  type FlowNode,
  type FlowStage,
} from '../../flow/index.ts';
import { type Lane, lanesOf, pipelineKey } from './lanes.ts';

/** A node with its place; lengths in pixels, from the top left corner. */
export interface Box {
  readonly node: FlowNode;
  /** The label as it fits. */
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LaneBand {
  readonly lane: Lane;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
  readonly bands: readonly LaneBand[];
  readonly titles: readonly { readonly stage: FlowStage; readonly x: number }[];
}

const MARGIN = 20;
const HEADER = 44;
const LANE_HEIGHT = 76;
const BOX_HEIGHT = 40;
/** Between the boxes of two columns: where lines change their lane. */
export const COLUMN_GAP = 112;
/** At the end of a line, straight, for its label: no other line crosses it there. */
export const LABEL_ROOM = 72;
/** How far a lane begins before its first box. */
const LANE_LEAD = LABEL_ROOM + 4;
const CHARACTER = 7.2;
const LONGEST_LABEL = 32;

/**
 * Columns by stage, and within a stage by the number of steps before; a row of its own for every pipeline. What pipelines
 * share stands in the middle of those it leads to.
 */
export function layOut(graph: FlowGraph): Layout {
  const lanes = lanesOf(graph);
  const columnOf = columns(graph);
  const widths = columnWidths(graph, columnOf);
  const lefts = widths.map((_, i) => MARGIN + widths.slice(0, i).reduce((sum, width) => sum + width + COLUMN_GAP, 0));
  const rowOf = rows(graph, lanes);
  const boxes = new Map(
    graph.nodes.map((node) => {
      const column = columnOf.get(node.id)!;
      const y = HEADER + rowOf.get(node.id)! * LANE_HEIGHT + (LANE_HEIGHT - BOX_HEIGHT) / 2 + 6;
      const box = { node, text: shorten(node.label), x: lefts[column]!, y, width: widths[column]!, height: BOX_HEIGHT };
      return [node.id, box] as const;
    }),
  );
  const stages = FLOW_STAGES.filter((stage) => graph.nodes.some((node) => FLOW_COLUMN[node.stage] === stage));
  const firstColumn = (stage: FlowStage) =>
    Math.min(...graph.nodes.filter((node) => FLOW_COLUMN[node.stage] === stage).map(({ id }) => columnOf.get(id)!));
  const inLanes = [...boxes.values()].filter(({ node }) => node.pipeline !== undefined);
  const x = Math.max(4, Math.min(...inLanes.map((box) => box.x)) - LANE_LEAD);
  return {
    width: MARGIN + widths.reduce((sum, width) => sum + width + COLUMN_GAP, 0) - COLUMN_GAP + MARGIN,
    height: HEADER + Math.max(1, lanes.length) * LANE_HEIGHT + MARGIN,
    boxes,
    bands: lanes.map((lane, i) => ({ lane, x, y: HEADER + i * LANE_HEIGHT, height: LANE_HEIGHT })),
    titles: stages.map((stage) => ({ stage, x: lefts[firstColumn(stage)]! })),
  };
}

/** Several processes behind each other take a column each; so do several processors. */
function columns({ nodes, edges }: FlowGraph): ReadonlyMap<string, number> {
  const depth = new Map<string, number>();
  const stageOf = new Map(nodes.map(({ id, stage }) => [id, FLOW_COLUMN[stage]]));
  const depthOf = (id: string): number => {
    const known = depth.get(id);
    if (known !== undefined) return known;
    depth.set(id, 0);
    const before = edges.filter(({ from, to }) => to === id && stageOf.get(from) === stageOf.get(id));
    const value = before.length === 0 ? 0 : 1 + Math.max(...before.map(({ from }) => depthOf(from)));
    depth.set(id, value);
    return value;
  };
  let start = 0;
  const column = new Map<string, number>();
  for (const stage of FLOW_STAGES) {
    const own = nodes.filter((node) => FLOW_COLUMN[node.stage] === stage);
    for (const { id } of own) column.set(id, start + depthOf(id));
    start += own.length === 0 ? 0 : 1 + Math.max(...own.map(({ id }) => depthOf(id)));
  }
  return column;
}

function columnWidths({ nodes }: FlowGraph, columnOf: ReadonlyMap<string, number>): readonly number[] {
  const count = 1 + Math.max(-1, ...columnOf.values());
  return Array.from({ length: count }, (_, i) => {
    const labels = nodes.filter(({ id }) => columnOf.get(id) === i).map(({ label }) => [...shorten(label)].length);
    return Math.round(Math.max(11, ...labels) * CHARACTER + 20);
  });
}

/** In lanes, from 0; a fraction between two. */
function rows(graph: FlowGraph, lanes: readonly Lane[]): ReadonlyMap<string, number> {
  const index = new Map(lanes.map(({ pipeline }, i) => [pipelineKey(pipeline), i]));
  const row = new Map<string, number>();
  const laneOf = ({ pipeline }: FlowNode | FlowEdge) =>
    pipeline === undefined ? undefined : index.get(pipelineKey(pipeline));
  const visit = (node: FlowNode, seen: ReadonlySet<string>): readonly number[] => {
    const own = laneOf(node);
    if (own !== undefined) return [own];
    return graph.edges
      .filter(({ from, to }) => from === node.id && !seen.has(to))
      .flatMap((edge) => {
        const lane = laneOf(edge);
        if (lane !== undefined) return [lane];
        return visit(graph.nodes.find(({ id }) => id === edge.to)!, new Set([...seen, edge.to]));
      });
  };
  for (const node of graph.nodes) {
    const reached = visit(node, new Set([node.id]));
    row.set(node.id, reached.length === 0 ? 0 : (Math.min(...reached) + Math.max(...reached)) / 2);
  }
  return row;
}

function shorten(label: string): string {
  const characters = [...label];
  return characters.length <= LONGEST_LABEL ? label : `${characters.slice(0, LONGEST_LABEL - 1).join('')}…`;
}
