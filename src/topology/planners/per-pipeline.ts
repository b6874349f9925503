import { feedsViewer, type PipelineGraph } from '../../pipeline/index.ts';
import { Admission, type WorkloadOptions } from '../admission.ts';
import { dispatcherName } from '../dispatcher-name.ts';
import { HOP_QUEUE_BYTES } from '../memory-budget.ts';
import type { Dispatcher, Entry } from '../topology.ts';
import type { Planner } from './planner.ts';

const ENTRY = 'otlp-entry';

/** A dispatcher for each pipeline, so that no pipeline shares a process with another; one entry in front that gives each its copy. */
export const planPerPipeline: Planner = (graphs, options) => {
  const entry = new Admission(ENTRY, options);
  const dispatchers = new Map<PipelineGraph, Dispatcher>();
  const issues = graphs.flatMap((graph) => {
    // What feeds the viewer is no pipeline of the user's: it ends in the entry.
    if (feedsViewer(graph)) {
      entry.admit(graph, graph.queue?.sizeBytes);
      return [];
    }
    const { admitted, memory, issues } = planDispatcher(graph, options);
    if (admitted.length > 0 && entry.admit(graph, HOP_QUEUE_BYTES)) {
      const { name } = options.distribution;
      const dispatcher = { role: 'dispatcher', name: dispatcherName(graph), distribution: name, memory } as const;
      dispatchers.set(graph, { ...dispatcher, pipelines: admitted });
    }
    return issues;
  });
  return { workloads: withEntry(entry, dispatchers, options), issues: [...issues, ...entry.issues] };
};

function planDispatcher(graph: PipelineGraph, options: WorkloadOptions): Admission {
  const admission = new Admission(dispatcherName(graph), options);
  admission.admit(graph, graph.queue?.sizeBytes);
  return admission;
}

function withEntry(
  { admitted, memory }: Admission,
  dispatchers: ReadonlyMap<PipelineGraph, Dispatcher>,
  { distribution }: WorkloadOptions,
): readonly (Dispatcher | Entry)[] {
  if (admitted.length === 0) return [];
  const hops = admitted.filter((graph) => dispatchers.has(graph));
  const entry: Entry = {
    role: 'entry',
    name: ENTRY,
    distribution: distribution.name,
    memory,
    hops: hops.map((pipeline) => ({ pipeline, to: dispatchers.get(pipeline)!.name })),
    pipelines: admitted.filter((graph) => !dispatchers.has(graph)),
  };
  return [...hops.map((graph) => dispatchers.get(graph)!), entry];
}
