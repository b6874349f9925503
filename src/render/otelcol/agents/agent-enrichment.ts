import type { ComponentId } from '../../../otelcol/index.ts';
import type { Signal } from '../../../pdata/index.ts';
import type { ClusterSettings } from '../../../topology/index.ts';
import type { ConfigParts } from '../config-parts.ts';
import { podAttributes, ROUTED } from '../pod-attributes.ts';
import { foundName, restoredName } from '../service-name.ts';
import { NODE_NAME } from './node-name.ts';

/**
 * The Pod that something was read from, and its service. What is read names its Pod, which is on the agent's own node: the
 * agent need not know the others.
 */
export function addPodAndService(parts: ConfigParts, signal: Signal, cluster: ClusterSettings): readonly ComponentId[] {
  const components = [
    podAttributes(cluster, { associations: ROUTED, nodeFrom: NODE_NAME }),
    cluster.serviceEnrichment === 'otel' ? restoredName([signal]) : foundName([signal]),
  ];
  return components.map((component) => parts.add('processors', component));
}
