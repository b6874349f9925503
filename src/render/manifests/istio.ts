import type { Manifest } from './manifest.ts';
import type { PodPart } from './pod.ts';

const CERTIFICATES = '/etc/istio-output-certs';

/** What a Pod needs to stand in the mesh. */
export interface MeshPod {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly volumes: readonly PodPart[];
  readonly volumeMounts: readonly PodPart[];
}

const OUTSIDE: MeshPod = { labels: {}, annotations: {}, volumes: [], volumeMounts: [] };

/**
 * The sidecar takes what goes to backends, which may insist on the mesh's TLS. It takes nothing that comes in: senders inside
 * and outside of the mesh then send alike, as upstream has it. `certificates`: its certificates are written where the agent
 * scrapes with them.
 */
export function meshPod({ istio }: { readonly istio: boolean }, { certificates = false } = {}): MeshPod {
  if (!istio) return OUTSIDE;
  const mounts = JSON.stringify([{ name: 'istio-certs', mountPath: CERTIFICATES }]);
  return {
    labels: { 'sidecar.istio.io/inject': 'true' },
    annotations: {
      'traffic.sidecar.istio.io/includeInboundPorts': '',
      ...(certificates
        ? {
            'proxy.istio.io/config': `proxyMetadata:\n  OUTPUT_CERTS: ${CERTIFICATES}\n`,
            'sidecar.istio.io/userVolumeMount': mounts,
          }
        : {}),
    },
    volumes: certificates ? [{ name: 'istio-certs', emptyDir: { medium: 'Memory' } }] : [],
    volumeMounts: certificates ? [{ name: 'istio-certs', mountPath: CERTIFICATES, readOnly: true }] : [],
  };
}

/** What senders' sidecars need to know: the Service is not reached with the mesh's TLS. */
export function plainService({ metadata }: Manifest): Manifest {
  const { name, namespace, labels = {} } = metadata;
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels },
    spec: { host: `${name}.${namespace}.svc.cluster.local`, trafficPolicy: { tls: { mode: 'DISABLE' } } },
  };
}
