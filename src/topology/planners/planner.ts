import type { Issue } from '../../diagnostics/index.ts';
import type { PipelineGraph } from '../../pipeline/index.ts';
import type { DistributionChoice } from '../distribution.ts';
import type { EndpointType, Workload } from '../topology.ts';
import type { WorkloadSizes } from '../workload-size.ts';

export interface Planned {
  /** Each after those it sends to. */
  readonly workloads: readonly Workload[];
  readonly issues: readonly Issue[];
}

export interface PlannerOptions {
  readonly distribution: DistributionChoice;
  readonly inCluster: boolean;
  readonly sizes: WorkloadSizes;
  readonly endpoint: EndpointType;
}

/** Spreads pipelines that all can run over workloads. They are admitted in the order given, so that one more at the end displaces none. */
export type Planner = (graphs: readonly PipelineGraph[], options: PlannerOptions) => Planned;
