export type { Distribution, DistributionName } from './distribution.ts';
export { fits, neededBytes } from './memory-budget.ts';
export { type Plan, planShared } from './plan-shared.ts';
export type { Workload } from './topology.ts';
