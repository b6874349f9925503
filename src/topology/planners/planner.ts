import type { Issue } from '../../diagnostics/index.ts';
import type { PipelineGraph } from '../../pipeline/index.ts';
import type { WorkloadOptions } from '../admission.ts';
import type { Workload } from '../topology.ts';

export interface Planned {
  /** Each after those it sends to. */
  readonly workloads: readonly Workload[];
  readonly issues: readonly Issue[];
}

/** Spreads pipelines that all can run over workloads. They are admitted in the order given, so that one more at the end displaces none. */
export type Planner = (graphs: readonly PipelineGraph[], options: WorkloadOptions) => Planned;
