import {
  FLOW_STAGES,
  type FlowEdge,
  type FlowGraph,
  type FlowNode,
  type FlowPipelineRef,
  type FlowSource,
} from '../../flow/index.ts';
import { formatByteSize } from '../../lib/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import {
  type ExporterNode,
  feedsViewer,
  hasBatch,
  type NodeSource,
  type OtlpExporterNode,
  type PipelineGraph,
  qualifiedName,
} from '../../pipeline/index.ts';
import { type Entry, hopQueue, type Topology, type Workload } from '../../topology/index.ts';

/** Ids of nodes, for whoever adds figures to a described topology. */
export const flowNodeId = {
  /** Where data comes from: `source/otlp`. */
  source: (receiverType: string) => `source/${receiverType}`,
  /** Where a process takes data: `input/otlp-gateway`. */
  input: (workload: string) => `input/${workload}`,
  /** What an entry holds for the process of one pipeline: `hop/tracepipeline-jaeger`. */
  hop: (graph: PipelineName) => `hop/${qualifiedName(graph)}`,
  /** `processor/tracepipeline-jaeger/batch` */
  processor: (graph: PipelineName, processor: string) => `processor/${qualifiedName(graph)}/${processor}`,
  queue: (graph: PipelineName) => `queue/${qualifiedName(graph)}`,
  backend: (graph: PipelineName) => `backend/${qualifiedName(graph)}`,
} as const;

type PipelineName = Pick<PipelineGraph, 'kind' | 'name'>;

/**
 * What data passes on its way through a topology. A process is one input node; behind it stand the processors, the queue and
 * the backend of each pipeline. A router leads from input to input, an entry through a queue of its own for each pipeline.
 * What shows data in the UI stands for the signals that no pipeline of the user's takes. Ids depend on names alone.
 */
export function describeFlow(complete: Topology): FlowGraph {
  const topology = withoutCopies(complete);
  const flow = new Flow();
  const fronts = topology.workloads.filter(isFront).sort(bySignal);
  for (const front of fronts) {
    for (const signal of signalsTaken(front)) addSource(flow, front, signal);
    addWorkload(flow, front);
  }
  const behind = topology.workloads.filter((workload) => !isFront(workload) && signalsTaken(workload).length > 0);
  for (const workload of behind.sort(bySignal)) addWorkload(flow, workload);
  return { topology: topology.type, ...flow.sorted() };
}

/** Senders reach it. What only drains a queue takes no data. */
function isFront(workload: Workload): boolean {
  if (signalsTaken(workload).length === 0) return false;
  return workload.role === 'gateway' ? workload.behind === undefined : workload.role !== 'dispatcher';
}

/** Nobody wrote the pipelines that give the UI its copy. */
function withoutCopies(topology: Topology): Topology {
  const all = topology.workloads.flatMap(pipelinesOf);
  const isCopy = (graph: PipelineGraph) =>
    feedsViewer(graph) && all.some((other) => other.signal === graph.signal && !feedsViewer(other));
  const workloads = topology.workloads.map((workload): Workload => {
    if (workload.role === 'router') return workload;
    return { ...workload, pipelines: workload.pipelines.filter((graph) => !isCopy(graph)) };
  });
  return { ...topology, workloads };
}

function pipelinesOf(workload: Workload): readonly PipelineGraph[] {
  switch (workload.role) {
    case 'router':
      return [];
    case 'entry':
      return [...workload.hops.map(({ pipeline }) => pipeline), ...workload.pipelines];
    case 'gateway':
    case 'dispatcher':
      return workload.pipelines;
  }
}

class Flow {
  readonly #nodes = new Map<string, FlowNode>();
  readonly #edges: FlowEdge[] = [];

