import { planGateway } from '../gateway.ts';
import { GATEWAY } from '../workload-names.ts';
import type { Planner } from './planner.ts';

/** One gateway for all pipelines. */
export const planShared: Planner = (graphs, { distribution, sizes }) => {
  const { gateway, issues } = planGateway(GATEWAY, graphs, { distribution, ...sizes.ofAll });
  return { workloads: gateway === undefined ? [] : [gateway], issues };
};
