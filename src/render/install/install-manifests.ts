import type { Manifest } from '../manifests/manifest.ts';
import type { InstallOptions } from './install-options.ts';
import {
  INSTALLED_LABELS,
  OPERATOR,
  OPERATOR_LABELS,
  OWNER_LABELS,
  operatorLabels,
  PRIORITY_CLASSES,
  WEBHOOK_SERVICE,
} from './names.ts';
import { namespaceManifest } from './namespace.ts';
import { operatorAccess } from './operator-access.ts';
import { operatorDeployment } from './operator-deployment.ts';
import { operatorNetwork } from './operator-network.ts';
import { userRoles } from './user-roles.ts';

/**
 * Everything an installation consists of, in the order in which it is applied: what others need comes first, and webhooks, which
 * refuse whatever they cannot judge, come last. The one source of `cluster install`, the kustomize bundle and the Helm chart.
 */
export function installManifests(options: InstallOptions): readonly Manifest[] {
  const { namespace, crds, webhooks, telemetry = true } = options;
  return [
    namespaceManifest(namespace),
    ...crds.map((crd) => installedCrd(crd, namespace)),
    ...(telemetry ? [defaultTelemetry(namespace)] : []),
    ...priorityClasses(),
    ...userRoles(),
    ...operatorAccess(options),
    ...operatorNetwork(namespace),
    operatorDeployment(options),
    disruptionBudget(namespace),
    ...webhooks,
  ];
}

/** The definition with our labels, its versions converted by the operator of this namespace. */
function installedCrd(crd: Manifest, namespace: string): Manifest {
  const spec = crd['spec'] as { readonly conversion?: Conversion };
  const labels = { ...crd.metadata.labels, ...OWNER_LABELS };
  return {
    ...crd,
    metadata: { ...crd.metadata, labels },
    spec: {
      ...spec,
      ...(spec.conversion === undefined ? {} : { conversion: conversionIn(namespace, spec.conversion) }),
    },
  };
}

interface Conversion {
  readonly strategy: string;
  readonly webhook?: { readonly clientConfig: { readonly service: object } };
}

function conversionIn(namespace: string, conversion: Conversion): Conversion {
  const { webhook } = conversion;
  if (webhook === undefined) return conversion;
  const service = { ...webhook.clientConfig.service, name: WEBHOOK_SERVICE, namespace };
  return { ...conversion, webhook: { ...webhook, clientConfig: { ...webhook.clientConfig, service } } };
}

/** The settings that count. Only made where there are none: from then on they are the users'. */
function defaultTelemetry(namespace: string): Manifest {
  return {
    apiVersion: 'operator.kyma-project.io/v1beta1',
    kind: 'Telemetry',
    metadata: {
      name: 'default',
      namespace,
      labels: { ...OWNER_LABELS },
      annotations: { 'telemetry.kyma-project.io/service-enrichment': 'otel' },
    },
    spec: {},
  };
}

function priorityClasses(): readonly Manifest[] {
  return Object.entries(PRIORITY_CLASSES).map(([name, value]) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name, labels: { ...INSTALLED_LABELS } },
    value,
    globalDefault: false,
    description: 'Workloads that carry telemetry.',
  }));
}

function disruptionBudget(namespace: string): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: OPERATOR, namespace, labels: operatorLabels() },
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: OPERATOR_LABELS },
      // A Pod that is not ready serves nobody: it must not hold a node that is drained.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
