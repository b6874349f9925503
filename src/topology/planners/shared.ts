import { planGateway } from '../gateway.ts';
import type { Planner } from './planner.ts';

/** One gateway for all pipelines. */
export const planShared: Planner = (graphs, options) => {
  const { gateway, issues } = planGateway('otlp-gateway', graphs, options);
  return { workloads: gateway === undefined ? [] : [gateway], issues };
};
