/**
 * Where everything stands in the picture. Invariants
 * - Positions depend on the topology alone, never on figures: nothing moves while it is watched.
 * - One lane a pipeline, grouped by signal; what pipelines share stands in the middle of the lanes behind it.
 * - Columns are stages; a stage that is passed several times gets a column for each.
 */
import type { FlowEdge, FlowGraph, FlowNode, FlowPipelineRef, FlowStage } from '../../../src/flow/flow-graph.ts';
import type { Signal } from '../../../src/pdata/index.ts';

export const NODE_HEIGHT = 44;
/** Room for a node and the two lines of loss under it, kept free whether anything is lost or not. */
const LANE_HEIGHT = 92;
const COLUMN_GAP = 92;
const HEAD_HEIGHT = 44;
const PARALLEL_GAP = 16;
const NODE_GAP = 14;

const STAGES: readonly { readonly stage: FlowStage; readonly title: string; readonly width: number }[] = [
  { stage: 'source', title: 'Sources', width: 116 },
  { stage: 'input', title: 'Input', width: 124 },
  { stage: 'processor', title: 'Processing', width: 92 },
  { stage: 'queue', title: 'Queue', width: 128 },
  { stage: 'backend', title: 'Backends', width: 208 },
];

export interface PlacedNode {
  readonly node: FlowNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface PlacedEdge {
  readonly key: string;
  /** Index in the edges of the picture. */
  readonly index: number;
  readonly edge: FlowEdge;
  readonly path: string;
  readonly label: { readonly x: number; readonly y: number };
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly { readonly title: string; readonly x: number; readonly width: number }[];
  readonly lanes: readonly {
    readonly key: string;
    readonly title: string;
    readonly signal: Signal;
    readonly y: number;
  }[];
  /** In reading order: what is shared from left to right, then lane by lane. */
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

const SIGNAL_OF_KIND = { TracePipeline: 'traces', MetricPipeline: 'metrics', LogPipeline: 'logs' } as const;
const SIGNAL_ORDER: readonly Signal[] = ['traces', 'metrics', 'logs'];

export function pipelineKey({ kind, name }: FlowPipelineRef): string {
  return `${kind}/${name}`;
}

export function layoutGraph(graph: FlowGraph): Layout {
  const depths = depthsInStage(graph);
  const columns = placeColumns(graph, depths);
  const lanes = placeLanes(graph);
  const laneY = new Map(lanes.map(({ key, y }) => [key, y]));
  const column = (node: FlowNode) => columns.get(columnKey(node, depths)) as Column;
  const own = graph.nodes.flatMap((node) => {
    if (node.pipeline === undefined) return [];
    const { x, width } = column(node);
    return [{ node, x, width, y: laneY.get(pipelineKey(node.pipeline)) as number }];
  });
  const shared = placeShared(graph, { column, ys: new Map(own.map(({ node, y }) => [node.id, y])) });
  const byLane = own.toSorted((a, b) => a.y - b.y || a.x - b.x);
  const nodes = [...shared, ...byLane];
  const last = [...columns.values()].at(-1);
  const bottom = Math.max(HEAD_HEIGHT, ...nodes.map(({ y }) => y + LANE_HEIGHT - NODE_GAP));
  return {
    width: last === undefined ? 0 : last.x + last.width,
    height: bottom,
    columns: [...columns.values()],
    lanes,
    nodes,
    edges: placeEdges(graph, nodes),
  };
}

interface Column {
  readonly title: string;
  readonly x: number;
  readonly width: number;
}

/** How many nodes of its own stage lie in front of a node. */
function depthsInStage({ nodes, edges }: FlowGraph): ReadonlyMap<string, number> {
  const stages = new Map(nodes.map(({ id, stage }) => [id, stage]));
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

function columnKey({ id, stage }: FlowNode, depths: ReadonlyMap<string, number>): string {
  return `${stage} ${depths.get(id)}`;
}

function placeColumns({ nodes }: FlowGraph, depths: ReadonlyMap<string, number>): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>();
  let x = 0;
  for (const { stage, title, width } of STAGES) {
    const own = nodes.filter((node) => node.stage === stage).map(({ id }) => depths.get(id) ?? 0);
    for (let depth = 0; depth <= Math.max(-1, ...own); depth++) {
      columns.set(`${stage} ${depth}`, { title: depth === 0 ? title : '', x, width });
      x += width + COLUMN_GAP;
    }
  }
  return columns;
}

function placeLanes({ nodes }: FlowGraph): Layout['lanes'] {
  const pipelines = new Map<string, FlowPipelineRef>();
  for (const { pipeline } of nodes) if (pipeline !== undefined) pipelines.set(pipelineKey(pipeline), pipeline);
  return [...pipelines]
    .map(([key, { kind, name }]) => ({ key, name, signal: SIGNAL_OF_KIND[kind] }))
    .sort(
      (a, b) =>
        SIGNAL_ORDER.indexOf(a.signal) - SIGNAL_ORDER.indexOf(b.signal) ||
        Number(isBuiltIn(a.name)) - Number(isBuiltIn(b.name)) ||
        (a.name < b.name ? -1 : 1),
    )
    .map(({ key, name, signal }, index) => ({
      key,
      title: laneTitle(name),
      signal,
      y: HEAD_HEIGHT + index * LANE_HEIGHT,
    }));
}

/** No resource can have such a name. */
function isBuiltIn(name: string): boolean {
  return name.startsWith('_');
}

/** The viewer's own pipelines are no resources. */
export function laneTitle(name: string): string {
  return isBuiltIn(name) ? `${name.slice(1)} (built in)` : name;
}

interface Placing {
  readonly column: (node: FlowNode) => Column;
  readonly ys: Map<string, number>;
}

/** From right to left, so that what stands behind a node has its place already. */
function placeShared({ nodes, edges }: FlowGraph, { column, ys }: Placing): readonly PlacedNode[] {
  const shared = nodes.filter(({ pipeline }) => pipeline === undefined);
  const columns = [...Map.groupBy(shared, (node) => column(node).x)].sort(([a], [b]) => b - a);
  const placed: PlacedNode[] = [];
  for (const [x, own] of columns) {
    const wanted = own
      .map((node) => {
        const behind = edges.filter(({ from }) => from === node.id).map(({ to }) => ys.get(to) ?? HEAD_HEIGHT);
        return { node, y: behind.length === 0 ? HEAD_HEIGHT : (Math.min(...behind) + Math.max(...behind)) / 2 };
      })
      .sort((a, b) => a.y - b.y);
    let free = HEAD_HEIGHT;
    for (const { node, y } of wanted) {
      const top = Math.max(free, y);
      free = top + NODE_HEIGHT + NODE_GAP;
      ys.set(node.id, top);
      placed.push({ node, x, y: top, width: column(node).width });
    }
  }
  return placed.sort((a, b) => a.x - b.x || a.y - b.y);
}

/** Edges between the same two nodes run side by side. */
function placeEdges({ edges }: FlowGraph, nodes: readonly PlacedNode[]): readonly PlacedEdge[] {
  const places = new Map(nodes.map((placed) => [placed.node.id, placed]));
  const sameWay = Map.groupBy(edges.keys(), (index) => `${edges[index]?.from} ${edges[index]?.to}`);
  return edges.flatMap((edge, index): readonly PlacedEdge[] => {
    const from = places.get(edge.from);
    const to = places.get(edge.to);
    if (from === undefined || to === undefined) return [];
    const parallel = sameWay.get(`${edge.from} ${edge.to}`) ?? [index];
    const order = parallel.toSorted(
      (a, b) => SIGNAL_ORDER.indexOf(edges[a].signal) - SIGNAL_ORDER.indexOf(edges[b].signal) || a - b,
    );
    const gap = Math.min(PARALLEL_GAP, (NODE_HEIGHT - 8) / Math.max(1, parallel.length - 1));
    const shift = (order.indexOf(index) - (parallel.length - 1) / 2) * gap;
    const start = { x: from.x + from.width, y: from.y + NODE_HEIGHT / 2 + shift };
    const end = { x: to.x, y: to.y + NODE_HEIGHT / 2 + shift };
    // What skips columns goes over to its lane first, so that it passes no node of another.
    const turn = Math.min(end.x, start.x + COLUMN_GAP);
    const bend = Math.max(24, (turn - start.x) / 2);
    return [
      {
        key: `${edge.from} ${edge.to} ${edge.signal} ${edge.pipeline === undefined ? '' : pipelineKey(edge.pipeline)}`,
        index,
        edge,
        path: `M${start.x} ${start.y}C${start.x + bend} ${start.y} ${turn - bend} ${end.y} ${turn} ${end.y}H${end.x}`,
        label: { x: end.x - 10, y: end.y - 5 },
      },
    ];
  });
}
