import type { PolicyRule } from '../../render/index.ts';

const READ = ['get', 'list', 'watch'] as const;

/**
 * What workloads of any configuration are granted. RBAC lets nobody grant what he does not hold, so the operator holds it too; the
 * test beside this file renders workloads and fails when one is granted more.
 */
export function grantedRules(): readonly PolicyRule[] {
  return [
    { apiGroups: [''], resources: ['namespaces', 'nodes', 'pods', 'services', 'endpoints'], verbs: READ },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
    { apiGroups: ['apps'], resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'], verbs: READ },
    { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: READ },
  ];
}
