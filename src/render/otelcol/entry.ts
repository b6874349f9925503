import { type ComponentId, componentId } from '../../otelcol/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import { hasBatch, type PipelineGraph, qualifiedName } from '../../pipeline/index.ts';
import { type Entry, hopQueue, nameOfDispatcher } from '../../topology/index.ts';
import { ConfigParts, type RenderedComponent } from './config-parts.ts';
import { addDrain } from './draining.ts';
import { TIMEOUT } from './exporter.ts';
import { addBatch, addPipeline } from './gateway.ts';
import { hopConnection } from './hop.ts';
import { addInputs, forwardOf } from './input.ts';
import { HOP_RETRY, hopQueueSettings, retrySettings } from './queue.ts';
import { addQueueStorage, type QueueHome, queueHome, queueStorageId } from './queue-storage.ts';
import type { RenderedConfig, RenderOptions } from './rendered-config.ts';

/** Gives every pipeline its copy, through a batch and a small queue of its own to its dispatcher; AtLeastOnce through one on disk. */
export function renderEntry(workload: Entry, options: RenderOptions): RenderedConfig {
  const { hops, pipelines, draining = [] } = workload;
  const parts = new ConfigParts(draining.map(hopExporterId));
  const taken = [...pipelines, ...hops.map(({ pipeline }) => pipeline)].map(({ signal }) => signal);
  addInputs(parts, workload, { signals: SIGNALS.filter((signal) => taken.includes(signal)), options });
  const home = queueHome(workload, options);
  for (const graph of pipelines) addPipeline(parts, graph, home);
  for (const { pipeline, to } of hops) addHop(parts, { graph: pipeline, to, options, home });
  for (const graph of draining) {
    const exporter = hopExporter({ graph, to: nameOfDispatcher(graph, workload.name), options, home });
    addDrain(parts, graph, { exporter, queue: hopQueue(graph), home, isHop: true });
  }
  return parts.build(workload, options);
}

interface Hop {
  readonly graph: PipelineGraph;
  readonly to: string;
  readonly options: RenderOptions;
  readonly home: QueueHome;
}

function addHop(parts: ConfigParts, hop: Hop): void {
  const { graph, home } = hop;
  const queue = hopQueue(graph);
  addQueueStorage(parts, graph, { queue, home, source: queue.source, isHop: true });
  parts.addPipelineOf(graph, {
    receivers: [forwardOf(graph.signal)],
    processors: hasBatch({ ...graph, queue }) ? [addBatch(parts, graph, queue)] : [],
    exporters: [parts.addExporter(hopExporter(hop))],
  });
}

/** Every hop is gRPC, whatever the pipeline's exporter. */
function hopExporterId(graph: PipelineGraph): ComponentId {
  return componentId('otlp_grpc', qualifiedName(graph));
}

function hopExporter({ graph, to, options, home }: Hop): RenderedComponent {
  const queue = hopQueue(graph);
  return {
    id: hopExporterId(graph),
    settings: {
      ...hopConnection(to, options),
      timeout: TIMEOUT,
      retry_on_failure: retrySettings(queue, HOP_RETRY),
      sending_queue: hopQueueSettings(queue, queueStorageId(graph, queue, { home, owner: graph }), home),
    },
    source: queue.source,
  };
}
