import { quantityBytes } from '../../apis/index.ts';
import type { KubeClient, KubeLog, KubeObject } from '../../kube/index.ts';
import { errorMessage } from '../../lib/index.ts';
import { type WorkloadObjects, workloadOf } from '../../render/index.ts';
import { PERSISTENT_VOLUME_CLAIM } from '../resource-types.ts';

interface ClaimSpec {
  readonly resources?: { readonly requests?: { readonly storage?: string } };
}

interface StatefulSetSpec {
  readonly replicas?: number;
  readonly volumeClaimTemplates?: readonly { readonly spec?: ClaimSpec }[];
}

/** By workload: what the volumes of each StatefulSet were made with, which cannot change any more. */
export function claimTemplates(statefulSets: readonly KubeObject[]): Readonly<Record<string, readonly unknown[]>> {
  return Object.fromEntries(
    statefulSets.flatMap(({ kind, metadata, spec }) => {
      const { volumeClaimTemplates = [] } = (spec ?? {}) as StatefulSetSpec;
      const workload = workloadOf({ metadata });
      if (workload === undefined || kind !== 'StatefulSet' || volumeClaimTemplates.length === 0) return [];
      return [[workload, volumeClaimTemplates] as const];
    }),
  );
}

/**
 * Grows the claims of replicas whose StatefulSet was made with smaller ones. Where the storage class cannot grow volumes the
 * warning says so; queues then have the room that there is. Claims are never made smaller: Kubernetes refuses that.
 */
export async function growVolumes(
  workloads: readonly WorkloadObjects[],
  { client, log, namespace }: { readonly client: KubeClient; readonly log: KubeLog; readonly namespace: string },
): Promise<void> {
  for (const { volume, objects } of workloads) {
    const found = objects.find(({ kind }) => kind === 'StatefulSet');
    if (volume === undefined || found === undefined) continue;
    const { replicas = 1, volumeClaimTemplates = [] } = found['spec'] as StatefulSetSpec;
    if (requested(volumeClaimTemplates[0]?.spec) >= volume.sizeBytes) continue;
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      const ref = { namespace, name: `${volume.claim}-${ordinal}` };
      try {
        const claim = await client.get<KubeObject>(PERSISTENT_VOLUME_CLAIM, ref);
        if (claim === undefined || requested(claim['spec'] as ClaimSpec) >= volume.sizeBytes) continue;
        const storage = String(volume.sizeBytes);
        await client.mergePatch(PERSISTENT_VOLUME_CLAIM, ref, { spec: { resources: { requests: { storage } } } });
        log.info('volume grows', { claim: ref.name, sizeBytes: volume.sizeBytes });
      } catch (error) {
        const told = { claim: ref.name, sizeBytes: volume.sizeBytes, error: errorMessage(error) };
        log.warn('volume cannot grow: its storage class must allow it', told);
      }
    }
  }
}

function requested(spec: ClaimSpec | undefined): number {
  return quantityBytes(spec?.resources?.requests?.storage ?? 0) ?? 0;
}
