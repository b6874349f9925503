export { DISTRIBUTIONS, type Distribution, type DistributionName } from './distribution.ts';
export { fits, type MemoryBudget, neededBytes } from './memory-budget.ts';
export { type Plan, type PlanOptions, planShared } from './plan-shared.ts';
export type { Topology, Workload } from './topology.ts';
