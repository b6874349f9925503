import type { DiskQueueCost, Distribution } from './distribution.ts';

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
  /** What a queue on disk takes of the memory. */
  readonly diskQueue: DiskQueueCost;
  /** What all of them take. */
  readonly diskBytes: number;
}

/** What a queue asks of its process. */
export interface QueueNeed {
  readonly sizeBytes: number;
  /** It is on disk. */
  readonly disk?: object;
}

const MIB = 1024 * 1024;

/**
 * Queue of the entry for each dispatcher: what comes while a dispatcher starts again. It is the same for all, so that no
 * pipeline takes room from another.
 */
export const HOP_QUEUE_BYTES = 8 * MIB;

/** The same for a hop that must not lose anything: on disk, and larger than the largest request. */
export const DURABLE_HOP_QUEUE_BYTES = 64 * MIB;

/** Most that the router holds of a signal while it waits for answers. */
const ROUTER_QUEUE_BYTES = 64 * MIB;

/** Least: a request as large as the router takes must fit, or it would be refused for ever. */
export const ROUTER_QUEUE_LEAST_BYTES = 16 * MIB;

/** An empty budget for a cap. `enriches`: the program watches the Pods of a cluster. */
export function memoryBudget(
  capBytes: number,
  distribution: Distribution,
  { enriches = false }: { readonly enriches?: boolean } = {},
): MemoryBudget {
  const { softLimitShare, baseBytes, enrichmentBytes, inFlightBytes, queueFactor, diskQueue } = distribution.memory;
  return {
    capBytes,
    softLimitBytes: Math.floor(capBytes * softLimitShare),
    baseBytes: baseBytes + (enriches ? enrichmentBytes : 0),
    inFlightBytes,
    queueFactor,
    queueBytes: 0,
    diskQueue,
    diskBytes: 0,
  };
}

export function withQueue(budget: MemoryBudget, { sizeBytes, disk }: QueueNeed): MemoryBudget {
  if (disk === undefined) return { ...budget, queueBytes: budget.queueBytes + sizeBytes };
  const { windowBytes, bytesPerListByte } = budget.diskQueue;
  const listBytes = bytesPerListByte === undefined ? 0 : Math.ceil(sizeBytes / bytesPerListByte);
  return { ...budget, diskBytes: budget.diskBytes + windowBytes + listBytes };
}

export function neededBytes(budget: MemoryBudget): number {
  return budget.baseBytes + budget.inFlightBytes + budget.queueFactor * budget.queueBytes + budget.diskBytes;
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
