import type { Signal } from '../pdata/index.ts';
import type { FluentBitPlan, PipelineGraph } from '../pipeline/index.ts';
import type { ClusterSettings } from './cluster.ts';
import type { DistributionName } from './distribution.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** How pipelines are spread over processes; section 5 of the design. */
export const TOPOLOGY_TYPES = ['Shared', 'PerSignal', 'PerPipeline'] as const;
export type TopologyType = (typeof TOPOLOGY_TYPES)[number];

interface WorkloadBase {
  /** Unique in its topology: `otlp-gateway`, `trace-gateway`, `otlp-router`. */
  readonly name: string;
  readonly distribution: DistributionName;
  readonly memory: MemoryBudget;
  /** Absent: it runs outside a cluster, where there is nothing to enrich data from. */
  readonly cluster?: ClusterSettings;
}

/** Takes data from senders, or from a router, and runs whole pipelines. */
export interface Gateway extends WorkloadBase {
  readonly role: 'gateway';
  /** The router in front of it; absent: senders reach it directly. */
  readonly behind?: string;
  /** Sorted by signal, kind and name. */
  readonly pipelines: readonly PipelineGraph[];
}

/** The single endpoint in front of gateways: passes each signal on, waits for the answer, acknowledges nothing itself. */
export interface Router extends WorkloadBase {
  readonly role: 'router';
  readonly routes: readonly { readonly signal: Signal; readonly to: string }[];
}

/** Takes data from senders and gives every pipeline its copy, through a queue of its own. */
export interface Entry extends WorkloadBase {
  readonly role: 'entry';
  readonly hops: readonly { readonly pipeline: PipelineGraph; readonly to: string }[];
  /** Pipelines that end here, such as the viewer's. */
  readonly pipelines: readonly PipelineGraph[];
}

/** Runs one pipeline behind an entry. */
export interface Dispatcher extends WorkloadBase {
  readonly role: 'dispatcher';
  readonly pipelines: readonly PipelineGraph[];
}

/** Collects on the nodes of a cluster for its pipelines and sends straight to their backends, in every topology alike. */
export interface Agent extends WorkloadBase {
  readonly role: 'metric-agent' | 'log-agent';
  readonly cluster: ClusterSettings;
  /** Those with an input that it collects for, sorted by name. */
  readonly pipelines: readonly PipelineGraph[];
}

/** The Fluent Bit of each node, for the LogPipelines that ask for it. */
export interface FluentBit extends FluentBitPlan {
  readonly role: 'fluent-bit';
  readonly name: 'fluent-bit';
  readonly cluster: ClusterSettings;
}

/** A process, or set of equal processes, on the way of what is pushed. */
export type Workload = Gateway | Router | Entry | Dispatcher;

/** Where the pipelines run. */
export interface Topology {
  readonly type: TopologyType;
  /** Each after those it sends to: the order to start them in. The last one takes data from senders; empty when nothing runs. */
  readonly workloads: readonly Workload[];
  /** Empty outside a cluster. */
  readonly agents: readonly Agent[];
  /** Absent where no pipeline needs it. */
  readonly fluentBit?: FluentBit;
}
