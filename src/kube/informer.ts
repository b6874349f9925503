import type { KubeObject, ObjectRef } from './object.ts';

/** What is known of the objects of one type, kept up to date by a watch. Objects are frozen facts: nobody changes them. */
export interface Store<T extends KubeObject> {
  get(ref: ObjectRef): T | undefined;
  /** In no particular order. */
  list(): readonly T[];
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
  /** `before` and `after`: undefined where it was created or deleted. Called in order, after the store has changed. */
  onChange(listener: (change: { readonly before: T | undefined; readonly after: T | undefined }) => void): void;
  start(): void;
  stop(): Promise<void>;
}
