import { type ComponentId, componentId, pipelineId } from '../../otelcol/index.ts';
import { type PipelineGraph, type QueueSetting, qualifiedName } from '../../pipeline/index.ts';
import { exporterWord } from '../../topology/index.ts';
import type { ConfigParts, RenderedComponent } from './config-parts.ts';
import { renderExporter } from './exporter.ts';
import { renderOAuth2 } from './oauth2.ts';
import { addQueueStorage, type QueueHome } from './queue-storage.ts';

/** A pipeline must have a receiver; this one never receives anything. */
const NOTHING: RenderedComponent = { id: componentId('nop'), settings: {} };

interface Draining {
  readonly draining?: readonly PipelineGraph[];
}

/**
 * Exporters that have a queue on disk and no input, each until its queue is empty. They are called as they were, or they would
 * not find it; what else belongs to them has a name of its own, as the pipeline may run with other settings by now.
 */
export function addDraining(parts: ConfigParts, { draining = [] }: Draining, home: QueueHome): void {
  for (const graph of draining) {
    const owner = drainingOwner(graph);
    const { exporter } = graph;
    if ((exporter.type === 'otlp' || exporter.type === 'prometheusRemoteWrite') && exporter.oauth2 !== undefined) {
      parts.add('extensions', { ...renderOAuth2(owner, exporter.oauth2), source: undefined });
    }
    addDrain(parts, graph, { exporter: renderExporter(graph, home, owner), queue: graph.queue, home, owner });
  }
}

/** Ids of the exporters that `addDraining` adds. */
export function drainingExporters({ draining = [] }: Draining): readonly ComponentId[] {
  return draining.map((graph) => componentId(exporterWord(graph), qualifiedName(graph)));
}

/** The pipeline that only sends what a queue holds. */
export function addDrain(parts: ConfigParts, graph: PipelineGraph, { exporter, queue, ...place }: Drain): void {
  if (queue !== undefined) addQueueStorage(parts, graph, { queue, ...place });
  parts.addPipeline(pipelineId(graph.signal, qualifiedName(drainingOwner(graph))), {
    receivers: [parts.add('receivers', NOTHING)],
    processors: [],
    // Where it stood in the user's files it stands no more.
    exporters: [parts.add('exporters', { ...exporter, source: undefined })],
  });
}

interface Drain {
  readonly exporter: RenderedComponent;
  readonly queue: QueueSetting | undefined;
  readonly home: QueueHome;
  readonly owner?: PipelineGraph;
  readonly isHop?: boolean;
}

/** No resource has such a name. */
function drainingOwner(graph: PipelineGraph): PipelineGraph {
  return { ...graph, name: `${graph.name}/draining/${exporterWord(graph)}` };
}
