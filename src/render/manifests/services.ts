import { type ObjectOwner, ownedObject, podSelector, SERVING_PODS } from './labels.ts';
import type { Manifest } from './manifest.ts';

export interface MetricsEndpoint {
  readonly port: number;
  readonly path: string;
}

/** All replicas that are ready, for workloads that balance over them by themselves. */
export function headlessService(owner: ObjectOwner, ports: readonly object[]): Manifest {
  return {
    ...ownedObject(owner, { apiVersion: 'v1', kind: 'Service', suffix: '-headless' }),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: false,
      selector: { ...podSelector(owner.workload), ...SERVING_PODS },
      ...(ports.length === 0 ? {} : { ports }),
    },
  };
}

/** Where a workload's own metrics are, found by upstream's labels and annotations. */
export function metricsService(owner: ObjectOwner, { port, path }: MetricsEndpoint): Manifest {
  const { metadata, ...object } = ownedObject(owner, { apiVersion: 'v1', kind: 'Service', suffix: '-metrics' });
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, 'telemetry.kyma-project.io/self-monitor': 'enabled' },
      annotations: {
        'prometheus.io/path': path,
        'prometheus.io/port': String(port),
        'prometheus.io/scheme': 'http',
        'prometheus.io/scrape': 'true',
      },
    },
    spec: {
      type: 'ClusterIP',
      selector: podSelector(owner.workload),
      ports: [{ name: 'http-metrics', port, targetPort: port, protocol: 'TCP' }],
    },
  };
}
