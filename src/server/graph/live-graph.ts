import {
  type DropCause,
  type EngineSnapshot,
  type ExporterSnapshot,
  type FlowEdge,
  type FlowGraph,
  type FlowNode,
  type FlowNodeLive,
  type FlowPipelineRef,
  lostItems,
  type PipelineSnapshot,
} from '../../flow/index.ts';
import type { GraphDocument, GraphFigures } from '../api.ts';
import { backendStatus, current, worstExporter } from '../overview/backend-status.ts';
import type { FlowHistory } from '../overview/flow-history.ts';
import { type PipelineRef, SIGNAL_OF_KIND } from '../overview/pipeline-ref.ts';
import { filterFigures } from './filter-figures.ts';

/** Where in its process an item that is lost leaves the picture: in front of the network, or at its other end. */
const LEAVES_AT = {
  queue_full: 'queue',
  memory_limit: 'queue',
  retries_exhausted: 'queue',
  shutdown: 'queue',
  invalid: 'queue',
  rejected_by_backend: 'backend',
  too_large: 'backend',
  write_failed: 'backend',
  no_route: 'queue',
  unsupported: 'queue',
  expired: 'queue',
  corrupt: 'queue',
  disk_full: 'queue',
} as const satisfies Record<DropCause, 'queue' | 'backend'>;

export interface LiveState {
  readonly snapshot: EngineSnapshot;
  readonly history: FlowHistory;
  readonly pipelines: readonly PipelineRef[];
  /** Of processes that have their own, by workload. */
  readonly ofWorkload: ReadonlyMap<string, EngineSnapshot>;
}

/** The picture of a topology with the figures of this moment. */
export function liveGraph(graph: FlowGraph, state: LiveState): GraphDocument {
  const { nodes, edges, generatedAt } = graphFigures(graph, state);
  return {
    ...graph,
    generatedAt,
    nodes: graph.nodes.map((node) => {
      const live = nodes[node.id];
      return live === undefined ? node : { ...node, live };
    }),
    edges: graph.edges.map((edge, index) => ({ ...edge, perSecond: edges[index] })),
  };
}

/** The figures alone, in the order of the picture. */
export function graphFigures(graph: FlowGraph, state: LiveState): GraphFigures {
  const ofStage = (wanted: FlowNode['stage']) =>
    new Map(graph.nodes.filter(({ stage }) => stage === wanted).map((node) => [keyOf(node.pipeline), node]));
  const [hops, queues] = [ofStage('hop'), ofStage('queue')];
  const stages = new Map(graph.nodes.map(({ id, stage }) => [id, stage]));
  const filters = filterFigures(graph, state, { keyOf, find: (pipeline) => findPipeline(pipeline, state) });
  const nodes: Record<string, FlowNodeLive> = {};
  for (const node of graph.nodes) {
    const key = keyOf(node.pipeline);
    const near = { hop: hops.get(key), hasQueue: queues.has(key) };
    const live = node.stage === 'processor' ? filters.get(key)?.live(node.id) : nodeFigures(node, state, near);
    if (live !== undefined) nodes[node.id] = live;
  }
  return {
    generatedAt: new Date(state.snapshot.takenAtMs).toISOString(),
    nodes,
    edges: graph.edges.map((edge) => {
      const lostBehind = nodes[edge.to]?.droppedPerSecond ?? 0;
      const key = keyOf(edge.pipeline);
      const filtered = filters.get(key)?.before(edge) ?? 0;
      return edgeRate(edge, { to: stages.get(edge.to), lostBehind, filtered, hop: hops.get(key) }, state);
    }),
  };
}

interface EdgeFacts {
  readonly to: FlowNode['stage'] | undefined;
  readonly lostBehind: number;
  /** What filters in front of it leave out. */
  readonly filtered: number;
  /** The hop of its pipeline. */
  readonly hop: FlowNode | undefined;
}

/** What a shared edge carries is what senders offered, once; behind it each pipeline has its own copy. */
function edgeRate(
  edge: FlowEdge,
  { to, lostBehind, filtered, hop }: EdgeFacts,
  { history, pipelines }: LiveState,
): number {
  if (edge.pipeline === undefined) return history.offeredPerSecond(edge.signal);
  const id = pipelineIdOf(edge.pipeline, pipelines);
  const { inPerSecond, filteredPerSecond, outPerSecond } = history.rates(id);
  // What a backend rejects has been sent to it.
  if (to === 'backend') return outPerSecond + lostBehind;
  const isBehind = hop?.workload !== undefined && to !== 'hop';
  const arriving = isBehind ? history.rates(hopId(hop.workload, id)).outPerSecond : inPerSecond;
  return Math.max(0, arriving - (to === 'queue' ? filteredPerSecond : filtered));
}

/** What a hop counts is remembered beside what its pipeline counts in all. */
export function hopId(workload: string, pipelineId: string): string {
  return `${workload}: ${pipelineId}`;
}

