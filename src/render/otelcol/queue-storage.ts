import { sha256 } from '../../lib/index.ts';
import { type ComponentId, componentId } from '../../otelcol/index.ts';
import { type PipelineGraph, qualifiedName } from '../../pipeline/index.ts';
import type { ConfigParts, RenderedComponent } from './config-parts.ts';

/** The storage of one pipeline: its queue, and in a log agent what of the files has been read. */
export function storageId(graph: PipelineGraph): ComponentId {
  return componentId('file_storage', qualifiedName(graph));
}

/**
 * A folder of the pipeline's own, so that no file of another can stop it. Safe on disk at every commit, which is not the
 * default. Files are never compacted: they use their pages again, a copy would need the room twice, and a loss of power soon
 * after the copy took the place of the file could bring the old one back.
 */
export function queueStorage(graph: PipelineGraph, directory: string): RenderedComponent {
  return {
    id: storageId(graph),
    settings: { directory: `${directory}/${folderName(graph)}`, create_directory: true, fsync: true },
  };
}

/** What a folder may be called, in bytes. */
const LONGEST = 255;
const HASH_BYTES = 16;

/** A name that no folder can have ends in a hash of the whole; as it is the longest there can be, no other name is like it. */
function folderName(graph: PipelineGraph): string {
  const name = qualifiedName(graph);
  if (name.length < LONGEST) return name;
  const hash = Array.from(sha256(name).subarray(0, HASH_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${name.slice(0, LONGEST - hash.length - 1)}-${hash}`;
}

/** Adds the storage of a queue that is on disk. */
export function addQueueStorage(parts: ConfigParts, graph: PipelineGraph, directory: string): void {
  parts.add('extensions', { ...queueStorage(graph, directory), source: graph.queue?.source });
}
