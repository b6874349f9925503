import type { Clock } from '../lib/index.ts';
import type { KubeClient, ListOptions } from './client.ts';
import type { KubeLog } from './log.ts';
import type { KubeObject, ObjectRef, ResourceType } from './object.ts';

/** What is known of the objects of one type, kept up to date by a watch. Objects are frozen facts: nobody changes them. */
export interface Store<T extends KubeObject> {
  get(ref: ObjectRef): T | undefined;
  /** In no particular order. */
  list(): readonly T[];
}

/** `before` and `after`: undefined where it was created or deleted. */
export interface Change<T extends KubeObject> {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/**
 * Lists and then watches one type, with bookmarks; lists again after 410 and lost connections, and then tells of every difference.
 * Level-based: a listener is told that something changed, and looks into the store for what is true now.
 */
export interface Informer<T extends KubeObject> extends Store<T> {
  /** True after the first complete list. */
  readonly synced: boolean;
  /** Resolves when synced. */
  whenSynced(): Promise<void>;
  /** Called in order, after the store has changed. */
  onChange(listener: (change: Change<T>) => void): void;
  start(): void;
  stop(): Promise<void>;
}

export interface InformerOptions<T extends KubeObject> extends ListOptions {
  readonly client: KubeClient;
  readonly type: ResourceType;
  readonly clock: Clock;
  readonly log: KubeLog;
  /** Takes away what nobody needs, to save memory. `metadata.managedFields` is always taken away. */
  readonly trim?: (object: T) => T;
  /** In [0, 1); spreads retries. */
  readonly random?: () => number;
}

export function createInformer<T extends KubeObject>(_options: InformerOptions<T>): Informer<T> {
  throw new Error('comes in one of the next commits');
}
