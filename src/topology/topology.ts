import type { Signal } from '../pdata/index.ts';
import type { FluentBitPlan, PipelineGraph } from '../pipeline/index.ts';
import type { ClusterSettings } from './cluster.ts';
import type { DistributionName } from './distribution.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** How pipelines are spread over processes; section 5 of the design. */
export const TOPOLOGY_TYPES = ['Shared', 'PerSignal', 'PerPipeline'] as const;
export type TopologyType = (typeof TOPOLOGY_TYPES)[number];

/** How senders reach several gateways, one for each signal. */
export const ENDPOINT_TYPES = ['Router', 'GatewayAPI', 'None'] as const;
export type EndpointType = (typeof ENDPOINT_TYPES)[number];

/** How many equal processes a workload has. The two differ where it is scaled by its own slowness. */
export interface Replicas {
  readonly min: number;
  readonly max: number;
}

/**
 * The volume of a workload that keeps queues on disk: one for each replica, which outlives its Pod, so it is a StatefulSet.
 * A replica and its volume go only when its queues are empty.
 */
export interface QueueStorage {
  /** Of each replica's volume. */
  readonly sizeBytes: number;
  /** Absent: that of the cluster. */
  readonly storageClass?: string;
  /** Where the volume is mounted; each pipeline has a folder of its own in it. */
  readonly directory: string;
}

/** A queue on disk that nothing fills any more: it is kept, with an exporter and without input, until it is empty. */
export interface DrainingQueue {
  /** The workload whose volumes hold it: `trace-gateway`. */
  readonly workload: string;
  /** The pipeline as it ran there: what is left goes where it went. */
  readonly graph: PipelineGraph;
}

interface WorkloadBase {
  /** Unique in its topology: `otlp-gateway`, `trace-gateway`, `otlp-router`. */
  readonly name: string;
  readonly distribution: DistributionName;
  readonly memory: MemoryBudget;
  /** One outside a cluster. */
  readonly replicas: Replicas;
  /** Absent: everything waits in memory. */
  readonly storage?: QueueStorage;
  /** Queues of pipelines that run here no more, sorted by name; absent: none. */
  readonly draining?: readonly PipelineGraph[];
  /** Weights of signals that share its memory, where a Telemetry resource gives some; only the engine has them. */
  readonly priority?: Readonly<Partial<Record<Signal, number>>>;
  /** Absent: it runs outside a cluster, where there is nothing to enrich data from. */
  readonly cluster?: ClusterSettings;
}

/** Takes data from senders, or from a router, and runs whole pipelines. */
export interface Gateway extends WorkloadBase {
  readonly role: 'gateway';
  /** The router in front of it; absent: senders reach it directly, or through what is no part of the topology. */
  readonly behind?: string;
  /** Senders reach it through a proxy of the cluster's, whose address is then the one that data comes from. */
  readonly proxied?: true;
  /** Sorted by signal, kind and name. */
  readonly pipelines: readonly PipelineGraph[];
}

/** The single endpoint in front of gateways: passes each signal on, waits for the answer, acknowledges nothing itself. */
export interface Router extends WorkloadBase {
  readonly role: 'router';
  readonly routes: readonly { readonly signal: Signal; readonly to: string }[];
}

/** Takes data from senders and gives every pipeline its copy, through a queue of its own. Those of AtLeastOnce are on disk. */
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

/**
 * Collects on the nodes of a cluster for its pipelines and sends straight to their backends, in every topology alike. One on
 * each node; queues on disk are in a folder of the node.
 */
export interface Agent extends Omit<WorkloadBase, 'replicas' | 'storage'> {
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
  /** Router wherever one workload takes the data of all signals, and outside a cluster. */
  readonly endpoint: EndpointType;
  /** Each after those it sends to: the order to start them in. The last one takes data from senders, with an endpoint other than Router every gateway; empty when nothing runs. */
  readonly workloads: readonly Workload[];
  /** Empty outside a cluster. */
  readonly agents: readonly Agent[];
  /** Absent where no pipeline needs it. */
  readonly fluentBit?: FluentBit;
}
