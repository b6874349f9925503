/** What `extract.metadata` may name. Source: k8sattributesprocessor Config.Validate at 0.149. */
export const METADATA = [
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.pod.uid',
  'k8s.pod.hostname',
  'k8s.pod.start_time',
  'k8s.pod.ip',
  'k8s.deployment.name',
  'k8s.deployment.uid',
  'k8s.replicaset.name',
  'k8s.replicaset.uid',
  'k8s.daemonset.name',
  'k8s.daemonset.uid',
  'k8s.statefulset.name',
  'k8s.statefulset.uid',
  'k8s.job.name',
  'k8s.job.uid',
  'k8s.cronjob.name',
  'k8s.cronjob.uid',
  'k8s.node.name',
  'k8s.node.uid',
  'k8s.container.name',
  'container.id',
  'container.image.name',
  'container.image.tag',
  'container.image.repo_digests',
  'service.namespace',
  'service.name',
  'service.version',
  'service.instance.id',
  'k8s.cluster.uid',
] as const;
export type Metadata = (typeof METADATA)[number];

/** Source: k8sattributesprocessor metadata.yaml at 0.149, those of them that `extract.metadata` knows. */
export const DEFAULT_METADATA: readonly Metadata[] = [
  'container.image.name',
  'container.image.tag',
  'k8s.deployment.name',
  'k8s.namespace.name',
  'k8s.node.name',
  'k8s.pod.name',
  'k8s.pod.start_time',
  'k8s.pod.uid',
];

/** Those for which something must be known of a Pod's containers. */
export const CONTAINER_METADATA: readonly Metadata[] = [
  'k8s.container.name',
  'container.id',
  'container.image.name',
  'container.image.tag',
  'container.image.repo_digests',
  'service.version',
  'service.instance.id',
];
