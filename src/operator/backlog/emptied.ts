import type { MetricsSample } from '../../flow/index.ts';
import type { DiskQueue } from '../../topology/index.ts';

/** The Pods of a workload as they are seen. */
export interface DrainingWorkload {
  /** Every replica runs the present configuration. */
  readonly settled: boolean;
  /** Replicas that there shall be. */
  readonly replicas: number;
  /** By Pod, newest last. */
  readonly samples: Readonly<Record<string, readonly MetricsSample[]>>;
}

/** A Collector that has just started has not yet read what its queue holds. */
const SETTLED_UPTIME_SECONDS = 20;

/**
 * Whether nothing is left in any of the queues that a workload only drains: each Pod said so twice, one round after the other, and
 * not right after its start. A Pod that cannot be asked may hold something.
 */
export function isEmptied(queues: readonly DiskQueue[], { settled, replicas, samples }: DrainingWorkload): boolean {
  const pods = Object.values(samples);
  if (!settled || pods.length < replicas) return false;
  return pods.every((ofPod) => {
    const [before, last] = ofPod.slice(-2);
    if (before === undefined || last === undefined) return false;
    if ((before.usage.uptimeSeconds ?? 0) < SETTLED_UPTIME_SECONDS) return false;
    return [before, last].every(({ exporters }) =>
      queues.every(({ exporter }) => (exporters[exporter]?.queueSize ?? 0) === 0),
    );
  });
}
