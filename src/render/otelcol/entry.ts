import { componentId } from '../../otelcol/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import { type PipelineGraph, qualifiedName } from '../../pipeline/index.ts';
import { type Entry, HOP_QUEUE_BYTES } from '../../topology/index.ts';
import { ConfigParts, type RenderedComponent } from './config-parts.ts';
import { TIMEOUT } from './exporter.ts';
import { addBatch, addPipeline } from './gateway.ts';
import { hopConnection } from './hop.ts';
import { addInputs, forwardOf } from './input.ts';
import { HOP_RETRY, sendingQueue } from './queue.ts';
import type { RenderedConfig, RenderOptions } from './rendered-config.ts';

/** Gives every pipeline its copy, through a batch and a small queue of its own to its dispatcher. */
export function renderEntry(workload: Entry, options: RenderOptions): RenderedConfig {
  const parts = new ConfigParts();
  const { hops, pipelines } = workload;
  const taken = [...pipelines, ...hops.map(({ pipeline }) => pipeline)].map(({ signal }) => signal);
  addInputs(parts, workload, { signals: SIGNALS.filter((signal) => taken.includes(signal)), options });
  for (const graph of pipelines) addPipeline(parts, graph);
  for (const { pipeline, to } of hops) addHop(parts, { graph: pipeline, to, options });
  return parts.build(workload, options);
}

interface Hop {
  readonly graph: PipelineGraph;
  readonly to: string;
  readonly options: RenderOptions;
}

function addHop(parts: ConfigParts, hop: Hop): void {
  const { graph } = hop;
  parts.addPipelineOf(graph, {
    receivers: [forwardOf(graph.signal)],
    processors: [addBatch(parts, graph, { sizeBytes: HOP_QUEUE_BYTES, source: graph.exporter.source })],
    exporters: [parts.add('exporters', hopExporter(hop))],
  });
}

function hopExporter({ graph, to, options }: Hop): RenderedComponent {
  return {
    id: componentId('otlp_grpc', qualifiedName(graph)),
    settings: {
      ...hopConnection(to, options),
      timeout: TIMEOUT,
      retry_on_failure: HOP_RETRY,
      sending_queue: sendingQueue({ sizeBytes: HOP_QUEUE_BYTES }),
    },
    // Nothing in particular of the pipeline decides how a hop looks; it is there because of the pipeline.
    source: graph.exporter.source,
  };
}
