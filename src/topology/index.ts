export { type ClusterFacts, type ClusterSettings, clusterSettings } from './cluster.ts';
export type { DistributionName } from './distribution.ts';
export { HOP_QUEUE_BYTES, routerQueueBytes } from './memory-budget.ts';
export { type Plan, type PlanOptions, planTopology } from './plan-topology.ts';
export {
  type Agent,
  type Dispatcher,
  type Entry,
  type FluentBit,
  type Gateway,
  type Router,
  TOPOLOGY_TYPES,
  type Topology,
  type TopologyType,
  type Workload,
} from './topology.ts';
