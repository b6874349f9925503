export type { DistributionName } from './distribution.ts';
export { type Plan, type PlanOptions, planTopology } from './plan-topology.ts';
export {
  type Dispatcher,
  type Entry,
  type Gateway,
  type Router,
  TOPOLOGY_TYPES,
  type Topology,
  type TopologyType,
  type Workload,
} from './topology.ts';
