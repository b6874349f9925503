import { createHash } from 'node:crypto';
import { CodedError, errorMessage } from '../lib/index.ts';
import { ApiError } from './api-error.ts';
import { APPLY_ORDER, inOrder, PRUNE_ORDER } from './apply-order.ts';
import type { KubeClient } from './client.ts';
import { differences } from './differences.ts';
import type { KubeLog } from './log.ts';
import { apiVersionOf, type KubeObject, keyOf, type ObjectRef, type ResourceType } from './object.ts';
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
   * prunes. Sends nothing when nothing differs. Objects that are given again, the same ones and not copies, are not looked through
   * again; so nobody may change them. Secrets are given with `data`, not with `stringData`, which the server does not keep.
   * Never rejects for one object: the report names what failed.
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

export function createObjectApplier(options: ObjectApplierOptions): ObjectApplier {
  return new Applier(options);
}

interface Desired extends AppliedType {
  readonly key: string;
  readonly object: KubeObject;
}

class Applier implements ObjectApplier {
  readonly #options: ObjectApplierOptions;
  readonly #types: ReadonlyMap<string, AppliedType>;
  readonly #hashAnnotation: string;
  /** Of desired objects, so that those which are the same as last time cost nothing: a megabyte of configuration is hashed once. */
  readonly #signed = new WeakMap<KubeObject, KubeObject>();
  /** Of signed objects: the one that was found to be as desired. */
  readonly #met = new WeakMap<KubeObject, KubeObject>();
  /** By object: what the server made of what was applied, such as `1Gi` of `1024Mi`. It is no drift. */
  readonly #normalised = new Map<string, { readonly hash: string; readonly values: ReadonlyMap<string, string> }>();

  constructor(options: ObjectApplierOptions) {
    this.#options = options;
    this.#types = new Map(options.types.map((one) => [kindOf(apiVersionOf(one.type), one.type.kind), one]));
    this.#hashAnnotation = `${options.fieldManager}/applied-hash`;
  }

