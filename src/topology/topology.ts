import type { PipelineGraph } from '../pipeline/index.ts';
import type { DistributionName } from './distribution.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** A process, or set of equal processes, and the pipelines it runs. */
export interface Workload {
  readonly role: 'gateway';
  /** `otlp-gateway`. */
  readonly name: string;
  readonly distribution: DistributionName;
  /** Sorted by signal, kind and name. */
  readonly pipelines: readonly PipelineGraph[];
  readonly memory: MemoryBudget;
}

/** Where the pipelines run. */
export interface Topology {
  readonly type: 'Shared';
  readonly workloads: readonly Workload[];
}
