/**
 * How many replicas: up when the workload itself is short of CPU or memory, never because a backend is slow or dead, as more
 * replicas cannot make that one take more.
 * - up: at once, after half a minute of evidence; then a minute of rest, in which the new replicas take their share
 * - down: one, when the last five minutes had no use for it and queues are drained
 * - never beyond the bounds, and never either way by what is not known: a replica that does not answer may be the busiest
 */
import type { WorkloadLoad } from './workload-load.ts';

export interface Bounds {
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** What one look recommends. */
export interface Recommendation {
  readonly atMs: number;
  readonly replicas: number;
  readonly reason: string;
  /** No queue holds anything worth mentioning. */
  readonly isDrained: boolean;
}

export interface Decision {
  readonly replicas: number;
  /** For people; empty where nothing changes. */
  readonly reason: string;
}

/** Share of its cores that a replica is to use. */
const TARGET_CPU = 0.6;
/** From here CPU is what is short. */
const HIGH_CPU = 0.8;
/** From here a growing queue is more likely our own slowness than the backend's. */
const BUSY_CPU = 0.6;
/** From here the queues are what fills the memory. */
const QUEUES_FILL_MEMORY = 0.4;

export const DOWN_AFTER_MS = 300_000;
export const REST_AFTER_UP_MS = 60_000;
/** Some looks may fail. After longer than this nobody knows what happened meanwhile. */
const MOST_GAP_MS = 60_000;

/** Of the load of this moment. `current`: replicas that it stands for. */
export function recommend(load: WorkloadLoad, current: number, atMs: number): Recommendation {
  const { cpuShare, isLimited, isQueueGrowing, queueShare, isDrained } = load;
  const isBackendsFault = load.busyExporters > 0 && load.troubledExporters === load.busyExporters;
  const at = (replicas: number, reason: string): Recommendation => ({ atMs, replicas, reason, isDrained });
  if (isLimited && !(load.troubledExporters > 0 && queueShare >= QUEUES_FILL_MEMORY)) {
    return at(current + stepUp(current), 'senders are refused at the memory limit');
  }
  if (isLimited) return at(current, 'the memory is full of what a backend does not take: more replicas would not help');
  if (cpuShare >= BUSY_CPU && isQueueGrowing) {
    return at(Math.max(current + 1, forCpu(load, current)), 'a queue grows although its backend takes data');
  }
  if (isBackendsFault) return at(current, 'a backend is what is slow: more replicas would not help');
  if (cpuShare >= HIGH_CPU) return at(Math.max(current + 1, forCpu(load, current)), 'replicas use most of their CPU');
  // Between the target and the limit nothing is short: the figure that fits decides only downwards.
  return at(Math.min(current, forCpu(load, current)), 'fewer replicas do');
}

function forCpu({ cpuShare }: WorkloadLoad, current: number): number {
  return Math.max(1, Math.ceil((cpuShare * current) / TARGET_CPU));
}

/** Half as many again. */
function stepUp(current: number): number {
  return Math.max(1, Math.floor(current / 2));
}

export interface DecisionInput extends Bounds {
  readonly current: number;
  readonly nowMs: number;
  /** When the number of replicas changed last, or the manager began to look. */
  readonly changedMs: number;
}

/** `history`: the recommendations so far, oldest first. */
export function decideReplicas(history: readonly Recommendation[], input: DecisionInput): Decision {
  const { current, nowMs, changedMs, minReplicas, maxReplicas } = input;
  const bounded = (replicas: number) => Math.min(maxReplicas, Math.max(minReplicas, replicas));
  if (current < minReplicas) return { replicas: minReplicas, reason: 'fewer than the least' };
  if (current > maxReplicas) return { replicas: current - 1, reason: 'more than the most' };
  const latest = history.at(-1);
  if (latest === undefined || nowMs - latest.atMs > MOST_GAP_MS) return { replicas: current, reason: '' };
  const wanted = bounded(latest.replicas);
  if (wanted > current) {
    const isRested = nowMs - changedMs >= REST_AFTER_UP_MS;
    return isRested ? { replicas: wanted, reason: latest.reason } : { replicas: current, reason: '' };
  }
  const window = history.filter(({ atMs }) => nowMs - atMs <= DOWN_AFTER_MS);
  const isLongKnown = nowMs - changedMs >= DOWN_AFTER_MS && nowMs - knownSinceMs(history) >= DOWN_AFTER_MS;
  const isUnused = window.every(({ replicas }) => bounded(replicas) < current);
  if (isLongKnown && isUnused && latest.isDrained) return { replicas: current - 1, reason: latest.reason };
  return { replicas: current, reason: '' };
}

/** When the first of the looks was that follow each other without a gap, up to the last. */
function knownSinceMs(history: readonly Recommendation[]): number {
  const gap = history.findLastIndex(({ atMs }, i) => (history[i + 1]?.atMs ?? atMs) - atMs > MOST_GAP_MS);
  return history[gap + 1]!.atMs;
}