  async apply(
    desired: readonly KubeObject[],
    {
      keep = () => false,
      signal,
    }: { readonly keep?: (object: KubeObject) => boolean; readonly signal?: AbortSignal } = {},
  ): Promise<ApplyReport> {
    const all = desired.map((object) => this.#desired(object));
    const wanted = new Set(all.map(({ key }) => key));
    const applied = await inOrder(all, APPLY_ORDER, (one) => this.#applyOne(one, signal));
    const pruned = await inOrder(this.#undesired(wanted), PRUNE_ORDER, (one) => this.#pruneOne(one, keep, signal));
    for (const key of this.#normalised.keys()) if (!wanted.has(key)) this.#normalised.delete(key);
    const objects = [...applied, ...pruned];
    const { log } = this.#options;
    for (const { type, ref, action, error, immutable } of objects) {
      const fields = { kind: type.kind, object: keyOf(ref) };
      if (action === 'failed') log.error('object not applied', { ...fields, error: errorMessage(error), immutable });
      else if (action !== 'unchanged' && action !== 'kept') log.info(`object ${action}`, fields);
    }
    return {
      objects,
      failed: objects.filter(({ action }) => action === 'failed'),
      changed: objects.some(({ action }) => action === 'created' || action === 'updated' || action === 'deleted'),
    };
  }

  #desired(object: KubeObject): Desired {
    const kind = kindOf(object.apiVersion, object.kind);
    const found = this.#types.get(kind);
    if (found === undefined) throw new Error(`the applier was not given the type ${kind}`);
    return { ...found, key: `${kind} ${keyOf(object.metadata)}`, object: this.#sign(object) };
  }

  /** With our labels, and the hash of what is applied: fields that are no longer desired show by it alone. */
  #sign(object: KubeObject): KubeObject {
    const known = this.#signed.get(object);
    if (known !== undefined) return known;
    const labels = { ...object.metadata.labels, ...this.#options.ownerLabels };
    // Through JSON, where undefined is absent.
    const labelled = JSON.parse(JSON.stringify({ ...object, metadata: { ...object.metadata, labels } })) as KubeObject;
    const annotations = { ...object.metadata.annotations, [this.#hashAnnotation]: hashOf(labelled) };
    const signed = { ...labelled, metadata: { ...labelled.metadata, annotations } };
    this.#signed.set(object, signed);
    return signed;
  }

  async #applyOne({ type, current, key, object }: Desired, signal: AbortSignal | undefined): Promise<AppliedObject> {
    const { client, fieldManager } = this.#options;
    const ref = refOf(object);
    const before = current.get(ref);
    const hash = object.metadata.annotations![this.#hashAnnotation]!;
    if (before !== undefined && this.#isAsDesired(key, hash, object, before)) return { type, ref, action: 'unchanged' };
    try {
      signal?.throwIfAborted();
      const after = await client.apply(type, object, { fieldManager });
      const values = differences(object, after).map(({ path, actual }) => [path, textOf(actual)] as const);
      this.#normalised.set(key, { hash, values: new Map(values) });
      return { type, ref, action: before === undefined ? 'created' : 'updated' };
    } catch (error) {
      const immutable = before !== undefined && (await this.#isImmutable(error, type, object));
      return { type, ref, action: 'failed', error, ...(immutable && { immutable }) };
    }
  }

  #isAsDesired(key: string, hash: string, desired: KubeObject, actual: KubeObject): boolean {
    if (this.#met.get(desired) === actual) return true;
    if (actual.metadata.annotations?.[this.#hashAnnotation] !== hash) return false;
    const known = this.#normalised.get(key);
    const values = known?.hash === hash ? known.values : undefined;
    const found = differences(desired, actual);
    if (!found.every(({ path, actual: value }) => values?.get(path) === textOf(value))) return false;
    this.#met.set(desired, actual);
    return true;
  }

  /** The server refuses the change, and would take the same object under another name. No code says so; a dry run does. */
  async #isImmutable(error: unknown, type: ResourceType, object: KubeObject): Promise<boolean> {
    if (!(error instanceof ApiError) || error.status !== UNPROCESSABLE) return false;
    const { client, fieldManager } = this.#options;
    const name = `${object.metadata.name.slice(0, 40)}-dry-run`;
    try {
      await client.apply(type, { ...object, metadata: { ...object.metadata, name } }, { fieldManager, dryRun: true });
      return true;
    } catch (refusal) {
      if (refusal instanceof CodedError) return false;
      throw refusal;
    }
  }

  #undesired(wanted: ReadonlySet<string>): readonly Desired[] {
    return this.#options.types
      .filter(({ prune }) => prune !== false)
      .flatMap((one) => {
        const kind = kindOf(apiVersionOf(one.type), one.type.kind);
        return one.current.list().map((object) => ({ ...one, key: `${kind} ${keyOf(object.metadata)}`, object }));
      })
      .filter(({ key, object }) => !wanted.has(key) && this.#isOurs(object))
      .filter(({ object }) => object.metadata.deletionTimestamp === undefined);
  }

  #isOurs({ metadata: { labels } }: KubeObject): boolean {
    return Object.entries(this.#options.ownerLabels).every(([name, value]) => labels?.[name] === value);
  }

  async #pruneOne(
    { type, object }: Desired,
    keep: (object: KubeObject) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<AppliedObject> {
    const ref = refOf(object);
    try {
      if (keep(object)) return { type, ref, action: 'kept' };
      signal?.throwIfAborted();
      const { uid } = object.metadata;
      const wasThere = await this.#options.client.delete(type, ref, uid === undefined ? {} : { uid });
      return { type, ref, action: wasThere ? 'deleted' : 'unchanged' };
    } catch (error) {
      return { type, ref, action: 'failed', error };
    }
  }
}

const UNPROCESSABLE = 422;

function kindOf(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`;
}

function refOf({ metadata: { namespace, name } }: KubeObject): ObjectRef {
  return namespace === undefined ? { name } : { namespace, name };
}

/** Of the same content the same hash, in whatever order its keys are. */
function hashOf(object: KubeObject): string {
  return createHash('sha256').update(textOf(object)).digest('hex').slice(0, 32);
}

/** JSON with sorted keys. */
function textOf(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(value, sorted) ?? '';
}
