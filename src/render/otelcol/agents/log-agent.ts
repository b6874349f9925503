import { componentId } from '../../../otelcol/index.ts';
import type { ContainerLogsReceiverNode, PipelineGraph } from '../../../pipeline/index.ts';
import type { Agent } from '../../../topology/index.ts';
import { ConfigParts } from '../config-parts.ts';
import { addDraining } from '../draining.ts';
import { clusterAttributes, internalAttributes } from '../enrichment.ts';
import { addExporter } from '../gateway.ts';
import { memoryLimiter } from '../input.ts';
import { ON_NODE } from '../queue-storage.ts';
import type { RenderedConfig, RenderOptions } from '../rendered-config.ts';
import { transformOf } from '../statements.ts';
import { addUserRules } from '../user-rules.ts';
import { addPodAndService } from './agent-enrichment.ts';
import { containerLogs, offsets } from './container-logs.ts';

/**
 * Each pipeline reads for itself, from files to backend, so that one that cannot send holds up no other. There is no batch in
 * front of its queue: a full queue shall be felt by the reader, which then waits.
 */
export function renderLogAgent(agent: Agent, options: RenderOptions): RenderedConfig {
  const parts = new ConfigParts();
  for (const graph of agent.pipelines) addPipeline(parts, agent, graph);
  addDraining(parts, agent, ON_NODE);
  const keeps = agent.pipelines.some(({ queue }) => queue?.guarantee === 'AtLeastOnce');
  return { ...parts.build(agent, options), featureGates: keeps ? [READ_IN_STEP] : [] };
}

/** Lines are marked as read when the queue has them; without it, when they wait in the reader's memory. */
const READ_IN_STEP = 'stanza.synchronousLogEmitter';

function addPipeline(parts: ConfigParts, agent: Agent, graph: PipelineGraph): void {
  const node = graph.receivers.find((one): one is ContainerLogsReceiverNode => one.type === 'container-logs');
  if (node === undefined) return;
  const { cluster } = agent;
  const add = (component: Parameters<ConfigParts['add']>[1]) => parts.add('processors', component);
  parts.add('extensions', offsets(graph));
  parts.addPipelineOf(graph, {
    receivers: [parts.add('receivers', containerLogs(graph, node, cluster))],
    processors: [
      add({ id: componentId('memory_limiter'), settings: memoryLimiter(agent) }),
      add(SCOPE),
      ...addPodAndService(parts, 'logs', cluster),
      ...clusterAttributes(cluster, ['logs']).map(add),
      add(internalAttributes(['logs'])),
      ...addUserRules(parts, graph),
    ],
    exporters: [addExporter(parts, graph, ON_NODE)],
  });
}

/** Upstream's scope, by which people tell logs of containers from those that were pushed. */
const SCOPE = transformOf(
  'scope-runtime',
  ['logs'],
  [{ statements: ['set(scope.name, "io.kyma-project.telemetry/runtime")'] }],
);
