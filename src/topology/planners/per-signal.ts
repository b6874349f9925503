import type { Issue } from '../../diagnostics/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { arithmetic, type WorkloadOptions } from '../admission.ts';
import { distributionFor } from '../distribution.ts';
import { planGateway } from '../gateway.ts';
import { memoryBudget, ROUTER_QUEUE_LEAST_BYTES, routerQueueBytes, withQueue } from '../memory-budget.ts';
import type { Gateway, Router } from '../topology.ts';
import { GATEWAYS, ROUTER } from '../workload-names.ts';
import type { Planner } from './planner.ts';

/**
 * A gateway for each signal that has pipelines, so that a slow backend of one cannot fill the queues of another; a router in
 * front, unless something else leads senders to the gateways.
 */
export const planPerSignal: Planner = (graphs, { sizes, endpoint, ...options }) => {
  const planned = SIGNALS.map((signal) => {
    const ofSignal = graphs.filter((graph) => graph.signal === signal);
    return { signal, ...planGateway(GATEWAYS[signal], ofSignal, { ...options, ...sizes.of[signal] }) };
  });
  const issues = planned.flatMap((one) => one.issues);
  const gateways = planned.flatMap(({ signal, gateway }) => (gateway === undefined ? [] : [{ signal, gateway }]));
  if (gateways.length === 0) return { workloads: [], issues };
  if (endpoint !== 'Router') {
    const proxied = endpoint === 'GatewayAPI' ? ({ proxied: true } as const) : {};
    return { workloads: gateways.map(({ gateway }): Gateway => ({ ...gateway, ...proxied })), issues };
  }
  // It acknowledges nothing, so no guarantee decides about its program.
  const router = planRouter(gateways, { distribution: distributionFor([], options.distribution), ...sizes.ofRouter });
  if (router.role === undefined) return { workloads: [], issues: [...issues, router.issue] };
  return { workloads: [...gateways.map(({ gateway }): Gateway => ({ ...gateway, behind: ROUTER })), router], issues };
};

function planRouter(
  gateways: readonly { readonly signal: Signal; readonly gateway: Gateway }[],
  { distribution, capBytes, replicas }: WorkloadOptions,
): Router | { readonly role?: undefined; readonly issue: Issue } {
  const empty = memoryBudget(capBytes, distribution);
  const queueBytes = routerQueueBytes(empty);
  if (queueBytes < ROUTER_QUEUE_LEAST_BYTES)
    return { issue: tooSmall(withQueue(empty, { sizeBytes: 3 * ROUTER_QUEUE_LEAST_BYTES })) };
  return {
    role: 'router',
    name: ROUTER,
    distribution: distribution.name,
    replicas,
    memory: withQueue(empty, { sizeBytes: gateways.length * queueBytes }),
    routes: gateways.map(({ signal, gateway }) => ({ signal, to: gateway.name })),
  };
}

function tooSmall(least: ReturnType<typeof memoryBudget>): Issue {
  return {
    code: 'SL0405',
    severity: 'error',
    message: `\`${ROUTER}\` cannot hold its largest requests in its memory, so no pipeline can run`,
    help: 'give it more memory, or use the topology Shared, which has no router',
    notes: arithmetic(least),
  };
}
