import type { Issue } from '../diagnostics/index.ts';
import type { PipelineGraph, QueueSetting, ReceiverNode } from '../pipeline/index.ts';
import { Admission } from './admission.ts';
import { lackingCapability } from './capabilities.ts';
import type { ClusterSettings } from './cluster.ts';
import { DISTRIBUTIONS } from './distribution.ts';
import { drainingOf } from './draining.ts';
import type { Agent, DrainingQueue } from './topology.ts';

/** What each agent collects. */
const COLLECTS: Readonly<Record<Agent['role'], readonly ReceiverNode['type'][]>> = {
  'metric-agent': ['runtime', 'prometheus', 'istio'],
  'log-agent': ['container-logs'],
};

/** Of each agent, whatever a gateway has: it has one node to collect from. */
const AGENT_CAP_BYTES = 1200 * 2 ** 20;

/** For metrics whose pipeline has its queue on disk elsewhere. */
const COLLECTED_QUEUE_BYTES = 16 * 2 ** 20;

/** The engine has no receivers for what agents read. */
const DISTRIBUTION = DISTRIBUTIONS.otelcol;

interface PlannedAgents {
  readonly agents: readonly Agent[];
  /** Those that an agent cannot run. */
  readonly refused: ReadonlySet<PipelineGraph>;
  readonly issues: readonly Issue[];
}

/** One agent for metrics and one for logs, where there is something to collect. None outside a cluster. */
export function planAgents(
  graphs: readonly PipelineGraph[],
  {
    cluster,
    draining = [],
  }: { readonly cluster: ClusterSettings | undefined; readonly draining?: readonly DrainingQueue[] },
): PlannedAgents {
  if (cluster === undefined) return { agents: [], refused: new Set(), issues: [] };
  const planned = (Object.keys(COLLECTS) as Agent['role'][]).map((role) =>
    planAgent(role, { graphs, cluster, draining }),
  );
  return {
    agents: planned.flatMap(({ agents }) => agents),
    refused: new Set(planned.flatMap(({ refused }) => [...refused])),
    issues: planned.flatMap(({ issues }) => issues),
  };
}

interface AgentInput {
  readonly graphs: readonly PipelineGraph[];
  readonly cluster: ClusterSettings;
  readonly draining: readonly DrainingQueue[];
}

function planAgent(role: Agent['role'], { graphs, cluster, draining }: AgentInput): PlannedAgents {
  const wanted = graphs.filter(({ receivers }) => receivers.some(({ type }) => COLLECTS[role].includes(type)));
  const admission = new Admission(role, { distribution: DISTRIBUTION, capBytes: AGENT_CAP_BYTES });
  const lacking = new Map(
    wanted.map((graph) => [graph, lackingCapability(askedOf(role, graph), DISTRIBUTION, 'agent')]),
  );
  const issues = wanted.flatMap((graph) => lacking.get(graph) ?? []);
  const able = wanted.filter((graph) => lacking.get(graph) === undefined);
  for (const graph of able) admission.admit(graph, agentQueue(role, graph));
  const { admitted, memory } = admission;
  const running: Agent = { role, name: role, distribution: DISTRIBUTION.name, memory, cluster, pipelines: admitted };
  const agent: Agent = { ...running, ...drainingOf(running, draining) };
  return {
    agents: admitted.length === 0 && agent.draining === undefined ? [] : [agent],
    refused: new Set(wanted.filter((graph) => !admitted.includes(graph))),
    issues: [...issues, ...admission.issues],
  };
}

/** What an agent is asked for: of metrics there is nobody to refuse, and nothing is promised. */
function askedOf(role: Agent['role'], graph: PipelineGraph): PipelineGraph {
  if (role !== 'metric-agent' || graph.queue === undefined) return graph;
  const { disk, guarantee, onFull, ...queue } = graph.queue;
  return { ...graph, queue: { ...queue, onFull: onFull === 'Block' ? 'DropNewest' : onFull } };
}

export function isAgent(name: string): name is Agent['role'] {
  return Object.hasOwn(COLLECTS, name);
}

/**
 * The queue of a pipeline in an agent. Metrics that are collected have no sender that could send them again, so there is nothing
 * to promise, and their queue is in memory: of the size that a queue in memory usually has. Tries go on as they were promised.
 */
export function agentQueue(role: Agent['role'], { queue }: PipelineGraph): QueueSetting | undefined {
  if (role !== 'metric-agent' || queue === undefined) return queue;
  const { disk, ...inMemory } = queue;
  const sizeBytes = disk === undefined ? queue.sizeBytes : COLLECTED_QUEUE_BYTES;
  return { ...inMemory, sizeBytes, onFull: 'DropNewest' };
}
