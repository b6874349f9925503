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

const MIB = 1024 * 1024;

/**
 * Queue of the entry for each dispatcher: what comes while a dispatcher starts again. It is the same for all, so that no
 * pipeline takes room from another.
 */
export const HOP_QUEUE_BYTES = 8 * MIB;

/** Most that the router holds of a signal while it waits for answers. */
const ROUTER_QUEUE_BYTES = 64 * MIB;

/** Least: a request as large as the router takes must fit, or it would be refused for ever. */
export const ROUTER_QUEUE_LEAST_BYTES = 16 * MIB;

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

export function withQueue(budget: MemoryBudget, sizeBytes: number): MemoryBudget {
  return { ...budget, queueBytes: budget.queueBytes + sizeBytes };
}

export function neededBytes(budget: MemoryBudget): number {
  return budget.baseBytes + budget.inFlightBytes + budget.queueFactor * budget.queueBytes;
}

export function fits(budget: MemoryBudget): boolean {
  return neededBytes(budget) <= budget.softLimitBytes;
}

/**
 * The router's queue for one signal, in whole MiB. It leaves room for all three, whichever are routed, so that the first
 * pipeline of a signal takes nothing from the others.
 */
export function routerQueueBytes({ softLimitBytes, baseBytes, inFlightBytes, queueFactor }: MemoryBudget): number {
  const share = (softLimitBytes - baseBytes - inFlightBytes) / queueFactor / 3;
  return Math.max(0, Math.min(ROUTER_QUEUE_BYTES, Math.floor(share / MIB) * MIB));
}
