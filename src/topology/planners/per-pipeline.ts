import { feedsViewer, type PipelineGraph } from '../../pipeline/index.ts';
import { Admission, type WorkloadOptions } from '../admission.ts';
import { dispatcherName } from '../dispatcher-name.ts';
import { hopQueue } from '../hop-queue.ts';
import { storageFor } from '../queue-storage.ts';
import type { Dispatcher, Entry } from '../topology.ts';
import { ENTRY } from '../workload-names.ts';
import type { Planner } from './planner.ts';

/** A dispatcher for each pipeline, so that no pipeline shares a process with another; one entry in front that gives each its copy. */
export const planPerPipeline: Planner = (graphs, { distribution, sizes }) => {
  const ofEntry = { distribution, ...sizes.ofAll };
  const entry = new Admission(ENTRY, ofEntry);
  const dispatchers = new Map<PipelineGraph, Dispatcher>();
  const issues = graphs.flatMap((graph) => {
    // What feeds the viewer is no pipeline of the user's: it ends in the entry.
    if (feedsViewer(graph)) {
      entry.admit(graph, graph.queue);
      return [];
    }
    const { replicas } = sizes.of[graph.signal];
    const { admitted, memory, issues } = planDispatcher(graph, { distribution, ...sizes.of[graph.signal] });
    if (admitted.length > 0 && entry.admit(graph, hopQueue(graph))) {
      dispatchers.set(graph, {
        role: 'dispatcher',
        name: dispatcherName(graph),
        distribution: distribution.name,
        replicas,
        memory,
        pipelines: admitted,
        ...storageFor([graph.queue]),
      });
    }
    return issues;
  });
  return { workloads: withEntry(entry, dispatchers, ofEntry), issues: [...issues, ...entry.issues] };
};

function planDispatcher(graph: PipelineGraph, options: WorkloadOptions): Admission {
  const admission = new Admission(dispatcherName(graph), options);
  admission.admit(graph, graph.queue);
  return admission;
}

function withEntry(
  { admitted, memory }: Admission,
  dispatchers: ReadonlyMap<PipelineGraph, Dispatcher>,
  { distribution, replicas }: WorkloadOptions,
): readonly (Dispatcher | Entry)[] {
  if (admitted.length === 0) return [];
  const hops = admitted.filter((graph) => dispatchers.has(graph));
  const entry: Entry = {
    role: 'entry',
    name: ENTRY,
    distribution: distribution.name,
    replicas,
    memory,
    hops: hops.map((pipeline) => ({ pipeline, to: dispatchers.get(pipeline)!.name })),
    pipelines: admitted.filter((graph) => !dispatchers.has(graph)),
    ...storageFor(hops.map(hopQueue)),
  };
  return [...hops.map((graph) => dispatchers.get(graph)!), entry];
}
