import { type Clock, CodedError, sleep } from '../lib/index.ts';
import { errorOf, isSuccess, readText, statusError, TOO_LARGE } from './api-answer.ts';
import { ApiError, ConnectionError, isExpired, isNotFound } from './api-error.ts';
import type { ApplyOptions, KubeClient, ListOptions, WatchEvent, WatchOptions } from './client.ts';
import { apiVersionOf, type KubeObject, type ObjectRef, type ResourceType } from './object.ts';
import { collectionPath, objectPath, queryOf } from './paths.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { type HttpAnswer, type HttpRequest, type Transport, unreachable } from './transport.ts';
import { readJsonLines } from './watch-stream.ts';

export interface HttpClientOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Of one request; default 30 s. */
  readonly timeoutMs?: number;
  /** Default 50. */
  readonly qps?: number;
  /** Default 100. */
  readonly burst?: number;
  /** Objects in one answer to a list; default 500, as client-go's. */
  readonly pageSize?: number;
  /**
   * A watch on which nothing comes for this long is ended: it may be dead. The server sends a bookmark each minute, except for types
   * of which nothing changes. Default 150 s.
   */
  readonly watchIdleMs?: number;
  /** In [0, 1); spreads the ends of watches. */
  readonly random?: () => number;
}

const DEFAULTS = { timeoutMs: 30_000, qps: 50, burst: 100, pageSize: 500, watchIdleMs: 150_000 } as const;

/** How often a request is sent when the server asks to wait, and the longest wait that is obeyed here. */
const MAX_TRIES = 5;
const MAX_RETRY_AFTER_MS = 30_000;
const DEFAULT_RETRY_AFTER_MS = 1000;
/** How often a list begins again because its pages expired, before it is asked for in one piece. */
const MAX_LISTS = 3;
/** A watch ends after 5 to 10 minutes, as client-go's, so that connections spread over new API servers. */
const WATCH_SECONDS = 300;
const JSON_TYPE = 'application/json';
const MERGE_PATCH_TYPE = 'application/merge-patch+json';
/** JSON is YAML. */
const APPLY_PATCH_TYPE = 'application/apply-patch+yaml';

interface Call extends Omit<HttpRequest, 'signal'> {
  /** `list secrets`: what it counts as. */
  readonly name: string;
  /** By the limit of requests a second. */
  readonly isUnlimited?: boolean;
}

interface ListAnswer<T> {
  readonly items: readonly T[] | null;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

/** The client over HTTP/1.1. Owns the transport. */
export function createHttpClient(options: HttpClientOptions): KubeClient {
  return new HttpClient(options);
}

/** What a client has in common with those that it was limited to. */
interface Shared {
  readonly limiter: RateLimiter;
  readonly closed: AbortController;
  /** Of requests and watches under way. */
  readonly open: Set<AbortController>;
  /** When no request is sent any more. */
  readonly ended: AbortSignal;
  readonly requests: Map<string, number>;
}

function newShared(options: Required<HttpClientOptions>): Shared {
  const closed = new AbortController();
  const limiter = createRateLimiter(options.clock, options);
  return { limiter, closed, open: new Set(), ended: closed.signal, requests: new Map() };
}

class HttpClient implements KubeClient {
  readonly #options: Required<HttpClientOptions>;
  readonly #shared: Shared;
  readonly #limiter: RateLimiter;
  readonly #closed: AbortController;
  readonly #open: Set<AbortController>;
  readonly #ended: AbortSignal;
  readonly requests: Map<string, number>;

  constructor(options: HttpClientOptions, shared?: Shared) {
    this.#options = { ...DEFAULTS, random: Math.random, ...options };
    this.#shared = shared ?? newShared(this.#options);
    this.#limiter = this.#shared.limiter;
    this.#closed = this.#shared.closed;
    this.#open = this.#shared.open;
    this.#ended = this.#shared.ended;
    this.requests = this.#shared.requests;
  }

