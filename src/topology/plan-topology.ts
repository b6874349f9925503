import type { Issue } from '../diagnostics/index.ts';
import { SIGNALS } from '../pdata/index.ts';
import type { FluentBitPlan, PipelineGraph } from '../pipeline/index.ts';
import { isAgent, planAgents } from './agents.ts';
import { lackingCapability, shortenedDelivery } from './capabilities.ts';
import type { ClusterSettings } from './cluster.ts';
import { DISTRIBUTIONS, type DistributionChoice, distributionFor } from './distribution.ts';
import { withDraining } from './draining.ts';
import { planPerPipeline } from './planners/per-pipeline.ts';
import { planPerSignal } from './planners/per-signal.ts';
import type { Planner } from './planners/planner.ts';
import { planShared } from './planners/shared.ts';
import type { DrainingQueue, Topology, TopologyType, Workload } from './topology.ts';
import { type GatewaySettings, workloadSizes } from './workload-size.ts';

export interface PlanOptions {
  /** Of agents it is always the stock Collector. */
  readonly distribution: DistributionChoice;
  /** Memory of each process that `settings` says nothing of; agents have their own. */
  readonly capBytes: number;
  /** Default Shared. */
  readonly topology?: TopologyType;
  /** Absent: outside a cluster. */
  readonly cluster?: ClusterSettings;
  /** What the Telemetry resource says of gateways; absent: nothing. Replicas and the endpoint count in a cluster alone. */
  readonly settings?: GatewaySettings;
  /** Queues on disk that what ran before has left behind; each is kept where its volume is. */
  readonly draining?: readonly DrainingQueue[];
  /** What Fluent Bit shall run; nothing outside a cluster. */
  readonly fluentBit?: FluentBitPlan;
}

export interface Plan {
  readonly topology: Topology;
  /** One for every pipeline left out. */
  readonly issues: readonly Issue[];
  /** Why each of them was; without those that have no receiver. */
  readonly leftOut: ReadonlyMap<PipelineGraph, Issue>;
}

const PLANNERS: Readonly<Record<TopologyType, Planner>> = {
  Shared: planShared,
  PerSignal: planPerSignal,
  PerPipeline: planPerPipeline,
};

/**
 * Where the pipelines run. They are admitted in the order given, so that adding one at the end never displaces another; the
 * order of the result does not depend on it. A pipeline without receivers has nothing to do and runs nowhere; one that an
 * agent or its gateway has no room for runs in neither.
 */
export function planTopology(graphs: readonly PipelineGraph[], options: PlanOptions): Plan {
  const type = options.topology ?? 'Shared';
  const { capBytes, cluster, settings, draining = [] } = options;
  const gateways = draining.filter(({ workload }) => !isAgent(workload));
  const sizes = workloadSizes(capBytes, { ...(settings && { settings }), inCluster: cluster !== undefined });
  const endpoint = type === 'PerSignal' && cluster !== undefined ? (settings?.endpoint ?? 'Router') : 'Router';
  const { distribution } = options;
  const fed = graphs.filter(({ receivers }) => receivers.length > 0);
  // What is only collected runs in agents, which answer for themselves.
  const lacking = new Map(
    fed.filter(isPushed).map((graph) => {
      return [graph, lackingCapability(graph, distributionFor([graph], distribution))] as const;
    }),
  );
  const able = fed.filter((graph) => lacking.get(graph) === undefined);
  const collecting = planAgents(able, { cluster });
  const pushed = able.filter((graph) => isPushed(graph) && !collecting.refused.has(graph));
  const { workloads, issues } = PLANNERS[type](pushed, {
    distribution,
    sizes,
    endpoint,
    inCluster: cluster !== undefined,
  });
  const placed = new Set(workloads.flatMap(pipelinesOf));
  const running = able.filter((graph) => !collecting.refused.has(graph) && (!isPushed(graph) || placed.has(graph)));
  const found = [...lacking.values(), ...collecting.issues, ...issues].filter((issue) => issue !== undefined);
  return {
    topology: {
      type,
      endpoint,
      workloads: withPriority(inCluster(withDraining(workloads, gateways, sizes), cluster), settings),
      agents: planAgents(running, { cluster, draining }).agents,
      ...planFluentBit(options),
    },
    issues: [...found, ...shortened(workloads, running)],
    leftOut: reasonsOf(fed, new Set(running), found),
  };
}

function shortened(workloads: readonly Workload[], running: readonly PipelineGraph[]): readonly Issue[] {
  return running.filter(isPushed).flatMap((graph) => {
    const workload = workloads.find((one) => pipelinesOf(one).includes(graph));
    return (workload && shortenedDelivery(graph, DISTRIBUTIONS[workload.distribution])) ?? [];
  });
}

function planFluentBit({ fluentBit, cluster }: PlanOptions): Pick<Topology, 'fluentBit'> {
  if (fluentBit === undefined || cluster === undefined || fluentBit.pipelines.length === 0) return {};
  return { fluentBit: { role: 'fluent-bit', name: 'fluent-bit', cluster, ...fluentBit } };
}

function reasonsOf(
  graphs: readonly PipelineGraph[],
  running: ReadonlySet<PipelineGraph>,
  issues: readonly Issue[],
): ReadonlyMap<PipelineGraph, Issue> {
  const reasons = new Map<PipelineGraph, Issue>();
  for (const graph of graphs) {
    const reason = running.has(graph) ? undefined : reasonFor(graph, issues);
    if (reason !== undefined) reasons.set(graph, reason);
  }
  return reasons;
}

/** An issue stands at a place of the pipeline that it is about, or nowhere when it is about all of them. */
function reasonFor({ queue, exporter }: PipelineGraph, issues: readonly Issue[]): Issue | undefined {
  const places = [queue?.source?.span, exporter.source?.span].filter((span) => span !== undefined);
  return issues.find(({ span }) => span !== undefined && places.includes(span)) ?? issues.find(({ span }) => !span);
}

function isPushed({ receivers }: PipelineGraph): boolean {
  return receivers.some(({ type }) => type === 'otlp');
}

function pipelinesOf(workload: Workload): readonly PipelineGraph[] {
  return workload.role === 'router' ? [] : workload.pipelines;
}

/** Of what takes data of several senders and is run by the engine; a dispatcher has one signal from one sender. */
function withPriority(workloads: readonly Workload[], settings: GatewaySettings | undefined): readonly Workload[] {
  const given = SIGNALS.flatMap((signal) => {
    const { priority } = settings?.gateways[signal] ?? {};
    return priority === undefined ? [] : [[signal, priority] as const];
  });
  if (given.length === 0) return workloads;
  const priority = Object.fromEntries(given);
  return workloads.map((workload) =>
    workload.distribution === 'sluice' && workload.role !== 'dispatcher' ? { ...workload, priority } : workload,
  );
}

function inCluster(workloads: readonly Workload[], cluster: ClusterSettings | undefined): readonly Workload[] {
  return cluster === undefined ? workloads : workloads.map((workload) => ({ ...workload, cluster }));
}
