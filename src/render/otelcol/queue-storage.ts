import { formatDuration, sha256 } from '../../lib/index.ts';
import { type ComponentConfig, type ComponentId, componentId } from '../../otelcol/index.ts';
import { type NodeSource, type PipelineGraph, type QueueSetting, qualifiedName } from '../../pipeline/index.ts';
import {
  AGENT_DIRECTORY,
  type Agent,
  type DistributionName,
  exporterWord,
  maxAgeMs,
  QUEUE_DIRECTORY,
  type Workload,
} from '../../topology/index.ts';
import type { ConfigParts, RenderedComponent } from './config-parts.ts';
import type { RenderOptions, StateFolders } from './rendered-config.ts';

/** The program that keeps queues, and where. */
export interface QueueHome extends StateFolders {
  readonly program: DistributionName;
}

/** Where an exporter stands. */
export interface ExporterPlace {
  /** After whom secrets are called. */
  readonly owner: PipelineGraph;
  readonly home: QueueHome;
}

/** Where the queues of a workload are. */
export function queueHome(
  { distribution }: Pick<Workload | Agent, 'distribution'>,
  { state = ON_VOLUME }: Pick<RenderOptions, 'state'>,
): QueueHome {
  return { program: distribution, ...state };
}

const ON_VOLUME: StateFolders = { queues: QUEUE_DIRECTORY, deadLetters: `${QUEUE_DIRECTORY}/dead-letters` };

/** Agents are run by the Collector, which keeps no dead letters. */
export const ON_NODE: QueueHome = { program: 'otelcol', queues: AGENT_DIRECTORY, deadLetters: AGENT_DIRECTORY };

/** What the engine keeps of what a backend rejects for good, for each pipeline. */
const DEAD_LETTER_BYTES = 64 * 2 ** 20;

/**
 * The extension that a queue of a pipeline names; undefined for one that the exporter keeps in memory by itself. The engine's is
 * that of one queue, so one that only drains is called as its owner; the Collector's is any number's.
 */
export function queueStorageId(
  graph: PipelineGraph,
  queue: QueueSetting,
  { home, owner }: ExporterPlace,
): ComponentId | undefined {
  if (home.program === 'otelcol') return queue.disk === undefined ? undefined : storageId(graph);
  const isUsual = queue.disk === undefined && queue.onFull === 'DropNewest' && maxAgeMs(queue) === 0;
  return isUsual ? undefined : componentId('sluice_queue', qualifiedName(owner));
}

/** The Collector's storage of one pipeline: its queue, and in a log agent what of the files has been read. */
export function storageId(graph: PipelineGraph): ComponentId {
  return componentId('file_storage', qualifiedName(graph));
}

/**
 * A queue of the engine. Only what is promised to outlive a loss of power waits for the disk, and only what must not get lost
 * silently is kept when a backend rejects it.
 */
function engineQueue(graph: PipelineGraph, placed: PlacedQueue): ComponentConfig {
  const { queue, home, isHop } = placed;
  // One that sends otherwise has another queue, as it is with the Collector: what the one before holds may still be on its way.
  const folder = queueFolderName(`${isHop ? 'hop' : exporterWord(graph)}-${qualifiedName(graph)}`);
  const expiry = maxAgeMs(queue);
  const isKept = queue.guarantee !== undefined;
  return {
    ...(queue.disk === undefined ? {} : { directory: `${home.queues}/${folder}` }),
    on_full: ON_FULL[queue.onFull],
    ...(expiry === 0 ? {} : { max_age: formatDuration(expiry) }),
    ...(queue.disk === undefined ? {} : { fsync: isKept }),
    ...(isKept ? { dead_letters: { directory: `${home.deadLetters}/${folder}`, max_bytes: DEAD_LETTER_BYTES } } : {}),
  };
}

const ON_FULL = { Block: 'block', DropOldest: 'drop_oldest', DropNewest: 'drop_newest' } as const;

/**
 * A folder of the pipeline's own, so that no file of another can stop it. Safe on disk at every commit, which is not the
 * default. Files are never compacted: they use their pages again, a copy would need the room twice, and a loss of power soon
 * after the copy took the place of the file could bring the old one back.
 */
export function queueStorage(graph: PipelineGraph, directory: string): RenderedComponent {
  return {
    id: storageId(graph),
    settings: {
      directory: `${directory}/${queueFolderName(qualifiedName(graph))}`,
      create_directory: true,
      fsync: true,
    },
  };
}

/** What a folder may be called, in bytes. */
const LONGEST = 255;
const HASH_BYTES = 16;

/** A name that no folder can have ends in a hash of the whole; as it is the longest there can be, no other name is like it. */
export function queueFolderName(name: string): string {
  if (name.length < LONGEST) return name;
  const hash = Array.from(sha256(name).subarray(0, HASH_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${name.slice(0, LONGEST - hash.length - 1)}-${hash}`;
}

/** Adds the extension of a queue, where it needs one. */
export function addQueueStorage(parts: ConfigParts, graph: PipelineGraph, placed: PlacedQueue): void {
  const { queue, home, source, owner = graph } = placed;
  const id = queueStorageId(graph, queue, { home, owner });
  if (id === undefined) return;
  const storage =
    home.program === 'otelcol' ? queueStorage(graph, home.queues) : { id, settings: engineQueue(graph, placed) };
  parts.add('extensions', { ...storage, source });
}

interface PlacedQueue {
  /** The pipeline's own, or that of a hop to it. */
  readonly queue: QueueSetting;
  readonly home: QueueHome;
  readonly source?: NodeSource | undefined;
  /** Absent: the pipeline itself. */
  readonly owner?: PipelineGraph;
  /** From an entry to the dispatcher, whose own queue may be on the same disk. */
  readonly isHop?: boolean;
}
