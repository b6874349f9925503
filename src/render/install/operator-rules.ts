import type { AccessRule } from '../manifests/access.ts';
import { unionOfRules } from './policy-rule.ts';

// test/cluster/rbac.test.ts runs the operator with these alone and reads in the API server's audit log that nothing is refused.

const READ = ['get', 'list', 'watch'] as const;

/** Server-side apply patches, and creates what is not there. */
const WRITE = ['create', 'delete', 'get', 'list', 'patch', 'watch'] as const;

const PIPELINES = ['tracepipelines', 'metricpipelines', 'logpipelines', 'logparsers'];

export interface ClusterRulesOptions {
  /** What the operator must hold because it grants it to workloads. */
  readonly granted: readonly AccessRule[];
  readonly crdNames: readonly string[];
  readonly webhookNames: readonly string[];
}

/** What the operator does outside its namespace. */
export function operatorClusterRules({ granted, crdNames, webhookNames }: ClusterRulesOptions): readonly AccessRule[] {
  const ofName = (apiGroup: string, resources: readonly string[], resourceNames: readonly string[]): AccessRule => ({
    apiGroups: [apiGroup],
    resources,
    resourceNames,
    verbs: ['get', 'patch', 'update'],
  });
  return [
    ...unionOfRules([
      { apiGroups: ['telemetry.kyma-project.io'], resources: PIPELINES, verbs: READ },
      {
        apiGroups: ['telemetry.kyma-project.io'],
        resources: PIPELINES.map((name) => `${name}/status`),
        verbs: ['patch'],
      },
      // Patched for its finalizer.
      { apiGroups: ['operator.kyma-project.io'], resources: ['telemetries'], verbs: [...READ, 'patch'] },
      { apiGroups: ['operator.kyma-project.io'], resources: ['telemetries/status'], verbs: ['patch'] },
      // Pipelines may refer to Secrets of any namespace. They are read, never written there.
      { apiGroups: [''], resources: ['secrets'], verbs: READ },
      { apiGroups: [''], resources: ['nodes', 'namespaces'], verbs: READ },
      // Events of cluster-scoped objects stand in namespace `default`.
      { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['clusterroles', 'clusterrolebindings'],
        verbs: WRITE,
      },
      ...granted,
    ]),
    // The CA of the webhooks.
    ofName('apiextensions.k8s.io', ['customresourcedefinitions'], crdNames),
    ofName(
      'admissionregistration.k8s.io',
      ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
      webhookNames,
    ),
    // Gardener's name of the cluster.
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['shoot-info'], verbs: ['get'] },
  ];
}

/** What the operator does in its own namespace: the objects of its workloads. */
export function operatorNamespaceRules(): readonly AccessRule[] {
  const written = (apiGroup: string, ...resources: readonly string[]): AccessRule => ({
    apiGroups: [apiGroup],
    resources,
    verbs: WRITE,
  });
  return unionOfRules([
    written('', 'configmaps', 'secrets', 'services', 'serviceaccounts'),
    // Replaced as a whole, so that of two writers one is told: certificates, and the last valid version of each pipeline.
    { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['update'] },
    // Patched to take one out of the Services before it is removed.
    { apiGroups: [''], resources: ['pods'], verbs: [...READ, 'patch'] },
    // Grown with the buffers on them, removed when a backlog is delivered and its workload has gone.
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['delete', 'get', 'list', 'patch'] },
    written('apps', 'deployments', 'daemonsets', 'statefulsets'),
    written('policy', 'poddisruptionbudgets'),
    written('networking.k8s.io', 'networkpolicies'),
    written('rbac.authorization.k8s.io', 'roles', 'rolebindings'),
    // Its own, and what it grants to agents for theirs.
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'update'] },
    written('gateway.networking.k8s.io', 'httproutes', 'grpcroutes'),
    written('networking.istio.io', 'destinationrules'),
    written('security.istio.io', 'peerauthentications'),
  ]);
}
