import type { Issue } from '../diagnostics/index.ts';
import { formatByteSize } from '../lib/index.ts';
import { SIGNALS } from '../pdata/index.ts';
import { feedsViewer, type PipelineGraph, qualifiedName } from '../pipeline/index.ts';
import type { Distribution } from './distribution.ts';
import { fits, type MemoryBudget, memoryBudget, neededBytes, type QueueNeed, withQueue } from './memory-budget.ts';
import { pipelineIssue } from './pipeline-issue.ts';
import type { WorkloadSize } from './workload-size.ts';

/** What one workload of a plan is made from. */
export interface WorkloadOptions extends WorkloadSize {
  readonly distribution: Distribution;
  /** It adds what a cluster knows of the Pods that send. */
  readonly enriches?: boolean;
}

/** The queues that one workload has room for. */
export class Admission {
  readonly issues: Issue[] = [];
  readonly #workload: string;
  readonly #admitted: PipelineGraph[] = [];
  #memory: MemoryBudget;

  constructor(workload: string, { capBytes, ...options }: Omit<WorkloadOptions, 'replicas'>) {
    this.#workload = workload;
    this.#memory = memoryBudget(capBytes, options.distribution, options);
  }

  /** Sorted by signal and name. */
  get admitted(): readonly PipelineGraph[] {
    return [...this.#admitted].sort(byIdentity);
  }

  get memory(): MemoryBudget {
    return this.#memory;
  }

  /** Whether there is room for a pipeline with a queue of this size; without a queue there always is. If not, that is an issue. */
  admit(graph: PipelineGraph, queue: QueueNeed | undefined): boolean {
    const next = withQueue(this.#memory, queue ?? { sizeBytes: 0 });
    if (queue !== undefined && !fits(next)) {
      this.issues.push(overBudget(this.#workload, graph, { before: this.#memory, after: next, queue }));
      return false;
    }
    this.#admitted.push(graph);
    this.#memory = next;
    return true;
  }
}

function byIdentity(a: PipelineGraph, b: PipelineGraph): number {
  const signals = SIGNALS.indexOf(a.signal) - SIGNALS.indexOf(b.signal);
  if (signals !== 0) return signals;
  return qualifiedName(a) < qualifiedName(b) ? -1 : 1;
}

interface Refusal {
  readonly before: MemoryBudget;
  readonly after: MemoryBudget;
  readonly queue: QueueNeed;
}

function overBudget(workload: string, graph: PipelineGraph, { before, after, queue }: Refusal): Issue {
  const builtIn = feedsViewer(graph);
  const whose = builtIn ? `of ${graph.signal} for the UI` : `of ${graph.kind} \`${graph.name}\``;
  const message = `the queue ${whose} does not fit into the memory of \`${workload}\` (MaxPipelinesExceeded)`;
  const others = before.queueBytes === 0 ? '' : ` for this queue and ${formatByteSize(before.queueBytes)} of others`;
  const isInMemory = queue.disk === undefined;
  return {
    ...pipelineIssue('SL0405', graph, message, graph.queue?.source),
    help: builtIn
      ? `give \`${workload}\` more memory`
      : isInMemory
        ? `give \`${workload}\` more memory, or this pipeline or others a smaller \`spec.delivery.buffer.maxSize\``
        : `give \`${workload}\` more memory, or use the topology PerPipeline, in which each pipeline has its own`,
    notes: [
      ...arithmetic(after, isInMemory ? others : ''),
      builtIn ? 'the UI does not show them, the pipelines run' : 'this pipeline is left out, the others run',
    ],
  };
}

/** What a budget needs, and what there is. */
export function arithmetic(memory: MemoryBudget, others = ''): readonly string[] {
  const size = formatByteSize;
  const { baseBytes, inFlightBytes, queueFactor, queueBytes, diskBytes } = memory;
  const parts = [
    `${size(baseBytes)} for the program`,
    `${size(inFlightBytes)} in flight`,
    ...(queueBytes === 0 && diskBytes > 0 ? [] : [`${queueFactor} × ${size(queueBytes)} of queues${others}`]),
    ...(diskBytes === 0 ? [] : [`${size(diskBytes)} for what is sent from queues on disk`]),
  ];
  return [
    `needed: ${parts.join(' + ')} = ${size(neededBytes(memory))}`,
    `available: ${size(memory.softLimitBytes)} of ${size(memory.capBytes)}, the rest is kept for peaks`,
  ];
}
