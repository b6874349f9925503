import { type KubeObject, keyOf, type ObjectRef } from './object.ts';

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

/** The objects of one type as they were last seen. Each method says what it changed, and undefined for nothing. */
export class ObjectStore<T extends KubeObject> implements Store<T> {
  #objects = new Map<string, T>();
  #list: readonly T[] | undefined;

  get(ref: ObjectRef): T | undefined {
    return this.#objects.get(keyOf(ref));
  }

  list(): readonly T[] {
    this.#list ??= [...this.#objects.values()];
    return this.#list;
  }

  put(after: T): Change<T> | undefined {
    const key = keyOf(after.metadata);
    const before = this.#objects.get(key);
    if (before !== undefined && isSameVersion(before, after)) return undefined;
    this.#objects.set(key, after);
    this.#list = undefined;
    return { before, after };
  }

  remove(ref: ObjectRef): Change<T> | undefined {
    const before = this.#objects.get(keyOf(ref));
    if (before === undefined) return undefined;
    this.#objects.delete(keyOf(ref));
    this.#list = undefined;
    return { before, after: undefined };
  }

  /** Everything that is there: what is not among it is gone. */
  replace(objects: readonly T[]): readonly Change<T>[] {
    const before = this.#objects;
    this.#objects = new Map(objects.map((object) => [keyOf(object.metadata), object]));
    this.#list = undefined;
    const changes: Change<T>[] = [];
    for (const [key, gone] of before) if (!this.#objects.has(key)) changes.push({ before: gone, after: undefined });
    for (const [key, after] of this.#objects) {
      const known = before.get(key);
      if (known === undefined || !isSameVersion(known, after)) changes.push({ before: known, after });
    }
    return changes;
  }
}

function isSameVersion({ metadata: a }: KubeObject, { metadata: b }: KubeObject): boolean {
  return a.uid === b.uid && a.resourceVersion === b.resourceVersion;
}
