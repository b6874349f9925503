import type { KubeClient } from './client.ts';
import type { KubeLog } from './log.ts';
import type { KubeObject, ObjectRef, ResourceType } from './object.ts';
import type { Store } from './store.ts';

/** A type whose objects an applier writes. */
export interface AppliedType {
  readonly type: ResourceType;
  /** What is there now, from a synced informer; it may be limited to objects with the owner's labels. */
  readonly current: Store<KubeObject>;
  /** Whether owned objects that are no longer desired are deleted; default true. */
  readonly prune?: boolean;
}

export interface ObjectApplierOptions {
  readonly client: KubeClient;
  readonly log: KubeLog;
  readonly fieldManager: string;
  /** Put on everything that is applied; only what carries all of them is ever pruned. */
  readonly ownerLabels: Readonly<Record<string, string>>;
  readonly types: readonly AppliedType[];
}

export interface AppliedObject {
  readonly type: ResourceType;
  readonly ref: ObjectRef;
  readonly action: 'created' | 'updated' | 'unchanged' | 'deleted' | 'kept' | 'failed';
  /** Of `failed`. */
  readonly error?: unknown;
  /** The failure is a field that cannot change: the object has to be deleted and created anew, and somebody has to want that. */
  readonly immutable?: boolean;
}

export interface ApplyReport {
  /** One entry for each desired object and each that was pruned, in the order of work. */
  readonly objects: readonly AppliedObject[];
  readonly failed: readonly AppliedObject[];
  /** Something was written. */
  readonly changed: boolean;
}

export interface ObjectApplier {
  /**
   * Brings the owned objects to `desired`: applies what differs, in an order in which nothing waits for what comes later, then
   * prunes. Sends nothing when nothing differs. Never rejects for one object: the report names what failed.
   */
  apply(
    desired: readonly KubeObject[],
    options?: {
      /** Owned objects that are no longer desired and stay nevertheless. */
      readonly keep?: (object: KubeObject) => boolean;
      readonly signal?: AbortSignal;
    },
  ): Promise<ApplyReport>;
}

export function createObjectApplier(_options: ObjectApplierOptions): ObjectApplier {
  throw new Error('comes in one of the next commits');
}
