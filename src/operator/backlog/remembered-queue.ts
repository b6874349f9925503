import { type DiskQueue, diskQueues, type Topology } from '../../topology/index.ts';
import type { WrittenManifest } from '../compile/written-manifest.ts';

/**
 * A queue on disk that a Collector has filled. It is remembered until it is known to be empty, whatever becomes of the pipeline:
 * only with the exporter that filled it can what is left be delivered.
 */
export interface RememberedQueue {
  readonly workload: string;
  /** Unique in the workload. */
  readonly identity: string;
  /** The pipeline as it ran there. Holds no value of a Secret. */
  readonly manifest: WrittenManifest;
  /** Nothing is left in it; only the volumes of the workload are still there. */
  readonly emptied?: true;
}

/** By key. */
export type RememberedQueues = ReadonlyMap<string, RememberedQueue>;

export function queueKey({ workload, identity }: Pick<DiskQueue, 'workload' | 'identity'>): string {
  return `${workload}/${identity}`;
}

/**
 * What is remembered once a topology runs: its queues, and those of before that it has not. `manifestOf` is the manifest of a
 * pipeline that runs.
 */
export function rememberQueues(
  before: RememberedQueues,
  topology: Topology,
  manifestOf: (queue: DiskQueue) => WrittenManifest | undefined,
): RememberedQueues {
  const after = new Map(before);
  for (const queue of diskQueues(topology)) {
    if (queue.draining) continue;
    const manifest = manifestOf(queue);
    const { workload, identity } = queue;
    if (manifest !== undefined) after.set(queueKey(queue), { workload, identity, manifest });
  }
  return after;
}
