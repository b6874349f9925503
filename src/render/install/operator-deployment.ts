import type { Manifest } from '../manifests/manifest.ts';
import type { InstallOptions } from './install-options.ts';
import { METRICS_PORT, OPERATOR, OPERATOR_LABELS, operatorLabels, WEBHOOK_PORT } from './names.ts';

/** What the process needs. The heap is bounded below the limit, so that garbage is collected before the kernel kills it. */
export const OPERATOR_RESOURCES = {
  requests: { cpu: '5m', memory: '100Mi' },
  limits: { memory: '384Mi' },
} as const;

/**
 * V8 lets garbage grow to what it may have. Measured with two hundred pipelines that name a Secret each, started with a kubeconfig,
 * whose library a Pod does not load: 233 MB instead of 345 MB.
 */
const HEAP_OPTIONS = '--max-old-space-size=160 --max-semi-space-size=4';

/** Until every node knows that a Pod has left a Service. */
const LEAVE_SECONDS = 10;

/** The operator: one replica works, the others wait for its lease; all of them serve webhooks. */
export function operatorDeployment(options: InstallOptions): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: OPERATOR, namespace: options.namespace, labels: operatorLabels() },
    spec: {
      replicas: options.replicas,
      revisionHistoryLimit: 3,
      selector: { matchLabels: OPERATOR_LABELS },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: operatorLabels(),
          annotations: {
            'kubectl.kubernetes.io/default-container': 'operator',
            // The API server calls the webhooks, and it is in no mesh.
            'sidecar.istio.io/inject': 'false',
          },
        },
        spec: {
          serviceAccountName: OPERATOR,
          priorityClassName: 'telemetry-priority-class',
          // Variables of a Service called `sluice` would be taken for options.
          enableServiceLinks: false,
          ...(options.imagePullSecrets.length === 0
            ? {}
            : { imagePullSecrets: options.imagePullSecrets.map((name) => ({ name })) }),
          terminationGracePeriodSeconds: 30,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10001,
            runAsGroup: 10001,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: OPERATOR_LABELS },
            },
          ],
          containers: [operatorContainer(options)],
        },
      },
    },
  };
}

function operatorContainer({ images, imagePullPolicy, imagePullSecrets }: InstallOptions): object {
  const probe = (path: string) => ({ httpGet: { path, port: 'metrics' }, timeoutSeconds: 5 });
  return {
    name: 'operator',
    image: images.sluice,
    imagePullPolicy,
    // Without a host: a Pod may have an address of IPv6 alone.
    args: ['operator', `--webhooks=:${WEBHOOK_PORT}`, `--metrics=:${METRICS_PORT}`],
    // Options of `sluice operator`, from the environment so that an overlay changes one of them by its name.
    env: [
      { name: 'SLUICE_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      { name: 'SLUICE_IDENTITY', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'SLUICE_SLUICE_IMAGE', value: images.sluice },
      { name: 'SLUICE_OTELCOL_IMAGE', value: images.otelcol },
      { name: 'SLUICE_FLUENT_BIT_IMAGE', value: images.fluentBit },
      { name: 'SLUICE_IMAGE_PULL_POLICY', value: imagePullPolicy },
      ...(imagePullSecrets.length === 0
        ? []
        : [{ name: 'SLUICE_IMAGE_PULL_SECRETS', value: imagePullSecrets.join(',') }]),
      { name: 'NODE_OPTIONS', value: HEAP_OPTIONS },
    ],
    ports: [
      { name: 'webhooks', containerPort: WEBHOOK_PORT, protocol: 'TCP' },
      { name: 'metrics', containerPort: METRICS_PORT, protocol: 'TCP' },
    ],
    // It converts for the API server until that has heard that the Pod goes.
    lifecycle: { preStop: { sleep: { seconds: LEAVE_SECONDS } } },
    startupProbe: { ...probe('/healthz'), periodSeconds: 2, failureThreshold: 30 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 20, failureThreshold: 3 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 5, failureThreshold: 2 },
    resources: OPERATOR_RESOURCES,
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}
