import type { KubeObject, ResourceType } from '../../kube/index.ts';

/** Kinds that an installation consists of, and where the API serves them. */
const KINDS = {
  Namespace: { plural: 'namespaces', namespaced: false },
  CustomResourceDefinition: { plural: 'customresourcedefinitions', namespaced: false },
  Telemetry: { plural: 'telemetries', namespaced: true },
  TracePipeline: { plural: 'tracepipelines', namespaced: false },
  MetricPipeline: { plural: 'metricpipelines', namespaced: false },
  LogPipeline: { plural: 'logpipelines', namespaced: false },
  LogParser: { plural: 'logparsers', namespaced: false },
  PriorityClass: { plural: 'priorityclasses', namespaced: false },
  ServiceAccount: { plural: 'serviceaccounts', namespaced: true },
  ClusterRole: { plural: 'clusterroles', namespaced: false },
  ClusterRoleBinding: { plural: 'clusterrolebindings', namespaced: false },
  Role: { plural: 'roles', namespaced: true },
  RoleBinding: { plural: 'rolebindings', namespaced: true },
  Service: { plural: 'services', namespaced: true },
  NetworkPolicy: { plural: 'networkpolicies', namespaced: true },
  Deployment: { plural: 'deployments', namespaced: true },
  DaemonSet: { plural: 'daemonsets', namespaced: true },
  StatefulSet: { plural: 'statefulsets', namespaced: true },
  Pod: { plural: 'pods', namespaced: true },
  PersistentVolumeClaim: { plural: 'persistentvolumeclaims', namespaced: true },
  PodDisruptionBudget: { plural: 'poddisruptionbudgets', namespaced: true },
  StorageClass: { plural: 'storageclasses', namespaced: false },
  Secret: { plural: 'secrets', namespaced: true },
  ConfigMap: { plural: 'configmaps', namespaced: true },
  Lease: { plural: 'leases', namespaced: true },
  ValidatingWebhookConfiguration: { plural: 'validatingwebhookconfigurations', namespaced: false },
  MutatingWebhookConfiguration: { plural: 'mutatingwebhookconfigurations', namespaced: false },
  SelfSubjectAccessReview: { plural: 'selfsubjectaccessreviews', namespaced: false },
  Kyma: { plural: 'kymas', namespaced: true },
} as const satisfies Readonly<Record<string, { readonly plural: string; readonly namespaced: boolean }>>;

export type InstalledKind = keyof typeof KINDS;

/** `apps/v1`, `Deployment` → where the API serves it. */
export function typeOf(apiVersion: string, kind: InstalledKind): ResourceType {
  const slash = apiVersion.indexOf('/');
  return {
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    ...KINDS[kind],
  };
}

/** Of an object of an installation; another kind is a bug of ours. */
export function typeOfObject({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): ResourceType {
  if (!Object.hasOwn(KINDS, kind)) throw new Error(`no resource type for kind ${kind}`);
  return typeOf(apiVersion, kind as InstalledKind);
}
