import type { PipelineGraph } from '../pipeline/index.ts';
import type { Distribution } from './distribution.ts';

/** How a workload's memory is shared out; the parts add up to at most the soft limit. */
export interface MemoryBudget {
  /** The memory the user gave the process. */
  readonly capBytes: number;
  /** Beyond this the process refuses its senders: the cap without the reserve for garbage and peaks. */
  readonly softLimitBytes: number;
  /** The program itself, without data. */
  readonly baseBytes: number;
  /** Requests between a receiver and a queue. */
  readonly inFlightBytes: number;
  /** What a byte in a queue costs in memory. */
  readonly queueFactor: number;
  readonly queueBytes: number;
}

/** An empty budget for a cap. */
export function memoryBudget(capBytes: number, distribution: Distribution): MemoryBudget {
  const { softLimitShare, baseBytes, inFlightBytes, queueFactor } = distribution.memory;
  return {
    capBytes,
    softLimitBytes: Math.floor(capBytes * softLimitShare),
    baseBytes,
    inFlightBytes,
    queueFactor,
    queueBytes: 0,
  };
}

export function withQueue(budget: MemoryBudget, graph: PipelineGraph): MemoryBudget {
  return { ...budget, queueBytes: budget.queueBytes + (graph.queue?.sizeBytes ?? 0) };
}

export function neededBytes(budget: MemoryBudget): number {
  return budget.baseBytes + budget.inFlightBytes + budget.queueFactor * budget.queueBytes;
}

export function fits(budget: MemoryBudget): boolean {
  return neededBytes(budget) <= budget.softLimitBytes;
}
