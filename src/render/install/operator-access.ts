import type { Manifest } from '../manifests/manifest.ts';
import type { InstallOptions } from './install-options.ts';
import { OPERATOR, operatorLabels } from './names.ts';
import { operatorClusterRules, operatorNamespaceRules } from './operator-rules.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** Who the operator is, and what it may do. */
export function operatorAccess({ namespace, granted, crds, webhooks }: InstallOptions): readonly Manifest[] {
  const labels = operatorLabels();
  const subjects = [{ kind: 'ServiceAccount', name: OPERATOR, namespace }];
  const clusterRules = operatorClusterRules({
    granted,
    crdNames: crds.map(({ metadata }) => metadata.name),
    webhookNames: [...new Set(webhooks.map(({ metadata }) => metadata.name))],
  });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: OPERATOR, namespace, labels } },
    { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name: OPERATOR, labels }, rules: clusterRules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: OPERATOR, labels },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: OPERATOR },
      subjects,
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'Role',
      metadata: { name: OPERATOR, namespace, labels },
      rules: operatorNamespaceRules(),
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: { name: OPERATOR, namespace, labels },
      roleRef: { apiGroup: RBAC, kind: 'Role', name: OPERATOR },
      subjects,
    },
  ];
}
