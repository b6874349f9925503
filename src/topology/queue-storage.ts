import type { Issue } from '../diagnostics/index.ts';
import type { DiskSetting, PipelineGraph } from '../pipeline/index.ts';
import type { Distribution } from './distribution.ts';
import { pipelineIssue } from './pipeline-issue.ts';
import type { QueueStorage } from './topology.ts';

/** Where the volume of a workload is mounted. */
export const QUEUE_DIRECTORY = '/var/lib/telemetry/queues';

/** Where a log agent keeps what it has read and its queues, on the node, so that the agent after it finds them. */
export const AGENT_DIRECTORY = '/var/lib/telemetry-log-agent';

interface DiskQueue {
  readonly sizeBytes: number;
  readonly disk?: DiskSetting;
}

/** The volume for these queues; undefined when none is on disk. Those of a gateway agree about its class; of an entry's the first decides. */
export function storageFor(
  queues: readonly (DiskQueue | undefined)[],
  distribution: Distribution,
): { readonly storage?: QueueStorage } {
  const onDisk = queues.filter((queue) => queue?.disk !== undefined) as readonly Required<DiskQueue>[];
  if (onDisk.length === 0) return {};
  const storageClass = onDisk.find(({ disk }) => disk.storageClass !== undefined)?.disk.storageClass;
  return {
    storage: {
      sizeBytes: onDisk.map((queue) => volumeBytes(queue, distribution)).reduce((sum, size) => sum + size, 0),
      ...(storageClass === undefined ? {} : { storageClass }),
      directory: QUEUE_DIRECTORY,
    },
  };
}

function volumeBytes({ sizeBytes, disk }: Required<DiskQueue>, { volume }: Distribution): number {
  return disk.volumeBytes ?? Math.ceil(volume.factor * sizeBytes) + volume.leastBytes;
}

/** Queues of one workload share a volume, so the first one decides about its class; undefined when this one agrees. */
export function classConflict(
  workload: string,
  graph: PipelineGraph,
  admitted: readonly PipelineGraph[],
): Issue | undefined {
  const other = admitted.find(({ queue }) => queue?.disk !== undefined);
  if (other === undefined || graph.queue?.disk === undefined) return undefined;
  const { storageClass } = graph.queue.disk;
  const { storageClass: decided } = other.queue!.disk!;
  if (storageClass === decided) return undefined;
  const named = (name: string | undefined) => (name === undefined ? 'the default storage class' : `\`${name}\``);
  const message = `asks for ${named(storageClass)}, but shares the volume of \`${workload}\` with ${other.kind} \`${other.name}\`, which has ${named(decided)}`;
  return {
    ...pipelineIssue('SL0114', graph, `${graph.kind} \`${graph.name}\` ${message}`, graph.queue.source),
    help: 'give both the same `storageClassName`, or use the topology PerPipeline, in which each pipeline has its own volume',
  };
}
