import type { AccessRule } from '../manifests/access.ts';
import { unionOfRules } from './policy-rule.ts';

const READ = ['get', 'list', 'watch'] as const;
const WRITE = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] as const;

const PIPELINES = ['tracepipelines', 'metricpipelines', 'logpipelines', 'logparsers'];

const suffixed = (resources: readonly string[], suffix: string) => resources.map((name) => `${name}/${suffix}`);

/** What the operator writes outside its namespace; `granted` is what it must hold to give it to workloads. */
export function operatorClusterRules({
  granted,
  crdNames,
  webhookNames,
}: {
  readonly granted: readonly AccessRule[];
  readonly crdNames: readonly string[];
  readonly webhookNames: readonly string[];
}): readonly AccessRule[] {
  const resources = unionOfRules([
    { apiGroups: ['telemetry.kyma-project.io'], resources: PIPELINES, verbs: [...READ, 'patch', 'update'] },
    { apiGroups: ['telemetry.kyma-project.io'], resources: suffixed(PIPELINES, 'status'), verbs: ['patch', 'update'] },
    { apiGroups: ['telemetry.kyma-project.io'], resources: suffixed(PIPELINES, 'finalizers'), verbs: ['update'] },
    { apiGroups: ['operator.kyma-project.io'], resources: ['telemetries'], verbs: [...READ, 'patch', 'update'] },
    { apiGroups: ['operator.kyma-project.io'], resources: ['telemetries/status'], verbs: ['patch', 'update'] },
    { apiGroups: ['operator.kyma-project.io'], resources: ['telemetries/finalizers'], verbs: ['update'] },
    // Pipelines may refer to Secrets of any namespace. They are read, never written there.
    { apiGroups: [''], resources: ['secrets'], verbs: READ },
    { apiGroups: [''], resources: ['nodes', 'namespaces'], verbs: READ },
    { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: READ },
    // Events of cluster-scoped objects stand in namespace `default`.
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['clusterroles', 'clusterrolebindings'],
      verbs: WRITE,
    },
    { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: READ },
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
      verbs: READ,
    },
    ...granted,
  ]);
  return [
    ...resources,
    {
      apiGroups: ['apiextensions.k8s.io'],
      resources: ['customresourcedefinitions'],
      resourceNames: crdNames,
      verbs: ['patch', 'update'],
    },
    {
      apiGroups: ['apiextensions.k8s.io'],
      resources: ['customresourcedefinitions/status'],
      resourceNames: crdNames,
      verbs: ['patch', 'update'],
    },
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
      resourceNames: webhookNames,
      verbs: ['patch', 'update'],
    },
    // Gardener's name of the cluster.
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['shoot-info'], verbs: ['get'] },
  ];
}

/** What the operator writes in its own namespace: the objects of its workloads. */
export function operatorNamespaceRules(): readonly AccessRule[] {
  return unionOfRules([
    {
      apiGroups: [''],
      resources: ['configmaps', 'secrets', 'services', 'serviceaccounts', 'persistentvolumeclaims'],
      verbs: WRITE,
    },
    { apiGroups: [''], resources: ['pods'], verbs: [...READ, 'delete', 'patch'] },
    { apiGroups: [''], resources: ['pods/proxy', 'services/proxy'], verbs: ['get'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
    { apiGroups: ['apps'], resources: ['deployments', 'daemonsets', 'statefulsets'], verbs: WRITE },
    { apiGroups: ['apps'], resources: ['deployments/scale', 'statefulsets/scale'], verbs: ['get', 'patch', 'update'] },
    { apiGroups: ['apps'], resources: ['replicasets'], verbs: READ },
    { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: WRITE },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: WRITE },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: WRITE },
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: WRITE },
    { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes', 'grpcroutes'], verbs: WRITE },
    { apiGroups: ['networking.istio.io'], resources: ['destinationrules'], verbs: WRITE },
    { apiGroups: ['security.istio.io'], resources: ['peerauthentications'], verbs: WRITE },
  ]);
}
