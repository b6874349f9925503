import { planGateway } from '../gateway.ts';
import type { Planner } from './planner.ts';

/** One gateway for all pipelines. */
export const planShared: Planner = (graphs, { distribution, sizes }) => {
  const { gateway, issues } = planGateway('otlp-gateway', graphs, { distribution, ...sizes.ofAll });
  return { workloads: gateway === undefined ? [] : [gateway], issues };
};
