import { type ComponentConfig, componentId } from '../../../otelcol/index.ts';
import { RUNTIME_METRICS, type RuntimeMetric, type RuntimeReceiverNode } from '../../../pipeline/index.ts';
import type { ClusterSettings } from '../../../topology/index.ts';
import type { RenderedComponent } from '../config-parts.ts';
import { withNodeAddress, withNodeName } from './node-name.ts';

export const LEADER_ELECTOR = componentId('k8s_leader_elector');

/** The names of the metrics that an input asks for. */
export function wantedMetrics({ resources, additionalMetrics }: RuntimeReceiverNode): ReadonlySet<string> {
  const taken = [...RUNTIME_METRICS].filter(([, { of }]) => resources.some((resource) => resource === of));
  return new Set([...taken.map(([name]) => name), ...additionalMetrics]);
}

/** Receivers that read what is wanted, and nothing else where they can tell. */
export function runtimeReceivers(wanted: ReadonlySet<string>, cluster: ClusterSettings): readonly RenderedComponent[] {
  const metrics = [...RUNTIME_METRICS].filter(([name]) => wanted.has(name)).map(([, metric]) => metric);
  const interval = { collection_interval: cluster.collectionInterval.runtime };
  const groups = GROUPS.filter((group) => metrics.some((metric) => metric.group === group));
  return [
    ...(groups.length === 0 ? [] : [kubeletStats(wanted, { groups, interval })]),
    ...(metrics.some(({ reader }) => reader === 'cluster') ? [k8sCluster(wanted, interval)] : []),
  ];
}

const GROUPS = ['container', 'pod', 'node', 'volume'] as const;
type Group = (typeof GROUPS)[number];

/** Kubelets sign their certificates themselves, so there is nothing to verify them with. */
function kubeletStats(
  wanted: ReadonlySet<string>,
  { groups, interval }: { readonly groups: readonly Group[]; readonly interval: ComponentConfig },
): RenderedComponent {
  const isRead = ({ reader, group }: RuntimeMetric) => reader === 'kubelet' && groups.some((one) => one === group);
  const sharesOfNode = [...wanted].some((name) => name.endsWith('.node.utilization'));
  return {
    id: componentId('kubeletstats'),
    settings: {
      ...interval,
      auth_type: 'serviceAccount',
      endpoint: withNodeAddress('https://', ':10250'),
      insecure_skip_verify: true,
      metric_groups: groups,
      ...(groups.includes('volume') ? { extra_metadata_labels: ['k8s.volume.type'] } : {}),
      ...(groups.includes('node') ? { collect_all_network_interfaces: { node: true } } : {}),
      ...(sharesOfNode ? { node: withNodeName(), k8s_api_config: { auth_type: 'serviceAccount' } } : {}),
      ...switches(wanted, isRead),
    },
  };
}

/** Asks the API server, from one agent of the cluster. */
function k8sCluster(wanted: ReadonlySet<string>, interval: ComponentConfig): RenderedComponent {
  return {
    id: componentId('k8s_cluster'),
    settings: {
      ...interval,
      auth_type: 'serviceAccount',
      k8s_leader_elector: LEADER_ELECTOR,
      node_conditions_to_report: [],
      ...switches(wanted, ({ reader }) => reader === 'cluster'),
    },
  };
}

/** The metrics about which the receiver has to be told. */
function switches(wanted: ReadonlySet<string>, isRead: (metric: RuntimeMetric) => boolean): ComponentConfig {
  const told = [...RUNTIME_METRICS]
    .filter(([name, metric]) => isRead(metric) && wanted.has(name) !== metric.byDefault)
    .map(([name]) => [name, { enabled: wanted.has(name) }] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return told.length === 0 ? {} : { metrics: Object.fromEntries(told) };
}

/** The agent that asks the API server. */
export function leaderElector({ namespace }: ClusterSettings): RenderedComponent {
  return {
    id: LEADER_ELECTOR,
    settings: {
      auth_type: 'serviceAccount',
      lease_name: 'telemetry-metric-agent-k8scluster',
      lease_namespace: namespace,
    },
  };
}
