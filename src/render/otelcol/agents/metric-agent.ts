import { type ComponentId, componentId, type PipelineId, pipelineId } from '../../../otelcol/index.ts';
import { type PipelineGraph, qualifiedName } from '../../../pipeline/index.ts';
import { type Agent, agentQueue } from '../../../topology/index.ts';
import { ConfigParts } from '../config-parts.ts';
import { addTemporality } from '../cumulative-to-delta.ts';
import { internalAttributes } from '../enrichment.ts';
import { addBatch, addExporter } from '../gateway.ts';
import { ON_NODE } from '../queue-storage.ts';
import type { RenderedConfig, RenderOptions } from '../rendered-config.ts';
import { addUserRules } from '../user-rules.ts';
import { addPodAndService } from './agent-enrichment.ts';
import { excess, isOfInput, type MetricReceiverNode, takenBy } from './input-filter.ts';
import { addInput, INPUTS, type Input, type InputName } from './metric-inputs.ts';

const FOUND = componentId('routing', 'found');
const ENRICHMENT = pipelineId('metrics', 'enrichment');

/**
 * Each input is read once, for all pipelines that take it, and no more of it than any of them takes. What has a Pod is
 * enriched, once, and then goes to the pipelines of its input, each of which drops what only others take and has a batch,
 * a queue and an exporter of its own.
 */
export function renderMetricAgent(agent: Agent, options: RenderOptions): RenderedConfig {
  const parts = new ConfigParts();
  const takers = INPUTS.map((name) => ({
    name,
    pipelines: agent.pipelines.filter((graph) => receiverOf(graph, name)),
  }));
  const inputs = takers
    .filter(({ pipelines }) => pipelines.length > 0)
    .map(({ name, pipelines }) =>
      addInput(parts, name, {
        agent,
        receivers: pipelines.map((graph) => receiverOf(graph, name)!),
        pipelines: pipelines.map(outputId),
        enrichment: ENRICHMENT,
      }),
    );
  addEnrichment(parts, agent, inputs);
  for (const graph of agent.pipelines) addOutput(parts, withAgentQueue(graph), inputs);
  return parts.build(agent, options);
}

function receiverOf({ receivers }: PipelineGraph, name: InputName): MetricReceiverNode | undefined {
  return receivers.find((receiver): receiver is MetricReceiverNode => receiver.type === name);
}

function outputId(graph: PipelineGraph): PipelineId {
  return pipelineId(graph.signal, qualifiedName(graph));
}

/** The Pod and service of everything that has one, then the way back to the pipelines of each input. */
function addEnrichment(parts: ConfigParts, { cluster }: Agent, inputs: readonly Input[]): void {
  const table = inputs.map(({ name, pipelines }) => ({ context: 'resource', condition: isOfInput(name), pipelines }));
  const found = parts.add('connectors', { id: FOUND, settings: { error_mode: 'ignore', table } });
  parts.addPipeline(ENRICHMENT, {
    receivers: [...new Set(inputs.map(({ connector }) => connector))],
    processors: addPodAndService(parts, 'metrics', cluster),
    exporters: [found],
  });
}

function withAgentQueue(graph: PipelineGraph): PipelineGraph {
  const queue = agentQueue('metric-agent', graph);
  return queue === undefined ? graph : { ...graph, queue };
}

function addOutput(parts: ConfigParts, graph: PipelineGraph, inputs: readonly Input[]): void {
  const own = inputs.filter(({ name }) => receiverOf(graph, name) !== undefined);
  const unenriched = own.filter(({ hasUnenriched }) => hasUnenriched).map(({ connector }) => connector);
  parts.addPipelineOf(graph, {
    receivers: [...unenriched, FOUND],
    processors: [
      ...addOwnShare(parts, graph, own),
      parts.add('processors', internalAttributes(['metrics'])),
      ...addUserRules(parts, graph),
      ...addTemporality(parts, graph),
      addBatch(parts, graph, graph.queue ?? {}),
    ],
    exporters: [addExporter(parts, graph, ON_NODE)],
  });
}

/** Drops what other pipelines take of the inputs and this one does not. */
function addOwnShare(parts: ConfigParts, graph: PipelineGraph, inputs: readonly Input[]): readonly ComponentId[] {
  const conditions = inputs.flatMap(({ name, taken }) =>
    excess(taken, takenBy(receiverOf(graph, name)!), `${isOfInput(name)} and `),
  );
  if (conditions.length === 0) return [];
  const id = componentId('filter', `${qualifiedName(graph)}/inputs`);
  return [parts.add('processors', { id, settings: { error_mode: 'ignore', metric_conditions: conditions } })];
}
