import type { Issue } from '../diagnostics/index.ts';
import type { PipelineGraph } from '../pipeline/index.ts';
import { lackingCapability } from './capabilities.ts';
import type { ClusterSettings } from './cluster.ts';
import { DISTRIBUTIONS, type Distribution, type DistributionName } from './distribution.ts';
import { planPerPipeline } from './planners/per-pipeline.ts';
import { planPerSignal } from './planners/per-signal.ts';
import type { Planner } from './planners/planner.ts';
import { planShared } from './planners/shared.ts';
import type { Topology, TopologyType } from './topology.ts';

export interface PlanOptions {
  readonly distribution: DistributionName;
  /** Memory of each process. */
  readonly capBytes: number;
  /** Default Shared. */
  readonly topology?: TopologyType;
  /** Absent: outside a cluster. */
  readonly cluster?: ClusterSettings;
}

export interface Plan {
  readonly topology: Topology;
  /** One for every pipeline left out. */
  readonly issues: readonly Issue[];
}

const PLANNERS: Readonly<Record<TopologyType, Planner>> = {
  Shared: planShared,
  PerSignal: planPerSignal,
  PerPipeline: planPerPipeline,
};

/**
 * Where the pipelines run. They are admitted in the order given, so that adding one at the end never displaces another; the
 * order of the result does not depend on it. A pipeline without receivers has nothing to do and runs nowhere.
 */
export function planTopology(graphs: readonly PipelineGraph[], options: PlanOptions): Plan {
  const type = options.topology ?? 'Shared';
  const distribution: Distribution = DISTRIBUTIONS[options.distribution];
  const fed = graphs.filter(({ receivers }) => receivers.length > 0);
  const lacking = new Map(fed.map((graph) => [graph, lackingCapability(graph, distribution)]));
  const able = fed.filter((graph) => lacking.get(graph) === undefined);
  const { workloads, issues } = PLANNERS[type](able, { distribution, capBytes: options.capBytes });
  return {
    topology: { type, workloads, agents: [] },
    issues: [...lacking.values(), ...issues].filter((issue) => issue !== undefined),
  };
}
