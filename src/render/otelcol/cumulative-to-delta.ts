import { type ComponentId, componentId } from '../../otelcol/index.ts';
import { type PipelineGraph, qualifiedName } from '../../pipeline/index.ts';
import type { ConfigParts } from './config-parts.ts';

/** A series that is not heard of for so long is forgotten; longer than the interval of any usual sender. */
const MAX_STALENESS = '1h';

/**
 * What makes cumulative sums and histograms delta, for a backend that wants them so; nothing for others. Each pipeline has
 * its own: it remembers the last value of each series that came as far as here.
 */
export function addTemporality(parts: ConfigParts, graph: PipelineGraph): readonly ComponentId[] {
  const { exporter } = graph;
  if (exporter.type !== 'otlp' || exporter.temporality !== 'delta') return [];
  const id = componentId('cumulativetodelta', qualifiedName(graph));
  return [parts.add('processors', { id, settings: { max_staleness: MAX_STALENESS }, source: exporter.source })];
}
