import { type ComponentConfig, componentId } from '../../otelcol/index.ts';
import type { ClusterSettings } from '../../topology/index.ts';
import type { RenderedComponent } from './config-parts.ts';
import { INTERNAL } from './service-name.ts';

/** How the Pod is known that data came from: an attribute of the data, or the address it was sent from. */
export type PodAssociation = 'k8s.pod.ip' | 'k8s.pod.uid' | 'connection';

/** Of what senders reach directly. */
export const DIRECT: readonly PodAssociation[] = ['k8s.pod.ip', 'k8s.pod.uid', 'connection'];

/**
 * Of what comes through a router: the address is the router's, which has written down the sender's. That may be the one of a
 * node, which several Pods have, so what says which Pod it is comes first.
 */
export const ROUTED: readonly PodAssociation[] = ['k8s.pod.uid', 'k8s.pod.ip'];

export interface PodAttributesOptions {
  readonly associations: readonly PodAssociation[];
  /** The environment variable that names the node whose Pods alone matter; absent: those of all nodes. */
  readonly nodeFrom?: string;
}

const METADATA = [
  'k8s.pod.name',
  'k8s.node.name',
  'k8s.namespace.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.cronjob.name',
  'k8s.job.name',
] as const;

const SERVICE_METADATA = ['service.namespace', 'service.name', 'service.version', 'service.instance.id'] as const;

const NODE_LABELS = [
  ['topology.kubernetes.io/region', 'cloud.region'],
  ['topology.kubernetes.io/zone', 'cloud.availability_zone'],
  ['node.kubernetes.io/instance-type', 'host.type'],
  ['kubernetes.io/arch', 'host.arch'],
] as const;

/** Names of Pod, node, workload and namespace, and the labels that are asked for. */
export function podAttributes(
  cluster: ClusterSettings,
  { associations, nodeFrom }: PodAttributesOptions,
): RenderedComponent {
  return {
    id: componentId('k8s_attributes'),
    settings: {
      auth_type: 'serviceAccount',
      passthrough: false,
      ...(nodeFrom === undefined ? {} : { filter: { node_from_env_var: nodeFrom } }),
      extract: extraction(cluster),
      pod_association: associations.map((one) => ({
        sources: [one === 'connection' ? { from: one } : { from: 'resource_attribute', name: one }],
      })),
    },
  };
}

function extraction({ serviceEnrichment, podLabels }: ClusterSettings): ComponentConfig {
  const nodeLabels = NODE_LABELS.map(([key, name]) => ({ from: 'node', key, tag_name: name }));
  const asked = podLabels.map(podLabel);
  if (serviceEnrichment === 'otel') {
    return {
      metadata: [...METADATA, ...SERVICE_METADATA],
      labels: [...nodeLabels, ...asked],
      annotations: [
        { from: 'pod', key: 'resource.opentelemetry.io/service.name', tag_name: INTERNAL.annotatedName },
        { from: 'pod', key: 'resource.opentelemetry.io/service.version', tag_name: INTERNAL.annotatedVersion },
      ],
      otel_annotations: true,
      deployment_name_from_replicaset: true,
    };
  }
  return {
    metadata: METADATA,
    labels: [
      { from: 'pod', key: 'app.kubernetes.io/name', tag_name: INTERNAL.appKubernetesIoName },
      { from: 'pod', key: 'app', tag_name: INTERNAL.app },
      ...nodeLabels,
      ...asked,
    ],
  };
}

/** A prefix is text, not a pattern; the Collector anchors the whole. */
function podLabel(label: ClusterSettings['podLabels'][number]): ComponentConfig {
  if ('key' in label) {
    return { from: 'pod', key: label.key, tag_name: `k8s.pod.label.${label.key}` };
  }
  const prefix = label.keyPrefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return { from: 'pod', key_regex: `(${prefix}.*)`, tag_name: 'k8s.pod.label.$0' };
}
