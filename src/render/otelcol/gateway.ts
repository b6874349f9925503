import { type ComponentId, componentId } from '../../otelcol/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import { hasBatch, type NodeSource, type PipelineGraph, qualifiedName } from '../../pipeline/index.ts';
import type { Dispatcher, Gateway } from '../../topology/index.ts';
import { ConfigParts } from './config-parts.ts';
import { addTemporality } from './cumulative-to-delta.ts';
import { addDraining, drainingExporters } from './draining.ts';
import { renderExporter } from './exporter.ts';
import { addInputs, forwardOf } from './input.ts';
import { addNamespaceFilter } from './namespaces.ts';
import { renderOAuth2 } from './oauth2.ts';
import { batchProcessor, remoteWriteBatch } from './queue.ts';
import { addQueueStorage, type QueueHome, queueHome } from './queue-storage.ts';
import type { RenderedConfig, RenderOptions } from './rendered-config.ts';
import { addUserRules } from './user-rules.ts';

/** Behind the inputs every pipeline has a batch, a queue in bytes and an exporter of its own; one that refuses has no batch. */
export function renderGateway(workload: Gateway | Dispatcher, options: RenderOptions): RenderedConfig {
  const parts = new ConfigParts(drainingExporters(workload));
  const signals = SIGNALS.filter((signal) => workload.pipelines.some((graph) => graph.signal === signal));
  addInputs(parts, workload, { signals, options });
  const home = queueHome(workload, options);
  for (const graph of workload.pipelines) addPipeline(parts, graph, home);
  addDraining(parts, workload, home);
  return parts.build(workload, options);
}

/** A whole pipeline, from the input of its signal to its backend. */
export function addPipeline(parts: ConfigParts, graph: PipelineGraph, home: QueueHome): void {
  const batch = hasBatch(graph) ? [addBatch(parts, graph, graph.queue ?? {})] : [];
  parts.addPipelineOf(graph, {
    receivers: [forwardOf(graph.signal)],
    processors: [
      ...addNamespaceFilter(parts, graph),
      ...addUserRules(parts, graph),
      ...addTemporality(parts, graph),
      ...batch,
    ],
    exporters: [addExporter(parts, graph, home)],
  });
}

/** The exporter, and what it signs its requests with. */
export function addExporter(parts: ConfigParts, graph: PipelineGraph, home: QueueHome): ComponentId {
  const { exporter, queue } = graph;
  if (queue !== undefined) addQueueStorage(parts, graph, { queue, home, source: queue.source });
  if ((exporter.type === 'otlp' || exporter.type === 'prometheusRemoteWrite') && exporter.oauth2 !== undefined) {
    parts.add('extensions', renderOAuth2(graph, exporter.oauth2));
  }
  return parts.addExporter(renderExporter(graph, home));
}

/** The batch in front of a queue, or of an output that needs none; the field that decides about the queue decides about it. */
export function addBatch(
  parts: ConfigParts,
  graph: PipelineGraph,
  { sizeBytes, source }: { readonly sizeBytes?: number; readonly source?: NodeSource | undefined },
): ComponentId {
  const id = componentId('batch', qualifiedName(graph));
  const settings = graph.exporter.type === 'prometheusRemoteWrite' ? remoteWriteBatch() : batchProcessor(sizeBytes);
  return parts.add('processors', { id, settings, source });
}
