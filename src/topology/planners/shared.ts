import { planGateway } from '../gateway.ts';
import { GATEWAY } from '../workload-names.ts';
import type { Planner } from './planner.ts';

/** One gateway for all pipelines. */
export const planShared: Planner = (graphs, { sizes, ...options }) => {
  const { gateway, issues } = planGateway(GATEWAY, graphs, { ...options, ...sizes.ofAll });
  return { workloads: gateway === undefined ? [] : [gateway], issues };
};
