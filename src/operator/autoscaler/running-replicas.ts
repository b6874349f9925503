import type { KubeObject } from '../../kube/index.ts';

const PREFIX = 'telemetry-';

/**
 * `spec.replicas` of what runs, by workload. Until something is decided this is what is applied: a manager that starts anew must
 * not take replicas away, least of all some with volumes.
 */
export function runningReplicas(controllers: readonly KubeObject[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    controllers.flatMap(({ metadata, ...object }) => {
      const { replicas } = (object['spec'] ?? {}) as { readonly replicas?: number };
      return replicas === undefined ? [] : [[metadata.name.replace(PREFIX, ''), replicas]];
    }),
  );
}
