import type { Issue } from '../diagnostics/index.ts';
import { formatByteSize } from '../lib/index.ts';
import { SIGNALS } from '../pdata/index.ts';
import { type PipelineGraph, qualifiedName } from '../pipeline/index.ts';
import { DISTRIBUTIONS, type Distribution, type DistributionName } from './distribution.ts';
import { fits, type MemoryBudget, memoryBudget, neededBytes, withQueue } from './memory-budget.ts';
import type { Topology, TopologyType } from './topology.ts';

export interface PlanOptions {
  readonly distribution: DistributionName;
  /** Memory of each process that holds queues. */
  readonly capBytes: number;
  /** Default Shared. */
  readonly topology?: TopologyType;
}

export interface Plan {
  readonly topology: Topology;
  /** One for every pipeline left out. */
  readonly issues: readonly Issue[];
}

/**
 * One gateway for all pipelines. Pipelines are admitted in the order given, so that adding one at the end never displaces
 * another; the order of the result does not depend on it. A pipeline without receivers has nothing to do and runs nowhere;
 * one without a queue costs nothing.
 */
export function planTopology(graphs: readonly PipelineGraph[], options: PlanOptions): Plan {
  const distribution: Distribution = DISTRIBUTIONS[options.distribution];
  const issues: Issue[] = [];
  const admitted: PipelineGraph[] = [];
  let memory = memoryBudget(options.capBytes, distribution);
  for (const graph of graphs.filter(({ receivers }) => receivers.length > 0)) {
    const lacking = lackingCapability(graph, distribution);
    const next = withQueue(memory, graph);
    if (lacking !== undefined) issues.push(lacking);
    else if (graph.queue !== undefined && !fits(next)) issues.push(overBudget(graph, memory, next));
    else {
      admitted.push(graph);
      memory = next;
    }
  }
  const pipelines = admitted.sort(byIdentity);
  const gateway = {
    role: 'gateway',
    name: 'otlp-gateway',
    distribution: distribution.name,
    pipelines,
    memory,
  } as const;
  return { topology: { type: 'Shared', workloads: pipelines.length === 0 ? [] : [gateway] }, issues };
}

function byIdentity(a: PipelineGraph, b: PipelineGraph): number {
  const signals = SIGNALS.indexOf(a.signal) - SIGNALS.indexOf(b.signal);
  if (signals !== 0) return signals;
  return qualifiedName(a) < qualifiedName(b) ? -1 : 1;
}

/** What a pipeline asks of the program that runs it, and whether one has it. */
function demands({ exporter }: PipelineGraph): readonly Demand[] {
  const output = {
    what: `output \`${exporter.type}\``,
    isMetBy: ({ exporters }: Distribution) => exporters.includes(exporter.type),
  };
  if (exporter.type !== 'otlp') return [output];
  const { compression } = exporter;
  const compressed = {
    what: `compression \`${compression}\``,
    isMetBy: (one: Distribution) => one.compressions.includes(compression),
  };
  return [output, compressed];
}

interface Demand {
  readonly what: string;
  isMetBy(distribution: Distribution): boolean;
}

function lackingCapability(graph: PipelineGraph, distribution: Distribution): Issue | undefined {
  const lacking = demands(graph).find((demand) => !demand.isMetBy(distribution));
  if (lacking === undefined) return undefined;
  const others = Object.values<Distribution>(DISTRIBUTIONS).filter((one) => lacking.isMetBy(one));
  return {
    ...issue('SL0107', graph, `${distribution.title} has no ${lacking.what}`, graph.exporter.source),
    help: `run this pipeline with ${others.map(({ title }) => title).join(' or ')}`,
  };
}

function overBudget(graph: PipelineGraph, before: MemoryBudget, after: MemoryBudget): Issue {
  const message = `the queue of ${graph.kind} \`${graph.name}\` does not fit into the gateway's memory (MaxPipelinesExceeded)`;
  const others = before.queueBytes === 0 ? '' : ` for this queue and ${size(before.queueBytes)} of others`;
  return {
    ...issue('SL0405', graph, message, graph.queue?.source),
    help: 'give the gateway more memory, or this pipeline or others a smaller `spec.delivery.buffer.maxSize`',
    notes: [
      `needed: ${size(after.baseBytes)} for the program + ${size(after.inFlightBytes)} in flight + ` +
        `${after.queueFactor} × ${size(after.queueBytes)} of queues${others} = ${size(neededBytes(after))}`,
      `available: ${size(after.softLimitBytes)} of ${size(after.capBytes)}, the rest is kept for peaks`,
      'this pipeline is left out, the others run',
    ],
  };
}

function size(bytes: number): string {
  return formatByteSize(bytes);
}

function issue(
  code: string,
  graph: PipelineGraph,
  message: string,
  source?: PipelineGraph['exporter']['source'],
): Issue {
  const at = source ?? graph.exporter.source;
  return { code, severity: 'error', message, ...(at === undefined ? {} : { span: at.span }) };
}
