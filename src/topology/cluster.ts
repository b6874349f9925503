/** What a workload needs to know of the cluster it runs in, and how the Telemetry resource wants data enriched. */
export interface ClusterSettings {
  /** Where Sluice's own objects are: `kyma-system`. */
  readonly namespace: string;
  /** Value of `k8s.cluster.name`; absent: none is set. */
  readonly clusterName?: string;
  /** Value of `k8s.cluster.uid`; absent: none is set. */
  readonly clusterUid?: string;
  /** Value of `cloud.provider`; absent: none is set. */
  readonly cloudProvider?: string;
  /** How `service.name` is found for data without one. */
  readonly serviceEnrichment: 'otel' | 'kyma-legacy';
  /** Pod labels that become `k8s.pod.label.<key>`. */
  readonly podLabels: readonly ({ readonly key: string } | { readonly keyPrefix: string })[];
  /** How often each input collects, as the Collector writes a duration. */
  readonly collectionInterval: { readonly runtime: string; readonly prometheus: string; readonly istio: string };
  /** Istio is installed, so its proxies' metrics and certificates can be had. */
  readonly istio: boolean;
}
