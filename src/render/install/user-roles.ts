import type { Manifest } from '../manifests/manifest.ts';
import { INSTALLED_LABELS } from './names.ts';

const PIPELINES = ['tracepipelines', 'metricpipelines', 'logpipelines', 'logparsers'];
const VIEW = ['get', 'list', 'watch'];
const EDIT = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Upstream's roles, which add themselves to the cluster's own `view`, `edit` and `admin`. */
export function userRoles(): readonly Manifest[] {
  const role = (
    name: string,
    aggregateTo: readonly string[],
    verbs: Readonly<Record<'pipelines' | 'telemetries', readonly string[]>>,
  ) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      name,
      labels: {
        ...INSTALLED_LABELS,
        ...Object.fromEntries(aggregateTo.map((to) => [`rbac.authorization.k8s.io/aggregate-to-${to}`, 'true'])),
      },
    },
    rules: [
      { apiGroups: ['telemetry.kyma-project.io'], resources: PIPELINES, verbs: verbs.pipelines },
      { apiGroups: ['operator.kyma-project.io'], resources: ['telemetries'], verbs: verbs.telemetries },
    ],
  });
  return [
    role('kyma-telemetry-view', ['view'], { pipelines: VIEW, telemetries: VIEW }),
    role('kyma-telemetry-edit', ['edit', 'admin'], { pipelines: EDIT, telemetries: EDIT }),
  ];
}
