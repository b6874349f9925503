import type { SourceDocument } from '../../diagnostics/index.ts';
import type { FlowGraph, FlowNode } from '../../flow/index.ts';
import { identityOf } from '../../pipeline/index.ts';
import type { Generation, RunningPipeline } from './generation.ts';

/**
 * Where a pipeline that runs stands in the files as they are now: what runs may be of an earlier version of them, whose lines
 * have moved since. Where it was, if no file says it any more.
 */
export function placeNow(pipeline: RunningPipeline, looked: Generation): SourceDocument {
  const { document } = pipeline.version.loaded;
  if (pipeline.runs === 'current' && looked.pipelines.includes(pipeline)) return document;
  return looked.documents.find((one) => identityOf(one) === identityOf(pipeline))?.document ?? document;
}

/** A picture of what runs, with the lines of the files as they are now. */
export function withPlacesNow(picture: FlowGraph, running: Generation, looked: Generation): FlowGraph {
  const nodeNow = (node: FlowNode): FlowNode => {
    const { source, pipeline: ref } = node;
    const pipeline = running.pipelines.find(({ kind, name }) => kind === ref?.kind && name === ref.name);
    if (source === undefined || pipeline === undefined) return node;
    const before = pipeline.version.loaded.document;
    const now = placeNow(pipeline, looked);
    const line = Math.min(source.line - before.root.span.line + now.root.span.line, now.root.span.endLine);
    return now === before ? node : { ...node, source: { ...source, file: now.file, line } };
  };
  return { ...picture, nodes: picture.nodes.map(nodeNow) };
}
