export type { DistributionName } from './distribution.ts';
export { planShared } from './plan-shared.ts';
export type { Workload } from './topology.ts';
