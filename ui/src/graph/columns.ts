import {
  FLOW_COLUMN,
  FLOW_STAGES,
  type FlowGraph,
  type FlowNode,
  type FlowStage,
} from '../../../src/flow/flow-graph.ts';

/** A length that adapts to the page: the least, and what is comfortable. */
type Range = readonly [least: number, comfortable: number];

const TITLES: Readonly<Record<FlowStage, string>> = {
  source: 'Sources',
  input: 'Input',
  hop: 'Hand-over',
  processor: 'Processing',
  queue: 'Queue',
  backend: 'Backends',
};

const WIDTHS: Readonly<Record<FlowStage, Range>> = {
  source: [94, 130],
  input: [84, 120],
  hop: [94, 128],
  processor: [48, 80],
  queue: [94, 128],
  backend: [190, 280],
};
/** Inputs that stand in a lane, or behind a router, have longer names. */
const BEHIND: Range = [96, 180];

const LETTER = 7.2;
const PADDING = 16;
/** Of a figure such as `▼ 49.6/s`. */
const FIGURE = 74;
const MOST_OF_RULES = 116;

/** Room for a rate at the end of a line; with the letter of its signal where several run side by side. */
const RATE_GAP: Range = [46, 90];
const LETTER_GAP: Range = [60, 110];
/** Lines part here: room for their bend and then for a rate. */
const FAN_GAP: Range = [82, 130];
/** Of a line that carries what the one before it carried. */
const PLAIN_GAP: Range = [14, 60];

/** Beyond what is comfortable a picture grows by half at most. */
const WIDEST = 1.5;

export interface Column {
  readonly title: string;
  readonly x: number;
  readonly width: number;
  /** To the next column. */
  readonly gap: number;
}

export interface Columns {
  readonly of: (node: FlowNode) => Column;
  readonly all: readonly Column[];
  readonly width: number;
  /** There is little room: text is smaller. */
  readonly isDense: boolean;
}

/** Columns are stages; a stage that is passed several times gets a column for each. Their sizes adapt to the width there is. */
export function placeColumns(graph: FlowGraph, available: number): Columns {
  const depths = depthsInStage(graph);
  const key = ({ id, stage }: FlowNode) => `${FLOW_COLUMN[stage]} ${depths.get(id)}`;
  const groups = Map.groupBy(graph.nodes, key);
  const order = [...groups.keys()].sort((a, b) => rank(a) - rank(b));
  const nodesOf = order.map((name) => groups.get(name) as readonly FlowNode[]);
  const ranges = nodesOf.map((nodes, index) => ({
    width: widthOf(nodes, index === 1),
    gap: index === order.length - 1 ? ([0, 0] as const) : gapBetween(nodes, nodesOf[index + 1]),
  }));
  const total = (end: 0 | 1) => ranges.reduce((sum, { width, gap }) => sum + width[end] + gap[end], 0);
  const ease = Math.min(WIDEST, Math.max(0, (available - total(0)) / Math.max(1, total(1) - total(0))));
  const size = ([least, comfortable]: Range) => Math.floor(least + ease * (comfortable - least));
  let x = 0;
  const all = ranges.map(({ width, gap }, index): Column => {
    const column = { title: titleOf(nodesOf, index), x, width: size(width), gap: size(gap) };
    x += column.width + column.gap;
    return column;
  });
  return { of: (node) => all[order.indexOf(key(node))], all, width: x, isDense: ease < 0.35 };
}

/** How many nodes of its own column group lie in front of a node. */
function depthsInStage({ nodes, edges }: FlowGraph): ReadonlyMap<string, number> {
  const stages = new Map(nodes.map(({ id, stage }) => [id, FLOW_COLUMN[stage]]));
  const within = edges.filter(({ from, to }) => from !== to && stages.get(from) === stages.get(to));
  const depths = new Map(nodes.map(({ id }) => [id, 0]));
  // Longest path by relaxation; a cycle, which no topology has, ends after as many rounds as there are nodes.
  for (let round = 0, changed = true; changed && round < nodes.length; round++) {
    changed = false;
    for (const { from, to } of within) {
      const depth = (depths.get(from) ?? 0) + 1;
      if (depth <= (depths.get(to) ?? 0)) continue;
      depths.set(to, depth);
      changed = true;
    }
  }
  return depths;
}

/** Inputs behind the first are gateways of several pipelines, or dispatchers of one. */
function titleOf(columns: readonly (readonly FlowNode[])[], index: number): string {
  const [{ stage, pipeline }] = columns[index];
  if (columns.findIndex(([first]) => first.stage === stage) === index) return TITLES[stage];
  if (stage !== 'input') return '';
  return pipeline === undefined ? 'Gateways' : 'Dispatchers';
}

function stageOf(key: string): FlowStage {
  return key.split(' ')[0] as FlowStage;
}

function rank(key: string): number {
  return FLOW_STAGES.indexOf(stageOf(key)) * 1000 + Number(key.split(' ')[1]);
}

function widthOf(nodes: readonly FlowNode[], isEdge: boolean): Range {
  const [{ stage }] = nodes;
  if (stage === 'processor') return widthOfRules(nodes);
  return stage === 'input' && !isEdge ? BEHIND : WIDTHS[stage];
}

/** Names of stages are read whole, up to a bound; below that of a filter stands what it leaves out. */
function widthOfRules(nodes: readonly FlowNode[]): Range {
  const letters = Math.max(...nodes.map(({ label }) => label.length));
  const [least, comfortable] = WIDTHS.processor;
  const wanted = Math.min(MOST_OF_RULES, PADDING + letters * LETTER);
  const own = Math.max(least, wanted, nodes.some(leavesOut) ? FIGURE : 0);
  return [own, Math.max(comfortable, own)];
}

/** Whether less may leave a stage than arrived at it. */
function leavesOut({ id }: FlowNode): boolean {
  return /\/(?:filter|namespaces|delta)$/.test(id);
}

function gapBetween(left: readonly FlowNode[], right: readonly FlowNode[]): Range {
  const [{ stage, pipeline }] = left;
  if (stage === 'source') return LETTER_GAP;
  if (pipeline === undefined) return FAN_GAP;
  return left.every((from) => isPlain(from, right[0])) ? PLAIN_GAP : RATE_GAP;
}

/** Whether a line within a lane carries what arrived at its start, unless something is filtered there. */
export function isPlain(from: FlowNode, to: FlowNode): boolean {
  if (from.pipeline === undefined) return false;
  return from.stage === 'input' || (from.stage === 'processor' && to.stage !== 'backend' && !leavesOut(from));
}
