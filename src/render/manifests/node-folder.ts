import type { ManifestOptions } from './cluster-objects.ts';
import { type PodPart, scriptContainer } from './pod.ts';
import { SHARE_FOLDER } from './pod-scripts.ts';

/** A folder of the node that outlives Pods, and how the Pod comes to write to it. */
export interface NodeFolder {
  readonly volumes: readonly PodPart[];
  readonly volumeMounts: readonly PodPart[];
  readonly initContainers: readonly PodPart[];
}

/** The kubelet makes it as root's; an init container, root without any capability, gives the group of the Pods the right to write. */
export function nodeFolder(
  name: string,
  { onNode, inPod, manifest }: { readonly onNode: string; readonly inPod: string; readonly manifest: ManifestOptions },
): NodeFolder {
  const volumeMounts = [{ name, mountPath: inPod }];
  return {
    volumes: [{ name, hostPath: { path: onNode, type: 'DirectoryOrCreate' } }],
    volumeMounts,
    initContainers: [
      scriptContainer(`share-${name}`, {
        manifest,
        script: SHARE_FOLDER,
        folders: [inPod],
        volumeMounts,
        securityContext: { runAsNonRoot: false, runAsUser: 0, runAsGroup: 0 },
      }),
    ],
  };
}

/** Where the kubelet keeps what containers write, to be read only. */
export const POD_LOGS: Pick<NodeFolder, 'volumes' | 'volumeMounts'> = {
  volumes: [{ name: 'pod-logs', hostPath: { path: '/var/log/pods', type: '' } }],
  volumeMounts: [{ name: 'pod-logs', mountPath: '/var/log/pods', readOnly: true }],
};

/** Of every node, whatever keeps others away from it. One Pod goes before its successor comes: two would share the folder. */
export const ON_EVERY_NODE = {
  tolerations: [
    { effect: 'NoSchedule', operator: 'Exists' },
    { effect: 'NoExecute', operator: 'Exists' },
  ],
} as const;

export const ONE_BY_ONE = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%', maxSurge: 0 } } as const;
