import type { Issue } from '../diagnostics/index.ts';
import type { PipelineGraph } from '../pipeline/index.ts';
import { Admission } from './admission.ts';
import {
  DISTRIBUTIONS,
  type Distribution,
  type DistributionChoice,
  distributionFor,
  isDurable,
} from './distribution.ts';
import { classConflict, storageFor } from './queue-storage.ts';
import type { Gateway } from './topology.ts';
import { workloadName } from './workload-names.ts';
import type { WorkloadSize } from './workload-size.ts';

export interface GatewayOptions extends WorkloadSize {
  readonly distribution: DistributionChoice;
  readonly inCluster: boolean;
}

interface PlannedGateway {
  readonly gateway?: Gateway;
  readonly issues: readonly Issue[];
}

/** A gateway with the pipelines it has room for; none without any. */
export function planGateway(plain: string, graphs: readonly PipelineGraph[], options: GatewayOptions): PlannedGateway {
  const distribution = distributionFor(graphs, options.distribution);
  const name = workloadName(plain, distribution, options.inCluster);
  const admission = new Admission(name, { ...options, distribution, enriches: options.inCluster });
  const usual = usualRoom(plain, distribution, options);
  const conflicts = graphs.flatMap((graph) => {
    const conflict = classConflict(name, graph, admission.admitted);
    if (conflict !== undefined) return [conflict];
    if (isDurable(graph) || (usual?.admit(graph, graph.queue) ?? true)) admission.admit(graph, graph.queue);
    return [];
  });
  const { admitted, memory } = admission;
  const issues = [...conflicts, ...(usual?.issues ?? []), ...admission.issues];
  if (usual !== undefined && !admitted.some(isDurable)) {
    // Nobody is left that needs this program.
    const rest = planGateway(
      plain,
      graphs.filter((graph) => !isDurable(graph)),
      options,
    );
    return { ...rest, issues: [...conflicts, ...admission.issues, ...rest.issues] };
  }
  if (admitted.length === 0) return { issues };
  return {
    gateway: {
      role: 'gateway',
      name,
      distribution: distribution.name,
      replicas: options.replicas,
      pipelines: admitted,
      memory,
      ...storageFor(
        admitted.map(({ queue }) => queue),
        distribution,
      ),
    },
    issues,
  };
}

/**
 * What pipelines have room for that are promised less, where others of the workload chose its program: they must fit into the
 * usual one, so that nothing becomes of them when those others go. Undefined: the program is the usual one, or was chosen.
 */
export function usualRoom(
  plain: string,
  distribution: Distribution,
  { distribution: choice, ...size }: Pick<GatewayOptions, 'distribution' | 'capBytes'>,
): Admission | undefined {
  if (choice !== 'auto' || distribution.name === 'otelcol') return undefined;
  return new Admission(plain, { ...size, distribution: DISTRIBUTIONS.otelcol });
}
