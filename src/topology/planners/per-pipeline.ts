import { feedsViewer, type PipelineGraph } from '../../pipeline/index.ts';
import { Admission } from '../admission.ts';
import { dispatcherName } from '../dispatcher-name.ts';
import { distributionFor, isDurable } from '../distribution.ts';
import { type GatewayOptions, usualRoom } from '../gateway.ts';
import { hopQueue } from '../hop-queue.ts';
import { storageFor } from '../queue-storage.ts';
import type { Dispatcher, Entry } from '../topology.ts';
import { ENTRY, workloadName } from '../workload-names.ts';
import type { Planned, Planner } from './planner.ts';

/** A dispatcher for each pipeline, so that no pipeline shares a process with another; one entry in front that gives each its copy. */
export const planPerPipeline: Planner = (graphs, { sizes, ...options }) => {
  const planned = graphs.map((graph) =>
    // What feeds the viewer is no pipeline of the user's: it ends in the entry.
    feedsViewer(graph) ? { graph } : planDispatcher(graph, { ...options, ...sizes.of[graph.signal] }),
  );
  const dispatchers = new Map(planned.flatMap(({ graph, dispatcher }) => (dispatcher ? [[graph, dispatcher]] : [])));
  const able = planned.filter(({ graph, dispatcher }) => feedsViewer(graph) || dispatcher !== undefined);
  const { workloads, issues } = planEntry(
    able.map(({ graph }) => graph),
    dispatchers,
    { ...options, ...sizes.ofAll },
  );
  return { workloads, issues: [...planned.flatMap((one) => one.issues ?? []), ...issues] };
};

interface PlannedDispatcher {
  readonly graph: PipelineGraph;
  readonly dispatcher?: Dispatcher;
  readonly issues?: Planned['issues'];
}

function planDispatcher(graph: PipelineGraph, options: GatewayOptions): PlannedDispatcher {
  const distribution = distributionFor([graph], options.distribution);
  const name = dispatcherName(graph, { ...options, distribution });
  const admission = new Admission(name, { ...options, distribution });
  if (!admission.admit(graph, graph.queue)) return { graph, issues: admission.issues };
  const dispatcher: Dispatcher = {
    role: 'dispatcher',
    name,
    distribution: distribution.name,
    replicas: options.replicas,
    memory: admission.memory,
    pipelines: admission.admitted,
    ...storageFor([graph.queue], distribution),
  };
  return { graph, dispatcher };
}

/** The entry, behind the dispatchers that it has room for. */
function planEntry(
  graphs: readonly PipelineGraph[],
  dispatchers: ReadonlyMap<PipelineGraph, Dispatcher>,
  options: GatewayOptions,
): Planned {
  const distribution = distributionFor(graphs, options.distribution);
  const name = workloadName(ENTRY, distribution, options.inCluster);
  const admission = new Admission(name, { ...options, distribution, enriches: options.inCluster });
  const usual = usualRoom(ENTRY, distribution, options);
  for (const graph of graphs) {
    const queue = dispatchers.has(graph) ? hopQueue(graph) : graph.queue;
    if (isDurable(graph) || (usual?.admit(graph, queue) ?? true)) admission.admit(graph, queue);
  }
  const { admitted, memory } = admission;
  const issues = [...(usual?.issues ?? []), ...admission.issues];
  if (usual !== undefined && !admitted.some(isDurable)) {
    const rest = planEntry(
      graphs.filter((graph) => !isDurable(graph)),
      dispatchers,
      options,
    );
    return { ...rest, issues: [...admission.issues, ...rest.issues] };
  }
  if (admitted.length === 0) return { workloads: [], issues };
  const hops = admitted.filter((graph) => dispatchers.has(graph));
  const entry: Entry = {
    role: 'entry',
    name,
    distribution: distribution.name,
    replicas: options.replicas,
    memory,
    hops: hops.map((pipeline) => ({ pipeline, to: dispatchers.get(pipeline)!.name })),
    pipelines: admitted.filter((graph) => !dispatchers.has(graph)),
    ...storageFor(hops.map(hopQueue), distribution),
  };
  return { workloads: [...hops.map((graph) => dispatchers.get(graph)!), entry], issues };
}
