export { agentQueue } from './agents.ts';
export { type ClusterFacts, type ClusterSettings, clusterSettings } from './cluster.ts';
export {
  type DeliveryCondition,
  type DeliveryReason,
  deliveryConditions,
  deliveryConditionsIn,
  refusesWhenFull,
} from './delivery-conditions.ts';
export { dispatcherName } from './dispatcher-name.ts';
export type { DistributionChoice, DistributionName } from './distribution.ts';
export { type DiskQueue, diskQueues, drainingQueues, exporterWord, nameOfDispatcher } from './draining.ts';
export { hopQueue, maxAgeMs } from './hop-queue.ts';
export { HOP_QUEUE_BYTES, type MemoryBudget, neededBytes, routerQueueBytes } from './memory-budget.ts';
export { type Plan, type PlanOptions, planTopology } from './plan-topology.ts';
export { AGENT_DIRECTORY, QUEUE_DIRECTORY } from './queue-storage.ts';
export {
  type Agent,
  type Dispatcher,
  type DrainingQueue,
  ENDPOINT_TYPES,
  type EndpointType,
  type Entry,
  type FluentBit,
  type Gateway,
  type QueueStorage,
  type Replicas,
  type Router,
  TOPOLOGY_TYPES,
  type Topology,
  type TopologyType,
  type Workload,
} from './topology.ts';
export { type GatewaySettings, gatewaySettings, withoutMemory } from './workload-size.ts';
