/**
 * Which version of each resource runs after the files changed.
 * - A valid one runs as it is now written; of two with one name the first.
 * - One with an error keeps its last valid version.
 * - What came from a file that cannot be read as a whole (broken YAML, a document that does not say what it is) stays:
 *   nobody can tell whether it is still meant to be there.
 * - What is gone from a readable file, or whose file is gone, is removed. What was never valid is left out.
 */

export interface ResourceIdentity {
  readonly kind: string;
  readonly name: string;
}

/** A resource as a file has it now. */
export interface FoundResource<T> extends ResourceIdentity {
  readonly file: string;
  /** Absent when it has an error. */
  readonly version?: T;
}

/** What the files hold now. */
export interface Reading<T> {
  /** In the order of the files. */
  readonly found: readonly FoundResource<T>[];
  /** Files that could not be read as a whole. */
  readonly unreadable: ReadonlySet<string>;
}

export interface RunningResource<T> extends ResourceIdentity {
  /** The file that the version which runs was read from. */
  readonly file: string;
  readonly version: T;
  readonly runs: 'current' | 'previous';
}

/** What runs now, given what ran before: in the order of the files, what only its last version speaks for at the end. */
export function lastValid<T>(
  before: readonly RunningResource<T>[],
  reading: Reading<T>,
): readonly RunningResource<T>[] {
  const old = new Map(before.map((resource) => [identityOf(resource), resource]));
  const current = new Map<string, RunningResource<T>>();
  for (const resource of reading.found) {
    const { kind, name, file, version } = resource;
    const id = identityOf(resource);
    if (version !== undefined && !current.has(id)) current.set(id, { kind, name, file, version, runs: 'current' });
  }
  const after = new Map<string, RunningResource<T>>();
  for (const resource of reading.found) {
    const id = identityOf(resource);
    const running = current.get(id) ?? previous(old.get(id));
    if (running !== undefined) after.set(id, running);
  }
  for (const [id, resource] of old) {
    if (!after.has(id) && reading.unreadable.has(resource.file)) after.set(id, { ...resource, runs: 'previous' });
  }
  return [...after.values()];
}

/** `TracePipeline/demo` */
export function identityOf({ kind, name }: ResourceIdentity): string {
  return `${kind}/${name}`;
}

function previous<T>(resource: RunningResource<T> | undefined): RunningResource<T> | undefined {
  return resource && { ...resource, runs: 'previous' };
}
