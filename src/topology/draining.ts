import { type PipelineGraph, qualifiedName } from '../pipeline/index.ts';
import { dispatcherName } from './dispatcher-name.ts';
import { DISTRIBUTIONS, type Distribution } from './distribution.ts';
import { hopQueue } from './hop-queue.ts';
import { memoryBudget, withQueue } from './memory-budget.ts';
import { storageFor } from './queue-storage.ts';
import type { Agent, Dispatcher, DrainingQueue, Entry, Gateway, Topology, Workload } from './topology.ts';
import { ENTRY, GATEWAY, GATEWAYS, plainName } from './workload-names.ts';
import type { WorkloadSize, WorkloadSizes } from './workload-size.ts';

/**
 * By what a Collector finds a queue on disk again: exporter, name and signal. A pipeline that is renamed, or changes its
 * protocol, has another queue from then on.
 */
export function queueIdentity(graph: PipelineGraph): string {
  return `${exporterWord(graph)}/${qualifiedName(graph)}`;
}

/** The type of the exporter, in the words of the Collector. */
export function exporterWord({ exporter }: PipelineGraph): string {
  return exporter.type === 'otlp' ? `otlp_${exporter.protocol}` : exporter.type.toLowerCase();
}

/**
 * The queues on disk that one topology has filled and the next one, planned without any to drain, fills no more; those
 * included that it was draining already.
 * Whether one is empty only the running Collector knows; what is, is left out of the list by whoever asks it.
 */
export function drainingQueues(before: Topology, after: Topology): readonly DrainingQueue[] {
  const next = new Map([...after.workloads, ...after.agents].map((workload) => [workload.name, workload]));
  return [...before.workloads, ...before.agents].flatMap((workload) => {
    const running = next.get(workload.name);
    const filled = new Set(running === undefined ? [] : onDisk(running).map((graph) => identityIn(running, graph)));
    return [...onDisk(workload), ...(workload.draining ?? [])]
      .filter((graph) => !filled.has(identityIn(workload, graph)))
      .map((graph) => ({ workload: workload.name, graph }));
  });
}

/** A queue on disk, as the Collector of a workload has it. */
export interface DiskQueue {
  readonly workload: string;
  readonly graph: PipelineGraph;
  /** Unique in the workload; with another one the Collector does not find the queue again. */
  readonly identity: string;
  /** Id of the exporter that empties it, in the Collector's own metrics. */
  readonly exporter: string;
  /** Nothing fills it any more. */
  readonly draining: boolean;
}

/** All queues on disk of a topology, those that are only drained included. */
export function diskQueues({ workloads, agents }: Topology): readonly DiskQueue[] {
  return [...workloads, ...agents].flatMap((workload) => {
    const queue = (graph: PipelineGraph, draining: boolean): DiskQueue => {
      const identity = identityIn(workload, graph);
      const exporter = workload.role === 'entry' ? `otlp_grpc/${identity}` : identity;
      return { workload: workload.name, graph, identity, exporter, draining };
    };
    const filled = onDisk(workload).map((graph) => queue(graph, false));
    return [...filled, ...(workload.draining ?? []).map((graph) => queue(graph, true))];
  });
}

/** The pipelines that a workload keeps a queue on disk for. */
function onDisk(workload: Workload | Agent): readonly PipelineGraph[] {
  switch (workload.role) {
    case 'router':
    case 'metric-agent':
      return [];
    case 'entry':
      return workload.hops.map(({ pipeline }) => pipeline).filter((graph) => hopQueue(graph).disk !== undefined);
    case 'gateway':
    case 'dispatcher':
    case 'log-agent':
      return workload.pipelines.filter(({ queue }) => queue?.disk !== undefined);
  }
}

/** Every hop is gRPC, whatever the pipeline's exporter. */
function identityIn({ role }: Pick<Workload | Agent, 'role'>, graph: PipelineGraph): string {
  return role === 'entry' ? qualifiedName(graph) : queueIdentity(graph);
}

/** The queues that a workload is to drain: those that it does not fill, sorted by name. */
export function drainingOf(
  workload: Workload | Agent,
  queues: readonly DrainingQueue[],
): { readonly draining?: readonly PipelineGraph[] } {
  const filled = new Set(onDisk(workload).map((graph) => identityIn(workload, graph)));
  const own = new Map(
    queues
      .filter(({ workload: name }) => name === workload.name)
      .map(({ graph }) => [identityIn(workload, graph), graph] as const)
      .filter(([identity]) => !filled.has(identity)),
  );
  if (own.size === 0) return {};
  const sorted = [...own].sort(([a], [b]) => (a < b ? -1 : 1));
  return { draining: sorted.map(([, graph]) => graph) };
}

