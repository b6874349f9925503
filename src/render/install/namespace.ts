import type { Manifest } from '../manifests/manifest.ts';
import { OWNER_LABELS } from './names.ts';

/**
 * Enforcement is privileged, because agents read logs and node figures through hostPath volumes, which every other level refuses.
 * All else meets restricted: warnings and audit name whatever does not.
 */
export function namespaceManifest(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        ...OWNER_LABELS,
        'pod-security.kubernetes.io/enforce': 'privileged',
        'pod-security.kubernetes.io/audit': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
    },
  };
}
