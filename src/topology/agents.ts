import type { Issue } from '../diagnostics/index.ts';
import type { PipelineGraph, ReceiverNode } from '../pipeline/index.ts';
import { Admission } from './admission.ts';
import { lackingCapability } from './capabilities.ts';
import type { ClusterSettings } from './cluster.ts';
import { DISTRIBUTIONS } from './distribution.ts';
import type { Agent } from './topology.ts';

/** What each agent collects. */
const COLLECTS: Readonly<Record<Agent['role'], readonly ReceiverNode['type'][]>> = {
  'metric-agent': ['runtime', 'prometheus', 'istio'],
  'log-agent': ['container-logs'],
};

/** Of each agent, whatever a gateway has: it has one node to collect from. */
const AGENT_CAP_BYTES = 1200 * 2 ** 20;

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
  { cluster }: { readonly cluster: ClusterSettings | undefined },
): PlannedAgents {
  if (cluster === undefined) return { agents: [], refused: new Set(), issues: [] };
  const planned = (Object.keys(COLLECTS) as Agent['role'][]).map((role) => planAgent(role, { graphs, cluster }));
  return {
    agents: planned.flatMap(({ agents }) => agents),
    refused: new Set(planned.flatMap(({ refused }) => [...refused])),
    issues: planned.flatMap(({ issues }) => issues),
  };
}

function planAgent(
  role: Agent['role'],
  { graphs, cluster }: { graphs: readonly PipelineGraph[]; cluster: ClusterSettings },
): PlannedAgents {
  const wanted = graphs.filter(({ receivers }) => receivers.some(({ type }) => COLLECTS[role].includes(type)));
  const admission = new Admission(role, { distribution: DISTRIBUTION, capBytes: AGENT_CAP_BYTES });
  const lacking = new Map(wanted.map((graph) => [graph, lackingCapability(graph, DISTRIBUTION, { enriched: true })]));
  const issues = wanted.flatMap((graph) => lacking.get(graph) ?? []);
  const able = wanted.filter((graph) => lacking.get(graph) === undefined);
  for (const graph of able) admission.admit(graph, graph.queue?.sizeBytes);
  const { admitted, memory } = admission;
  const agent: Agent = { role, name: role, distribution: DISTRIBUTION.name, memory, cluster, pipelines: admitted };
  return {
    agents: admitted.length === 0 ? [] : [agent],
    refused: new Set(wanted.filter((graph) => !admitted.includes(graph))),
    issues: [...issues, ...admission.issues],
  };
}
