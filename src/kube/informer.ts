import {
  type Backoff,
  type BackoffOptions,
  type Clock,
  CodedError,
  createBackoff,
  errorCode,
  errorMessage,
  sleep,
} from '../lib/index.ts';
import { ApiError, isExpired } from './api-error.ts';
import type { KubeClient, ListOptions, WatchEvent } from './client.ts';
import type { KubeLog } from './log.ts';
import type { KubeObject, ObjectRef, ResourceType } from './object.ts';
import { type Change, ObjectStore, type Store } from './store.ts';

/**
 * Lists and then watches one type, with bookmarks; lists again after 410 and lost connections, and then tells of every difference.
 * Level-based: a listener is told that something changed, and looks into the store for what is true now.
 */
export interface Informer<T extends KubeObject> extends Store<T> {
  /** True after the first complete list. */
  readonly synced: boolean;
  /** What the last list or watch failed with; undefined once one works. */
  readonly lastError: unknown;
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

/** As client-go's reflector, which begins with 0.8 s. */
const RETRY: BackoffOptions = {
  initialIntervalMs: 500,
  maxIntervalMs: 30_000,
  multiplier: 2,
  randomizationFactor: 0.5,
};

/** A watch that ends at once without an event is a server in trouble, not the end of its time. */
const SHORT_WATCH_MS = 1000;

export function createInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  return new WatchingInformer(options);
}

class WatchingInformer<T extends KubeObject> implements Informer<T> {
  readonly #options: InformerOptions<T>;
  readonly #store = new ObjectStore<T>();
  readonly #listeners: ((change: Change<T>) => void)[] = [];
  readonly #backoff: Backoff;
  readonly #stopped = new AbortController();
  readonly #sync = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  /** Where the watch goes on; undefined: list first. */
  #version: string | undefined;
  /** What was told last of what goes wrong, as its code; undefined while nothing does. */
  #failure: string | undefined;
  synced = false;
  lastError: unknown;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#backoff = createBackoff(RETRY, options.random ?? Math.random);
    // Those who wait are told; that nobody waits is no failure.
    this.#sync.promise.catch(() => {});
  }

  get(ref: ObjectRef): T | undefined {
    return this.#store.get(ref);
  }

  list(): readonly T[] {
    return this.#store.list();
  }

  whenSynced(): Promise<void> {
    return this.#sync.promise;
  }

  onChange(listener: (change: Change<T>) => void): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new CodedError('stopped', `the informer of ${this.#options.type.plural} was stopped`));
    await this.#running;
    this.#sync.reject(this.#stopped.signal.reason);
  }

  /** List, watch, and watch again where the last one ended, until stopped. */
  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      let waitMs = 0;
      try {
        if (this.#version === undefined) await this.#listAll();
        if (!(await this.#watch())) waitMs = this.#backoff.nextDelayMs();
      } catch (error) {
        if (signal.aborted) return;
        waitMs = this.#failed(error);
      }
      if (waitMs > 0) await sleep(clock, waitMs, signal).catch(() => {});
    }
  }

  async #listAll(): Promise<void> {
    const { client, type, log } = this.#options;
    const each = (item: T) => this.#trimmed(item);
    const { items, resourceVersion } = await client.list<T>(type, { ...this.#options, each });
    if (this.#stopped.signal.aborted) return;
    const changes = this.#store.replace(items);
    this.#version = resourceVersion;
    for (const change of changes) this.#tell(change);
    if (this.synced)
      log.info('listed again', { resource: type.plural, objects: items.length, changes: changes.length });
    this.synced = true;
    this.#sync.resolve();
  }

  /** False when it ended so soon that opening the next at once would be a loop. */
  async #watch(): Promise<boolean> {
    const { client, type, clock, namespace, labelSelector, fieldSelector, metadataOnly } = this.#options;
    const beganMs = clock.monotonicMs();
    let eventCount = 0;
    const events = client.watch<T>(type, {
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(metadataOnly !== undefined && { metadataOnly }),
      resourceVersion: this.#version!,
      signal: this.#stopped.signal,
      onOpen: () => this.#works(),
    });
    for await (const event of events) {
      eventCount++;
      this.#backoff.reset();
      this.#take(event);
    }
    if (eventCount === 0 && clock.monotonicMs() - beganMs < SHORT_WATCH_MS) return false;
    this.#backoff.reset();
    return true;
  }

  #take({ type, object }: WatchEvent<T>): void {
    // The version first: a listener that throws must not make the same event come again.
    this.#version = object.metadata.resourceVersion ?? this.#version;
    if (type === 'BOOKMARK') return;
    const change = type === 'DELETED' ? this.#store.remove(object.metadata) : this.#store.put(this.#trimmed(object));
    if (change !== undefined) this.#tell(change);
  }

  #trimmed(object: T): T {
    // Often half of an object, and nobody here reads it. The object was parsed a moment ago and is nobody else's.
    delete (object.metadata as { managedFields?: unknown }).managedFields;
    return this.#options.trim?.(object) ?? object;
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        const { log, type } = this.#options;
        log.error('a listener of an informer failed', { resource: type.plural, error: errorMessage(error) });
      }
    }
  }

  /** Tells that it is over. The pause between tries shrinks only for a watch that lasts or gives something. */
  #works(): void {
    this.lastError = undefined;
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#options.log.info('watching again', { resource: this.#options.type.plural });
  }

  /** What to do next; returns how long to wait for it. */
  #failed(error: unknown): number {
    const { log, type } = this.#options;
    this.lastError = error;
    if (mustListAgain(error)) this.#version = undefined;
    const waitMs = Math.max(this.#backoff.nextDelayMs(), (error instanceof ApiError && error.retryAfterMs) || 0);
    const failure = errorCode(error) ?? 'unknown';
    if (isExpired(error)) {
      log.info('the version is too old to be watched', { resource: type.plural });
    } else if (this.#failure !== failure) {
      this.#failure = failure;
      log.warn('cannot watch', { resource: type.plural, error: errorMessage(error) });
    }
    return waitMs;
  }
}

const BUSY = new Set([429, 500, 503]);

/**
 * After a lost connection or a busy server the same version is as good as before. Whatever else the server says, such as 410, or
 * 504 for a version that is newer than all it has since it was restored, is about the version.
 */
function mustListAgain(error: unknown): boolean {
  return error instanceof ApiError && !BUSY.has(error.status);
}
