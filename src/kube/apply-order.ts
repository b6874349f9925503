import type { ResourceType } from './object.ts';

/** Requests at once. */
const PARALLEL = 8;

/** What others mount, run as or refer to comes first. The empty row is all other kinds. */
export const APPLY_ORDER: readonly (readonly string[])[] = [
  ['Namespace', 'CustomResourceDefinition', 'PriorityClass', 'StorageClass'],
  ['ServiceAccount'],
  ['ClusterRole', 'Role'],
  ['ClusterRoleBinding', 'RoleBinding'],
  ['ConfigMap', 'Secret', 'PersistentVolumeClaim'],
  ['Service', 'NetworkPolicy', 'PodDisruptionBudget'],
  ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'],
  [],
];

export const PRUNE_ORDER = APPLY_ORDER.toReversed();

/** Row by row, a few of a row at once. */
export async function inOrder<T extends { readonly type: ResourceType }, R>(
  objects: readonly T[],
  order: readonly (readonly string[])[],
  run: (object: T) => Promise<R>,
): Promise<readonly R[]> {
  const named = new Set(order.flat());
  const done: R[] = [];
  for (const kinds of order) {
    const waiting = objects.filter(({ type: { kind } }) =>
      kinds.length === 0 ? !named.has(kind) : kinds.includes(kind),
    );
    for (let i = 0; i < waiting.length; i += PARALLEL) {
      done.push(...(await Promise.all(waiting.slice(i, i + PARALLEL).map(run))));
    }
  }
  return done;
}
