import { literal, type Telemetry } from '../apis/index.ts';

/** What whoever compiles knows of the cluster that the result runs in. */
export interface ClusterFacts {
  /** Where Sluice's own objects are: `kyma-system`. */
  readonly namespace: string;
  /** Name of the cluster where the Telemetry resource gives none. */
  readonly clusterName?: string;
  readonly clusterUid?: string;
  readonly cloudProvider?: string;
  /** Istio is installed, so its proxies' metrics and certificates can be had. */
  readonly istio: boolean;
}

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

/** The annotation of the Telemetry resource that chooses how `service.name` is found. */
const SERVICE_ENRICHMENT = 'telemetry.kyma-project.io/service-enrichment';

const DEFAULT_INTERVAL = '30s';

/** The facts, and what the Telemetry resource asks for; every default is filled in. */
export function clusterSettings(facts: ClusterFacts, telemetry?: Telemetry): ClusterSettings {
  const { spec, metadata } = telemetry ?? {};
  const { clusterName = facts.clusterName, ...enrichments } = {
    ...(spec?.enrichments?.cluster?.name ? { clusterName: literal(spec.enrichments.cluster.name) } : {}),
    podLabels: (spec?.enrichments?.extractPodLabels ?? []).map(podLabelOf),
  };
  return {
    ...facts,
    ...(clusterName === undefined ? {} : { clusterName }),
    ...enrichments,
    serviceEnrichment: metadata?.annotations?.[SERVICE_ENRICHMENT] === 'otel' ? 'otel' : 'kyma-legacy',
    collectionInterval: {
      runtime: intervalOf('runtime', telemetry),
      prometheus: intervalOf('prometheus', telemetry),
      istio: intervalOf('istio', telemetry),
    },
  };
}

function podLabelOf({ key, keyPrefix }: { readonly key?: string; readonly keyPrefix?: string }) {
  return keyPrefix === undefined ? { key: literal(key ?? '') } : { keyPrefix: literal(keyPrefix) };
}

function intervalOf(input: 'runtime' | 'prometheus' | 'istio', telemetry?: Telemetry): string {
  const { metric } = telemetry?.spec ?? {};
  return metric?.[input]?.collectionInterval ?? metric?.collectionInterval ?? DEFAULT_INTERVAL;
}
