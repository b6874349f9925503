export type { ApplyOptions, KubeClient, ListOptions, WatchEvent } from './client.ts';
export type { Informer, Store } from './informer.ts';
export {
  apiVersionOf,
  type KubeObject,
  keyOf,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  type ResourceType,
} from './object.ts';
