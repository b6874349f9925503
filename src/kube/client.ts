import type { KubeObject, ObjectRef, ResourceType } from './object.ts';

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Only `metadata` of the objects, so that templates of Pods and the like are never sent. */
  readonly metadataOnly?: boolean;
}

export interface ApplyOptions {
  /** Owner of the fields: one name for each writer. */
  readonly fieldManager: string;
  /** Take fields from other managers; default true, as controllers do. */
  readonly force?: boolean;
  /** Apply the status subresource instead of the object. */
  readonly subresource?: 'status';
  readonly dryRun?: boolean;
}

export interface WatchOptions extends ListOptions {
  /** Of a list or the last event: what happened since is told. */
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
  /** Called when the server has taken the watch; the first event may be minutes away. */
  readonly onOpen?: () => void;
}

export interface WatchEvent<T extends KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/**
 * The verbs of the Kubernetes API over one connection pool. Everything rejects with an ApiError when the server says no, and with
 * a ConnectionError when it cannot be reached or does not answer in time. Requests are counted by verb and resource.
 */
export interface KubeClient {
  /** Undefined where there is none. */
  get<T extends KubeObject>(type: ResourceType, ref: ObjectRef): Promise<T | undefined>;
  /** All pages; `each` makes of every object what is kept of it, before the next page is asked for. */
  list<T extends KubeObject>(
    type: ResourceType,
    options?: ListOptions & { readonly each?: (object: T) => T },
  ): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }>;
  create<T extends KubeObject>(type: ResourceType, object: T): Promise<T>;
  /** Replaces; with `metadata.resourceVersion` only that version, else the ApiError is a conflict. */
  update<T extends KubeObject>(type: ResourceType, object: T, subresource?: 'status'): Promise<T>;
  /** Server-side apply. */
  apply<T extends KubeObject>(type: ResourceType, object: T, options: ApplyOptions): Promise<T>;
  /** JSON merge patch (RFC 7396). */
  mergePatch<T extends KubeObject>(
    type: ResourceType,
    ref: ObjectRef,
    patch: object,
    subresource?: 'status' | 'scale',
  ): Promise<T>;
  /** False where there was none. In the background; `uid` guards against deleting a successor of the same name. */
  delete(type: ResourceType, ref: ObjectRef, precondition?: { readonly uid?: string }): Promise<boolean>;
  /**
   * Ends when the server closes the watch, when nothing comes for minutes, or when `signal` aborts; an ERROR event rejects with its
   * ApiError (410: list again).
   */
  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** Any path of the API server: discovery, version, the proxy of a Service. Decoded JSON, or text where it is none. */
  raw(path: string): Promise<unknown>;
  /** Requests since the start: `get tracepipelines` → count; a watch counts when it begins. */
  readonly requests: ReadonlyMap<string, number>;
  /**
   * The same client, with the same connections and counts, until `signal` aborts: what is under way then is ended and rejects with
   * the reason, and nothing is sent or tried again afterwards. Watches have a signal of their own.
   */
  until(signal: AbortSignal): KubeClient;
  close(): Promise<void>;
}
