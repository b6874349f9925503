import type { Issue } from '../diagnostics/index.ts';
import type { PipelineGraph } from '../pipeline/index.ts';
import { Admission, type WorkloadOptions } from './admission.ts';
import { classConflict, storageFor } from './queue-storage.ts';
import type { Gateway } from './topology.ts';

/** A gateway with the pipelines it has room for; none without any. */
export function planGateway(
  name: string,
  graphs: readonly PipelineGraph[],
  options: WorkloadOptions,
): { readonly gateway?: Gateway; readonly issues: readonly Issue[] } {
  const admission = new Admission(name, options);
  const conflicts = graphs.flatMap((graph) => {
    const conflict = classConflict(name, graph, admission.admitted);
    if (conflict === undefined) admission.admit(graph, graph.queue);
    return conflict ?? [];
  });
  const { admitted, memory } = admission;
  const issues = [...conflicts, ...admission.issues];
  if (admitted.length === 0) return { issues };
  return {
    gateway: {
      role: 'gateway',
      name,
      distribution: options.distribution.name,
      replicas: options.replicas,
      pipelines: admitted,
      memory,
      ...storageFor(admitted.map(({ queue }) => queue)),
    },
    issues,
  };
}
