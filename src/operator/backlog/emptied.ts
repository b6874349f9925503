import type { ExporterFigures, MetricsSample } from '../../flow/index.ts';
import type { DiskQueue } from '../../topology/index.ts';

/** A Pod that runs the configuration which only drains. */
export interface DrainingPod {
  /** When it was first seen to run it, by the clock that samples are taken by: what was said before is about another process. */
  readonly sinceMs: number;
  /** Newest last. */
  readonly samples: readonly MetricsSample[];
}

/** The Pods of a workload as they are seen. */
export interface DrainingWorkload {
  /** Every replica runs the present configuration. */
  readonly settled: boolean;
  /** Replicas that there shall be. */
  readonly replicas: number;
  /** Each replica has a volume of its own, which stays when the replica goes. */
  readonly hasVolumes: boolean;
  readonly pods: readonly DrainingPod[];
}

/** A Collector that has just started has not yet read what its queue holds. */
const SETTLED_UPTIME_SECONDS = 20;

/** Two samples of one process agree about its start, but for what it takes to answer. */
const SAME_START_MS = 5_000;

/**
 * Whether nothing is left in any of the queues that a workload only drains: each Pod said so twice, one round after the other, and
 * not right after its start. A Pod that cannot be asked may hold something, and so may the volume of a replica that is not there.
 */
export function isEmptied(
  queues: readonly Pick<DiskQueue, 'exporter'>[],
  { settled, replicas, hasVolumes, pods }: DrainingWorkload,
): boolean {
  if (!settled || pods.length < replicas || (hasVolumes && replicas === 0)) return false;
  return pods.every(({ sinceMs, samples }) => {
    const [before, last] = samples.filter(({ atMs }) => atMs > sinceMs).slice(-2);
    if (before === undefined || last === undefined) return false;
    if ((before.usage.uptimeSeconds ?? 0) < SETTLED_UPTIME_SECONDS || !isSameProcess(before, last)) return false;
    return [before, last].every((sample) => queues.every(({ exporter }) => isEmptyQueue(sample, exporter)));
  });
}

function isSameProcess(a: MetricsSample, b: MetricsSample): boolean {
  const [one, other] = [a, b].map(({ atMs, usage }) => atMs - (usage.uptimeSeconds ?? 0) * 1000);
  return Math.abs(one! - other!) < SAME_START_MS;
}

/**
 * Without a capacity the process has no such queue, and its size is nobody's. One that cannot be read is not empty: its volume
 * stays for whoever can read it, until it is given up.
 */
function isEmptyQueue({ exporters }: MetricsSample, exporter: string): boolean {
  const { queueCapacity, queueSize, diskTrouble = 0 } = exporters[exporter] ?? NO_QUEUE;
  return queueCapacity > 0 && queueSize === 0 && diskTrouble === 0;
}

const NO_QUEUE: Pick<ExporterFigures, 'queueCapacity' | 'queueSize' | 'diskTrouble'> = {
  queueCapacity: 0,
  queueSize: 0,
};
