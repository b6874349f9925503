export {
  ApiError,
  type ApiErrorCause,
  ConnectionError,
  isAlreadyExists,
  isConflict,
  isExpired,
  isNotFound,
} from './api-error.ts';
export {
  type AppliedObject,
  type AppliedType,
  type ApplyReport,
  createObjectApplier,
  type ObjectApplier,
  type ObjectApplierOptions,
} from './apply.ts';
export type { ApplyOptions, KubeClient, ListOptions, WatchEvent, WatchOptions } from './client.ts';
export { type Condition, withCondition } from './conditions.ts';
export { type ConnectOptions, connectKube, type KubeConnection } from './connect.ts';
export { type Controller, type ControllerOptions, runController } from './controller.ts';
export { createDiscovery, type Discovery, type ServerVersion } from './discovery.ts';
export { createEventRecorder, type EventFacts, type EventRecorder, type EventRecorderOptions } from './events.ts';
export { addFinalizer, removeFinalizer } from './finalizers.ts';
export { createInformer, type Informer, type InformerOptions } from './informer.ts';
export { createLeaderElector, type LeaderElector, type LeaderElectorOptions } from './leader-elector.ts';
export type { KubeLog } from './log.ts';
export {
  apiVersionOf,
  type KubeObject,
  keyOf,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  type ResourceType,
} from './object.ts';
export type { Change, Store } from './store.ts';
export { createWorkQueue, type WorkQueue, type WorkQueueOptions } from './work-queue.ts';