  /** Returns its id. */
  node(node: FlowNode): string {
    if (!this.#nodes.has(node.id)) this.#nodes.set(node.id, node);
    return node.id;
  }

  edge(edge: FlowEdge): void {
    this.#edges.push(edge);
  }

  /** By stage and pipeline; edges in the order of the nodes they leave. What is equal keeps the order in which data meets it. */
  sorted(): Pick<FlowGraph, 'nodes' | 'edges'> {
    const stage = ({ stage }: FlowNode) => FLOW_STAGES.indexOf(stage);
    const nodes = [...this.#nodes.values()].sort((a, b) => stage(a) - stage(b) || byPipeline(a, b));
    const place = new Map(nodes.map(({ id }, i) => [id, i]));
    const edges = this.#edges.sort(
      (a, b) =>
        place.get(a.from)! - place.get(b.from)! ||
        SIGNALS.indexOf(a.signal) - SIGNALS.indexOf(b.signal) ||
        byPipeline(a, b) ||
        place.get(a.to)! - place.get(b.to)!,
    );
    return { nodes, edges };
  }
}

/** What belongs to no pipeline stands first. */
function byPipeline(a: { readonly pipeline?: FlowPipelineRef }, b: { readonly pipeline?: FlowPipelineRef }): number {
  const [one, other] = [rank(a.pipeline), rank(b.pipeline)];
  return one < other ? -1 : one > other ? 1 : 0;
}

const KIND_ORDER: readonly FlowPipelineRef['kind'][] = ['TracePipeline', 'MetricPipeline', 'LogPipeline'];

function rank(pipeline: FlowPipelineRef | undefined): string {
  return pipeline === undefined ? '' : `${KIND_ORDER.indexOf(pipeline.kind)}/${pipeline.name}`;
}

function bySignal(a: Workload, b: Workload): number {
  const order = (workload: Workload) => SIGNALS.findIndex((signal) => signalsTaken(workload).includes(signal));
  return order(a) - order(b) || (a.name < b.name ? -1 : 1);
}

function addSource(flow: Flow, workload: Workload, signal: Signal): void {
  const from = flow.node({ id: flowNodeId.source('otlp'), stage: 'source', label: 'OTLP senders' });
  flow.edge({ from, to: flowNodeId.input(workload.name), signal });
}

/** Of data from outside: which signals find a pipeline behind this process. */
function signalsTaken(workload: Workload): readonly Signal[] {
  const taken = workload.role === 'router' ? workload.routes : pipelinesOf(workload);
  return inOrder(taken.map(({ signal }) => signal));
}

function inOrder(signals: readonly Signal[]): readonly Signal[] {
  return SIGNALS.filter((signal) => signals.includes(signal));
}

function addWorkload(flow: Flow, workload: Workload): void {
  const { name } = workload;
  const own = workload.role === 'dispatcher' && workload.pipelines.length === 1 ? workload.pipelines[0] : undefined;
  const from = flow.node({
    id: flowNodeId.input(name),
    stage: 'input',
    label: inputLabel(workload),
    workload: name,
    ...(own === undefined ? {} : { pipeline: refOf(own) }),
  });
  if (workload.role === 'router') {
    for (const { signal, to } of workload.routes) flow.edge({ from, to: flowNodeId.input(to), signal });
    return;
  }
  if (workload.role === 'entry') {
    for (const hop of workload.hops) addHop(flow, workload, hop);
  }
  for (const graph of workload.pipelines) addPipeline(flow, workload, graph);
}

function addHop(flow: Flow, { name }: Entry, { pipeline: graph, to }: Entry['hops'][number]): void {
  const pipeline = refOf(graph);
  const { signal } = graph;
  const label = `queue ${formatByteSize(hopQueue(graph).sizeBytes)}`;
  const id = flow.node({ id: flowNodeId.hop(graph), stage: 'hop', label, workload: name, pipeline });
  flow.edge({ from: flowNodeId.input(name), to: id, signal, pipeline });
  flow.edge({ from: id, to: flowNodeId.input(to), signal, pipeline });
}

function inputLabel({ role, name }: Workload): string {
  return role === 'gateway' && name === 'otlp-gateway' ? 'OTLP' : name;
}

function addPipeline(flow: Flow, workload: Workload, graph: PipelineGraph): void {
  const pipeline = refOf(graph);
  const place = { workload: workload.name, pipeline } as const;
  const steps: FlowNode[] = rulesOf(graph).map(({ name, label, source }) => {
    return { id: flowNodeId.processor(graph, name), stage: 'processor', label, ...place, ...sourceOf(source) };
  });
  if (graph.exporter.type === 'otlp' && graph.exporter.temporality === 'delta') {
    const id = flowNodeId.processor(graph, 'delta');
    steps.push({ id, stage: 'processor', label: 'delta', ...place, ...sourceOf(graph.exporter.source) });
  }
  if (hasBatch(graph)) {
    steps.push({ id: flowNodeId.processor(graph, 'batch'), stage: 'processor', label: 'batch', ...place });
  }
  if (graph.queue !== undefined) {
    const label = `queue ${formatByteSize(graph.queue.sizeBytes)}`;
    steps.push({ id: flowNodeId.queue(graph), stage: 'queue', label, ...place, ...sourceOf(graph.queue.source) });
  }
  const label = feedsViewer(graph) ? 'the UI' : backendLabel(graph.exporter);
  steps.push({ id: flowNodeId.backend(graph), stage: 'backend', label, pipeline, ...sourceOf(graph.exporter.source) });
  let from = flowNodeId.input(workload.name);
  for (const step of steps) {
    flow.edge({ from, to: flow.node(step), signal: graph.signal, pipeline });
    from = step.id;
  }
}

interface Rules {
  readonly name: string;
  readonly label: string;
  readonly source: NodeSource | undefined;
}

/** What leaves data out or changes it, in the order it does. */
function rulesOf({ receivers, processors }: PipelineGraph): readonly Rules[] {
  const otlp = receivers.find(({ type }) => type === 'otlp');
  const selects = otlp?.type === 'otlp' && otlp.namespaces !== undefined;
  const own = (['transform', 'filter'] as const).flatMap((type): readonly Rules[] => {
    const nodes = processors.filter((node) => node.type === type);
    const rules = nodes.flatMap((node) => (node.type === 'transform' ? node.statements : node.conditions));
    const label = rules.length === 1 ? type : `${type} (${rules.length})`;
    return nodes.length === 0 ? [] : [{ name: type, label, source: nodes[0]!.source }];
  });
  return [...(selects ? [{ name: 'namespaces', label: 'namespaces', source: otlp.source }] : []), ...own];
}

function refOf(graph: PipelineGraph): FlowPipelineRef {
  const { kind, name } = graph;
  return feedsViewer(graph) ? { kind, name: 'viewer', builtIn: true } : { kind, name };
}

function sourceOf(source: ExporterNode['source']): { readonly source?: FlowSource } {
  if (source === undefined) return {};
  return { source: { file: source.span.file, line: source.span.line, field: source.field } };
}

function backendLabel(exporter: ExporterNode): string {
  switch (exporter.type) {
    case 'otlp':
      return `${address(exporter.endpoint)} (${exporter.protocol === 'grpc' ? 'gRPC' : 'HTTP'})`;
    case 'prometheusRemoteWrite':
      return `${address(exporter.endpoint)} (remote write ${exporter.version})`;
    case 'file':
      return exporter.path;
    case 'stdout':
      return 'standard output';
    case 'viewer':
      return 'the UI';
  }
}

/** What stands in a Secret is named, not shown. */
function address(endpoint: OtlpExporterNode['endpoint']): string {
  if (typeof endpoint === 'string') return withoutCredentials(endpoint);
  return endpoint.from.map(({ namespace, name, key }) => `Secret ${namespace}/${name}, key ${key}`).join(' and ');
}

/** `https://user:pass@host:4318/x?token=y` → `host:4318/x`. */
function withoutCredentials(endpoint: string): string {
  return endpoint
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/^.*@/s, '')
    .replace(/[?#].*$/s, '');
}
