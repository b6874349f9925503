import type { KubeObject } from '../../kube/index.ts';
import { mountedNames } from '../conditions/workload-health.ts';

/** A Pod that went may come back with the same configuration for as long as its rollout is stuck. */
const LATELY_MS = 10 * 60_000;

/**
 * The ConfigMaps and Secrets that Pods mount, or mounted until a moment ago: an older ReplicaSet or revision whose only Pod was
 * evicted makes it anew with the configuration that it had.
 */
export class MountedLately {
  /** By name: when a Pod was seen with it last. */
  readonly #seenMs = new Map<string, number>();

  /** `nowMs`: monotonic. */
  look(pods: readonly KubeObject[], nowMs: number): ReadonlySet<string> {
    for (const pod of pods) for (const name of mountedNames(pod['spec'])) this.#seenMs.set(name, nowMs);
    for (const [name, seenMs] of this.#seenMs) if (nowMs - seenMs > LATELY_MS) this.#seenMs.delete(name);
    return new Set(this.#seenMs.keys());
  }
}
