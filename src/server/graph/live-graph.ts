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

/** Where an item that is lost leaves the picture: in front of the network, or at its other end. */
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
  const queued = new Set(graph.nodes.filter(({ stage }) => stage === 'queue').map(({ pipeline }) => keyOf(pipeline)));
  const stages = new Map(graph.nodes.map(({ id, stage }) => [id, stage]));
  const nodes: Record<string, FlowNodeLive> = {};
  for (const node of graph.nodes) {
    const live = nodeFigures(node, state, { hasQueue: queued.has(keyOf(node.pipeline)) });
    if (live !== undefined) nodes[node.id] = live;
  }
  return {
    generatedAt: new Date(state.snapshot.takenAtMs).toISOString(),
    nodes,
    edges: graph.edges.map((edge) => {
      const lostBehind = nodes[edge.to]?.droppedPerSecond ?? 0;
      return edgeRate(edge, { to: stages.get(edge.to), lostBehind }, state);
    }),
  };
}

/** What a shared edge carries is what senders offered, once; behind it each pipeline has its own copy. */
function edgeRate(
  edge: FlowEdge,
  { to, lostBehind }: { readonly to: FlowNode['stage'] | undefined; readonly lostBehind: number },
  { history, pipelines }: LiveState,
): number {
  if (edge.pipeline === undefined) return history.offeredPerSecond(edge.signal);
  const id = pipelineIdOf(edge.pipeline, pipelines);
  const { inPerSecond, filteredPerSecond, outPerSecond } = history.rates(id);
  // What a backend rejects has been sent to it.
  if (to === 'backend') return outPerSecond + lostBehind;
  return to === 'queue' ? Math.max(0, inPerSecond - filteredPerSecond) : inPerSecond;
}

function nodeFigures(
  node: FlowNode,
  state: LiveState,
  { hasQueue }: { readonly hasQueue: boolean },
): FlowNodeLive | undefined {
  if (node.pipeline === undefined || (node.stage !== 'queue' && node.stage !== 'backend')) return undefined;
  const found = findPipeline(node.pipeline, state);
  if (found === undefined) return undefined;
  const drops = dropsAt(found, node.stage, { history: state.history, hasQueue });
  if (node.stage === 'queue') {
    const own = node.workload === undefined ? undefined : state.ofWorkload.get(node.workload);
    return { ...queueFigures(findById(own, found.id)?.exporters ?? found.exporters), ...drops };
  }
  const { state: backend, since, failure } = backendStatus(worstExporter(found.exporters));
  return { backend: { state: backend, since, ...(failure === undefined ? {} : { failure }) }, ...drops };
}

function queueFigures(all: readonly ExporterSnapshot[]): Pick<FlowNodeLive, 'queue'> {
  const exporters = current(all);
  const sizeBytes = exporters.reduce((total, exporter) => total + exporter.queueBytes, 0);
  const capacityBytes = exporters.reduce((total, exporter) => total + exporter.queueCapacityBytes, 0);
  return { queue: { sizeBytes, capacityBytes } };
}

/** A pipeline without a queue loses everything at its backend. */
function dropsAt(
  { id, ledger }: PipelineSnapshot,
  stage: 'queue' | 'backend',
  { history, hasQueue }: { readonly history: FlowHistory; readonly hasQueue: boolean },
): Pick<FlowNodeLive, 'dropped' | 'droppedPerSecond'> {
  if (lostItems(ledger) === 0) return {};
  const isHere = (cause: string) => !hasQueue || LEAVES_AT[cause as DropCause] === stage;
  const here = Object.entries(ledger.dropped).filter(([cause, items]) => items > 0 && isHere(cause));
  if (here.length === 0) return {};
  const perSecond = Object.entries(history.droppedPerSecond(id)).filter(([cause]) => isHere(cause));
  return {
    dropped: Object.fromEntries(here),
    droppedPerSecond: perSecond.reduce((total, [, rate]) => total + rate, 0),
  };
}

function findPipeline(pipeline: FlowPipelineRef, { snapshot, pipelines }: LiveState): PipelineSnapshot | undefined {
  return findById(snapshot, pipelineIdOf(pipeline, pipelines));
}

function findById(snapshot: EngineSnapshot | undefined, id: string): PipelineSnapshot | undefined {
  return snapshot?.pipelines.find((candidate) => candidate.id === id);
}

/** Pipelines that people do not know about, such as the viewer's, are named by the same rule as the others. */
function pipelineIdOf({ kind, name }: FlowPipelineRef, pipelines: readonly PipelineRef[]): string {
  const ref = pipelines.find((candidate) => candidate.kind === kind && candidate.name === name);
  return ref?.pipelineId ?? `${SIGNAL_OF_KIND[kind]}/${kind.toLowerCase()}-${name}`;
}

function keyOf(pipeline: FlowPipelineRef | undefined): string {
  return pipeline === undefined ? '' : `${pipeline.kind}/${pipeline.name}`;
}