/**
 * The workloads, each with the queues that it drains, and in front of them those that are there for draining alone. Draining
 * takes memory that no budget has: it displaces nothing that runs, and the limiter bounds what comes in meanwhile.
 */
export function withDraining(
  workloads: readonly Workload[],
  queues: readonly DrainingQueue[],
  sizes: WorkloadSizes,
): readonly Workload[] {
  const there = new Set(workloads.map(({ name }) => name));
  const gone = [...new Set(queues.map(({ workload }) => workload))].filter((name) => !there.has(name)).sort(entryLast);
  const kept = gone.map((name) => keptWorkload(name, queues, sizes));
  return [...kept, ...workloads].map((workload) => {
    const drained = drainingOf(workload, queues);
    return drained.draining === undefined
      ? workload
      : { ...workload, ...drained, ...storageWith(workload, drained.draining) };
  });
}

/** An entry sends to dispatchers, and what sends starts last. */
function entryLast(a: string, b: string): number {
  return Number(isEntry(a)) - Number(isEntry(b)) || (a < b ? -1 : 1);
}

function isEntry(name: string): boolean {
  return plainName(name).name === ENTRY;
}

/** The volume is that of what runs; draining queues have their room in it, as they had when they ran. */
function storageWith(workload: Workload, draining: readonly PipelineGraph[]) {
  const queueOf = (graph: PipelineGraph) => (workload.role === 'entry' ? hopQueue(graph) : graph.queue);
  const storage = storageFor([...onDisk(workload), ...draining].map(queueOf), DISTRIBUTIONS[workload.distribution]);
  return workload.storage === undefined ? storage : { storage: { ...workload.storage, ...pickSize(storage) } };
}

function pickSize({ storage }: ReturnType<typeof storageFor>) {
  return storage === undefined ? {} : { sizeBytes: storage.sizeBytes };
}

function keptWorkload(name: string, queues: readonly DrainingQueue[], sizes: WorkloadSizes): Workload {
  const graphs = queues.filter(({ workload }) => workload === name).map(({ graph }) => graph);
  const { name: plain, isOfEngine } = plainName(name);
  const distribution: Distribution = isOfEngine ? DISTRIBUTIONS.sluice : DISTRIBUTIONS.otelcol;
  const common = ({ replicas, capBytes }: WorkloadSize) => ({
    name,
    distribution: distribution.name,
    replicas,
    memory: graphs.reduce(
      (memory, graph) => withQueue(memory, graph.queue ?? { sizeBytes: 0 }),
      memoryBudget(capBytes, distribution),
    ),
  });
  if (plain === ENTRY) return { role: 'entry', ...common(sizes.ofAll), hops: [], pipelines: [] } satisfies Entry;
  const size = sizes.of[graphs[0]!.signal];
  if (plain === GATEWAY) return { role: 'gateway', ...common(sizes.ofAll), pipelines: [] } satisfies Gateway;
  if (Object.values(GATEWAYS).includes(plain)) {
    return { role: 'gateway', ...common(size), pipelines: [] } satisfies Gateway;
  }
  // As long as an entry has something for it, a dispatcher goes on as it was.
  const fed = graphs.filter((graph) => isFedByEntry(graph, name, queues));
  return {
    role: 'dispatcher',
    ...common(size),
    pipelines: fed,
    ...storageFor(
      fed.map(({ queue }) => queue),
      distribution,
    ),
  } satisfies Dispatcher;
}

function isFedByEntry(graph: PipelineGraph, name: string, queues: readonly DrainingQueue[]): boolean {
  return (
    nameOfDispatcher(graph, name) === name &&
    queues.some(
      ({ workload, graph: other }) =>
        isEntry(workload) &&
        plainName(workload).isOfEngine === plainName(name).isOfEngine &&
        queueIdentity(other) === queueIdentity(graph),
    )
  );
}

/** What the dispatcher of a pipeline is called by a workload of the same program. */
export function nameOfDispatcher(graph: PipelineGraph, beside: string): string {
  const { isOfEngine } = plainName(beside);
  return dispatcherName(graph, {
    distribution: DISTRIBUTIONS[isOfEngine ? 'sluice' : 'otelcol'],
    inCluster: isOfEngine,
  });
}
