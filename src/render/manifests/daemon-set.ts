import { type ObjectOwner, ownedObject, podSelector } from './labels.ts';
import type { Manifest } from './manifest.ts';
import type { MountedConfig } from './mounted-config.ts';
import { ON_EVERY_NODE, ONE_BY_ONE } from './node-folder.ts';
import type { PodPart } from './pod.ts';

/** A Pod on every node. */
export function daemonSet(
  owner: ObjectOwner,
  { config, template }: { readonly config: MountedConfig; readonly template: PodPart },
): Manifest {
  const { metadata, ...object } = ownedObject(owner, { apiVersion: 'apps/v1', kind: 'DaemonSet' });
  const spec = template['spec'] as PodPart;
  return {
    ...object,
    metadata: { ...metadata, annotations: { 'telemetry.kyma-project.io/config-hash': config.hash } },
    spec: {
      revisionHistoryLimit: 2,
      selector: { matchLabels: podSelector(owner.workload) },
      updateStrategy: ONE_BY_ONE,
      template: { ...template, spec: { ...spec, ...ON_EVERY_NODE } },
    },
  };
}
