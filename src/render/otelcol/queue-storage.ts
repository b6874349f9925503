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
    settings: { directory: `${directory}/${qualifiedName(graph)}`, create_directory: true, fsync: true },
  };
}

/** Adds the storage of a queue that is on disk. */
export function addQueueStorage(parts: ConfigParts, graph: PipelineGraph, directory: string): void {
  parts.add('extensions', { ...queueStorage(graph, directory), source: graph.queue?.source });
}
