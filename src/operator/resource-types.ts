import { RESOURCE_KINDS, RESOURCES, type ResourceKind } from '../apis/index.ts';
import type { ResourceType } from '../kube/index.ts';

/** The stored version of each custom resource. */
export const CUSTOM_RESOURCES = Object.fromEntries(
  RESOURCE_KINDS.map((kind): [ResourceKind, ResourceType] => {
    const { group, plural, scope, versions } = RESOURCES[kind];
    return [kind, { group, version: Object.keys(versions)[0]!, kind, plural, namespaced: scope === 'Namespaced' }];
  }),
) as Readonly<Record<ResourceKind, ResourceType>>;

export const CONFIG_MAP = namespaced('', 'v1', 'ConfigMap', 'configmaps');
export const SECRET = namespaced('', 'v1', 'Secret', 'secrets');
export const POD = namespaced('', 'v1', 'Pod', 'pods');
export const PERSISTENT_VOLUME_CLAIM = namespaced('', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims');
export const NODE = clusterScoped('', 'v1', 'Node', 'nodes');
export const NAMESPACE = clusterScoped('', 'v1', 'Namespace', 'namespaces');
export const DEPLOYMENT = namespaced('apps', 'v1', 'Deployment', 'deployments');
export const STATEFUL_SET = namespaced('apps', 'v1', 'StatefulSet', 'statefulsets');
export const DAEMON_SET = namespaced('apps', 'v1', 'DaemonSet', 'daemonsets');

/** Kinds that bring Pods about. */
export const POD_CONTROLLERS: readonly ResourceType[] = [DEPLOYMENT, STATEFUL_SET, DAEMON_SET];

export function isPodController({ kind }: { readonly kind: string }): boolean {
  return POD_CONTROLLERS.some((type) => type.kind === kind);
}

export const HTTP_ROUTE = namespaced('gateway.networking.k8s.io', 'v1', 'HTTPRoute', 'httproutes');
export const GRPC_ROUTE = namespaced('gateway.networking.k8s.io', 'v1', 'GRPCRoute', 'grpcroutes');
export const PEER_AUTHENTICATION = namespaced('security.istio.io', 'v1', 'PeerAuthentication', 'peerauthentications');
export const DESTINATION_RULE = namespaced('networking.istio.io', 'v1', 'DestinationRule', 'destinationrules');

/** What the operator applies for workloads, beside kinds that only some clusters have. */
export const APPLIED: readonly ResourceType[] = [
  namespaced('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  clusterScoped('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles'),
  clusterScoped('rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding', 'clusterrolebindings'),
  namespaced('rbac.authorization.k8s.io', 'v1', 'Role', 'roles'),
  namespaced('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings'),
  CONFIG_MAP,
  SECRET,
  namespaced('', 'v1', 'Service', 'services'),
  namespaced('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies'),
  namespaced('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  ...POD_CONTROLLERS,
];

/** Applied where the cluster has them. */
export const APPLIED_WHERE_SERVED: readonly ResourceType[] = [
  HTTP_ROUTE,
  GRPC_ROUTE,
  PEER_AUTHENTICATION,
  DESTINATION_RULE,
];

function namespaced(group: string, version: string, kind: string, plural: string): ResourceType {
  return { group, version, kind, plural, namespaced: true };
}

function clusterScoped(group: string, version: string, kind: string, plural: string): ResourceType {
  return { group, version, kind, plural, namespaced: false };
}
