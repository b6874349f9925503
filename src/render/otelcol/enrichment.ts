import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { ClusterSettings } from '../../topology/index.ts';
import type { ConfigParts, RenderedComponent } from './config-parts.ts';
import { istioAccessLogs, istioNoise } from './istio.ts';
import { type PodAssociation, podAttributes } from './pod-attributes.ts';
import { forgottenNames, foundName, restoredName } from './service-name.ts';
import { ottlText, resourceAttribute, transformOf } from './statements.ts';

/**
 * What a cluster tells about data that was pushed, with components that every Collector has: what upstream's own processors do
 * (service_enrichment, istio_noise_filter, istio_enrichment) is written in OTTL. One of each for all signals of a process.
 * Attributes in between start with `kyma.`; none of them leaves.
 */
export interface EnrichmentOptions {
  readonly cluster: ClusterSettings;
  /** The signals of the process. */
  readonly signals: readonly Signal[];
  /** How the Pod is known that data came from, first to last. */
  readonly associations: readonly PodAssociation[];
}

/** The processors of one signal, in the order they run. */
export function addEnrichment(parts: ConfigParts, signal: Signal, options: EnrichmentOptions): readonly ComponentId[] {
  const { cluster, associations } = options;
  const isLogs = signal === 'logs';
  const isOtel = cluster.serviceEnrichment === 'otel';
  const components = [
    ...(isLogs ? [observedTime()] : []),
    ...(isOtel ? forgottenNames(signal, options.signals) : []),
    podAttributes(cluster, { associations }),
    ...(isOtel ? [restoredName(options.signals)] : []),
    ...(cluster.istio ? istioNoise(signal, cluster) : []),
    ...clusterAttributes(cluster, options.signals),
    ...(isOtel ? [] : [foundName(options.signals)]),
    internalAttributes(options.signals),
    ...(cluster.istio && isLogs ? [istioAccessLogs()] : []),
  ];
  return components.map((component) => parts.add('processors', component));
}

/** Backends sort by it, and senders may leave it open. */
function observedTime(): RenderedComponent {
  const group = { conditions: ['log.observed_time_unix_nano == 0'], statements: ['set(log.observed_time, Now())'] };
  return transformOf('observed-time', ['logs'], [group]);
}

/** What a sender says of its cluster stays. */
export function clusterAttributes(cluster: ClusterSettings, signals: readonly Signal[]): readonly RenderedComponent[] {
  const values = [
    ['k8s.cluster.name', cluster.clusterName],
    ['k8s.cluster.uid', cluster.clusterUid],
    ['cloud.provider', cluster.cloudProvider],
  ] as const;
  const statements = values.flatMap(([key, value]) => {
    const place = resourceAttribute(key);
    return value === undefined ? [] : [`set(${place}, ${ottlText(value)}) where ${place} == nil or ${place} == ""`];
  });
  return statements.length === 0 ? [] : [transformOf('cluster-attributes', signals, [{ statements }])];
}

/** What processors tell each other is nobody else's business. */
export function internalAttributes(signals: readonly Signal[]): RenderedComponent {
  const keys = ottlText('^(kyma|io[.]kyma-project[.]telemetry)[.]');
  return transformOf('internal-attributes', signals, [
    { statements: [`delete_matching_keys(resource.attributes, ${keys})`] },
  ]);
}