  until(signal: AbortSignal): KubeClient {
    return new HttpClient(this.#options, { ...this.#shared, ended: AbortSignal.any([this.#ended, signal]) });
  }

  async get<T extends KubeObject>(type: ResourceType, ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.#json<T>({
        name: `get ${type.plural}`,
        ...leases(type),
        method: 'GET',
        path: objectPath(type, ref),
      });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async list<T extends KubeObject>(
    type: ResourceType,
    options: ListOptions & { readonly each?: (object: T) => T } = {},
  ): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }> {
    let limit = this.#options.pageSize;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#listPages<T>(type, options, tries > MAX_LISTS ? 0 : limit);
      } catch (error) {
        const isTooLarge = error instanceof ApiError && error.code === TOO_LARGE && limit > 1;
        // Objects of a megabyte each: as many as fit.
        if (isTooLarge) limit = Math.max(1, Math.floor(limit / 8));
        else if (!isExpired(error)) throw error;
        if (tries > MAX_LISTS) throw error;
      }
    }
  }

  async #listPages<T extends KubeObject>(
    type: ResourceType,
    options: ListOptions & { readonly each?: (object: T) => T },
    limit: number,
  ) {
    const items: T[] = [];
    const kind = { apiVersion: apiVersionOf(type), kind: type.kind };
    let next: string | undefined;
    for (;;) {
      const { namespace, labelSelector, fieldSelector, each = (object) => object } = options;
      const size = limit === 0 ? undefined : String(limit);
      const query = queryOf({ labelSelector, fieldSelector, limit: size, continue: next });
      const path = collectionPath(type, namespace) + query;
      const page = await this.#json<ListAnswer<T>>({
        name: `list ${type.plural}`,
        method: 'GET',
        path,
        ...acceptOf(options, 'PartialObjectMetadataList'),
      });
      // Items of built-in kinds do not say what they are.
      for (const item of page.items ?? []) items.push(each({ ...kind, ...item }));
      next = page.metadata.continue;
      if (!next) return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  create<T extends KubeObject>(type: ResourceType, object: T): Promise<T> {
    const { namespace, name } = object.metadata;
    if (type.namespaced && namespace === undefined) throw new Error(`${type.kind} ${name} has no namespace`);
    return this.#json<T>({
      name: `create ${type.plural}`,
      ...leases(type),
      method: 'POST',
      path: collectionPath(type, namespace),
      contentType: JSON_TYPE,
      body: JSON.stringify(object),
    });
  }

  update<T extends KubeObject>(type: ResourceType, object: T, subresource?: 'status'): Promise<T> {
    return this.#json<T>({
      name: nameOf('update', type, subresource),
      ...leases(type),
      method: 'PUT',
      path: objectPath(type, object.metadata, subresource),
      contentType: JSON_TYPE,
      body: JSON.stringify(object),
    });
  }

  apply<T extends KubeObject>(type: ResourceType, object: T, options: ApplyOptions): Promise<T> {
    const { fieldManager, force = true, subresource, dryRun } = options;
    const query = queryOf({ fieldManager, force: String(force), dryRun: dryRun === true ? 'All' : undefined });
    return this.#json<T>({
      name: nameOf('apply', type, subresource),
      method: 'PATCH',
      path: objectPath(type, object.metadata, subresource) + query,
      contentType: APPLY_PATCH_TYPE,
      body: JSON.stringify(object),
    });
  }

  mergePatch<T extends KubeObject>(
    type: ResourceType,
    ref: ObjectRef,
    patch: object,
    subresource?: 'status' | 'scale',
  ): Promise<T> {
    return this.#json<T>({
      name: nameOf('patch', type, subresource),
      method: 'PATCH',
      path: objectPath(type, ref, subresource),
      contentType: MERGE_PATCH_TYPE,
      body: JSON.stringify(patch),
    });
  }

  async delete(type: ResourceType, ref: ObjectRef, { uid }: { readonly uid?: string } = {}): Promise<boolean> {
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    try {
      await this.#json({
        name: `delete ${type.plural}`,
        method: 'DELETE',
        path: objectPath(type, ref),
        contentType: JSON_TYPE,
        body: JSON.stringify({
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          ...preconditions,
        }),
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      if (uid === undefined || !(error instanceof ApiError) || error.status !== 409) throw error;
      // Either a successor is there, which was not meant, or the server has another reason.
      const there = await this.get(type, ref);
      if (there?.metadata.uid === uid) throw error;
      return false;
    }
  }

  async *watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const { namespace, labelSelector, fieldSelector, resourceVersion, signal, onOpen } = options;
    const timeoutSeconds = String(Math.round(WATCH_SECONDS * (1 + this.#options.random())));
    const fixed = { watch: 'true', allowWatchBookmarks: 'true' };
    const query = queryOf({ ...fixed, labelSelector, fieldSelector, resourceVersion, timeoutSeconds });
    const { clock, timeoutMs, watchIdleMs } = this.#options;
    const open = this.#begin(`watch ${type.plural}`);
    const onAbort = () => open.abort(signal.reason);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    let isIdle = false;
    const onIdle = () => {
      isIdle = true;
      open.abort();
    };
    let timer = clock.after(timeoutMs, () =>
      open.abort(this.#late(`no answer to \`watch ${type.plural}\` came`, timeoutMs)),
    );
    try {
      const path = collectionPath(type, namespace) + query;
      const answer = await this.#options.transport.send({
        method: 'GET',
        path,
        isStream: true,
        signal: open.signal,
        ...acceptOf(options, 'PartialObjectMetadata'),
      });
      if (!isSuccess(answer)) throw errorOf(answer, await readText(answer));
      timer.cancel();
      timer = clock.after(watchIdleMs, onIdle);
      onOpen?.();
      for await (const line of readJsonLines(answer.body as AsyncIterable<Uint8Array>)) {
        timer.cancel();
        timer = clock.after(watchIdleMs, onIdle);
        const { type: kind, object } = line as { readonly type: string; readonly object: T };
        if (kind === 'ERROR') throw statusError(object as object);
        yield { type: kind as WatchEvent<T>['type'], object };
      }
    } catch (error) {
      // The next watch shows whether the connection was dead; nothing to tell about a type that nobody changes.
      if (signal.aborted || isIdle) return;
      throw this.#asError(error, open.signal);
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      // Ends the connection when the reader leaves before the server does.
      open.abort();
      this.#open.delete(open);
    }
  }

  async raw(path: string): Promise<unknown> {
    const { text, answer } = await this.#call({ name: 'raw', method: 'GET', path });
    return String(answer.headers['content-type'] ?? '').includes('json') ? JSON.parse(text) : text;
  }

  async close(): Promise<void> {
    const reason = new ConnectionError('closed', 'the client is closed');
    this.#closed.abort(reason);
    for (const open of this.#open) open.abort(reason);
    await this.#options.transport.close();
  }

  async #json<T>(call: Call): Promise<T> {
    const { text } = await this.#call(call);
    return JSON.parse(text) as T;
  }

  /** Sends until the answer is neither "wait" nor a connection that broke under a read; at most a few times. */
  async #call(call: Call): Promise<{ readonly answer: HttpAnswer; readonly text: string }> {
    const { clock } = this.#options;
    for (let tries = 1; ; tries++) {
      this.#ended.throwIfAborted();
      if (call.isUnlimited !== true) await this.#limiter.take(this.#ended);
      try {
        return await this.#once(call);
      } catch (error) {
        const waitMs = retryDelayMs(error, call, tries);
        if (waitMs === undefined) throw error;
        await sleep(clock, waitMs, this.#ended);
      }
    }
  }

  async #once(call: Call): Promise<{ readonly answer: HttpAnswer; readonly text: string }> {
    const { clock, transport, timeoutMs } = this.#options;
    const open = this.#begin(call.name);
    const timer = clock.after(timeoutMs, () => open.abort(this.#late(`no answer to \`${call.name}\` came`, timeoutMs)));
    const onEnd = () => open.abort(this.#ended.reason);
    this.#ended.addEventListener('abort', onEnd);
    try {
      const answer = await transport.send({ ...call, signal: open.signal });
      const text = await readText(answer);
      if (!isSuccess(answer)) throw errorOf(answer, text);
      return { answer, text };
    } catch (error) {
      throw this.#asError(error, open.signal);
    } finally {
      timer.cancel();
      this.#ended.removeEventListener('abort', onEnd);
      this.#open.delete(open);
    }
  }

  /** Counts a request and gives it what ends it. */
  #begin(name: string): AbortController {
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
    const open = new AbortController();
    if (this.#closed.signal.aborted) open.abort(this.#closed.signal.reason);
    this.#open.add(open);
    return open;
  }

  #late(what: string, limitMs: number): ConnectionError {
    const { server } = this.#options.transport;
    return new ConnectionError('timeout', `the API server at ${server}: ${what} for ${limitMs / 1000} s`);
  }

  #asError(error: unknown, ended: AbortSignal): unknown {
    if (ended.aborted) return ended.reason;
    return error instanceof CodedError ? error : unreachable(this.#options.transport.server, error);
  }
}

/** Undefined: not again. */
function retryDelayMs(error: unknown, { method }: Call, tries: number): number | undefined {
  if (tries >= MAX_TRIES) return undefined;
  if (error instanceof ApiError && (error.status === 429 || error.status === 503)) {
    // A 503 without a delay comes from a proxy in front, or from an aggregated API that is away: the caller's to judge.
    if (error.status === 503 && error.retryAfterMs === undefined) return undefined;
    const waitMs = error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS;
    return waitMs > MAX_RETRY_AFTER_MS ? undefined : waitMs;
  }
  // The server may close a kept connection in the moment it is used again; reading twice does no harm.
  const isBroken = error instanceof ConnectionError && ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(error.code);
  return isBroken && method === 'GET' && tries === 1 ? 0 : undefined;
}

function nameOf(verb: string, { plural }: ResourceType, subresource: string | undefined): string {
  return subresource === undefined ? `${verb} ${plural}` : `${verb} ${plural}/${subresource}`;
}

/** Source: Kubernetes API concepts, "Metadata-only fetches". */
function acceptOf({ metadataOnly }: ListOptions, kind: string): { readonly accept?: string } {
  return metadataOnly === true ? { accept: `${JSON_TYPE};as=${kind};g=meta.k8s.io;v=v1` } : {};
}

/** A leader whose renewal waits behind its own requests loses its Lease. */
function leases({ group, plural }: ResourceType): { readonly isUnlimited?: true; readonly isStream?: true } {
  return group === 'coordination.k8s.io' && plural === 'leases' ? { isUnlimited: true, isStream: true } : {};
}
