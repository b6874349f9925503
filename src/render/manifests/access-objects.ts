import { type Access, type AccessRule, usesApi } from './access.ts';
import { labelsOf, type ObjectOwner, objectName, ownedObject } from './labels.ts';
import type { Manifest } from './manifest.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** The identity of a workload's Pods, and roles for what they ask the API server for; none where they ask for nothing. */
export function accessObjects(owner: ObjectOwner, access: Access): readonly Manifest[] {
  const account = {
    ...ownedObject(owner, { apiVersion: 'v1', kind: 'ServiceAccount' }),
    automountServiceAccountToken: usesApi(access),
  };
  const namespaced = Object.entries(access.namespaced);
  return [
    account,
    ...(access.cluster.length === 0 ? [] : role(owner, { kind: 'ClusterRole', rules: access.cluster })),
    ...namespaced.flatMap(([namespace, rules]) => role(owner, { kind: 'Role', namespace, rules })),
  ];
}

interface RoleOptions {
  readonly kind: 'ClusterRole' | 'Role';
  readonly namespace?: string;
  readonly rules: readonly AccessRule[];
}

function role(owner: ObjectOwner, { kind, namespace, rules }: RoleOptions): readonly Manifest[] {
  const name = objectName(owner.workload);
  const apiVersion = `${RBAC}/v1`;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels: labelsOf(owner) };
  return [
    { apiVersion, kind, metadata, rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: RBAC, kind, name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: owner.namespace }],
    },
  ];
}