interface Neighbours {
  readonly hop: FlowNode | undefined;
  readonly hasQueue: boolean;
}

function nodeFigures(node: FlowNode, state: LiveState, near: Neighbours): FlowNodeLive | undefined {
  const found = node.pipeline && findPipeline(node.pipeline, state);
  if (found === undefined) return undefined;
  switch (node.stage) {
    case 'hop':
      return hopFigures(node, found.id, state);
    case 'queue': {
      const { exporters } = ofWorkload(node, found.id, state) ?? found;
      return { ...queueFigures(exporters), ...dropsAt(found, 'queue', near, state) };
    }
    case 'backend': {
      const { state: backend, since, failure } = backendStatus(worstExporter(found.exporters));
      const drops = dropsAt(found, 'backend', near, state);
      return { backend: { state: backend, since, ...(failure === undefined ? {} : { failure }) }, ...drops };
    }
    default:
      return undefined;
  }
}

/** Whatever an entry loses, it loses in front of the process it hands over to. */
function hopFigures(node: FlowNode, id: string, state: LiveState): FlowNodeLive | undefined {
  const held = ofWorkload(node, id, state);
  if (held === undefined) return undefined;
  const figures = queueFigures(held.exporters);
  if (lostItems(held.ledger) === 0) return figures;
  const rates = Object.values(state.history.droppedPerSecond(hopId(node.workload ?? '', id)));
  return { ...figures, dropped: onlyLoss(held.ledger.dropped), droppedPerSecond: sum(rates) };
}

/** The pipeline in the process of a node. */
function ofWorkload({ workload }: FlowNode, id: string, state: LiveState): PipelineSnapshot | undefined {
  return workload === undefined ? undefined : findById(state.ofWorkload.get(workload), id);
}

function queueFigures(all: readonly ExporterSnapshot[]): Pick<FlowNodeLive, 'queue'> {
  const exporters = current(all);
  const sizeBytes = sum(exporters.map(({ queueBytes }) => queueBytes));
  const capacityBytes = sum(exporters.map(({ queueCapacityBytes }) => queueCapacityBytes));
  return { queue: { sizeBytes, capacityBytes } };
}

/** A pipeline without a queue loses everything at its backend. What its hop has lost is told there. */
function dropsAt(
  found: PipelineSnapshot,
  stage: 'queue' | 'backend',
  { hop, hasQueue }: Neighbours,
  state: LiveState,
): Pick<FlowNodeLive, 'dropped' | 'droppedPerSecond'> {
  if (lostItems(found.ledger) === 0) return {};
  const { history } = state;
  const isHere = (cause: string) => !hasQueue || LEAVES_AT[cause as DropCause] === stage;
  const inFront = hop && ofWorkload(hop, found.id, state)?.ledger.dropped;
  const dropped = Object.entries(without(found.ledger.dropped, inFront)).filter(([cause]) => isHere(cause));
  if (dropped.length === 0) return {};
  const rates = without(
    history.droppedPerSecond(found.id),
    hop && history.droppedPerSecond(hopId(hop.workload ?? '', found.id)),
  );
  const perSecond = Object.entries(rates).filter(([cause]) => isHere(cause));
  return { dropped: Object.fromEntries(dropped), droppedPerSecond: sum(perSecond.map(([, rate]) => rate)) };
}

type Causes = PipelineSnapshot['ledger']['dropped'];

function without(all: Causes, part: Causes = {}): Causes {
  const rest = Object.entries(all).map(([cause, items]) => [cause, items - (part[cause as DropCause] ?? 0)] as const);
  return onlyLoss(Object.fromEntries(rest));
}

function onlyLoss(dropped: Causes): Causes {
  return Object.fromEntries(Object.entries(dropped).filter(([, items]) => items > 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function findPipeline(pipeline: FlowPipelineRef, { snapshot, pipelines }: LiveState): PipelineSnapshot | undefined {
  return findById(snapshot, pipelineIdOf(pipeline, pipelines));
}

function findById(snapshot: EngineSnapshot | undefined, id: string): PipelineSnapshot | undefined {
  return snapshot?.pipelines.find((candidate) => candidate.id === id);
}

/** What is built in has a name in the configuration that no resource can have. */
function pipelineIdOf({ kind, name, builtIn }: FlowPipelineRef, pipelines: readonly PipelineRef[]): string {
  const ref = pipelines.find((candidate) => candidate.kind === kind && candidate.name === name);
  return ref?.pipelineId ?? `${SIGNAL_OF_KIND[kind]}/${kind.toLowerCase()}-${builtIn ? '_' : ''}${name}`;
}

function keyOf(pipeline: FlowPipelineRef | undefined): string {
  return pipeline === undefined ? '' : `${pipeline.kind}/${pipeline.name}`;
}
