import type { OtelcolConfig, PipelineId } from './config.ts';

/** Pipelines that feed each other through connectors in a circle, in the order data would go; undefined when there is none. */
export function findPipelineCycle(config: OtelcolConfig): readonly PipelineId[] | undefined {
  const { pipelines } = config.service;
  const ids = Object.keys(pipelines) as PipelineId[];
  const next = (id: PipelineId): PipelineId[] => {
    const connectors = pipelines[id]!.exporters.filter((exporter) => Object.hasOwn(config.connectors, exporter));
    return ids.filter((other) => pipelines[other]!.receivers.some((receiver) => connectors.includes(receiver)));
  };
  const done = new Set<PipelineId>();
  const trail: PipelineId[] = [];
  const visit = (id: PipelineId): readonly PipelineId[] | undefined => {
    const seen = trail.indexOf(id);
    if (seen >= 0) return trail.slice(seen);
    if (done.has(id)) return undefined;
    trail.push(id);
    for (const other of next(id)) {
      const cycle = visit(other);
      if (cycle !== undefined) return cycle;
    }
    trail.pop();
    done.add(id);
    return undefined;
  };
  for (const id of ids) {
    const cycle = visit(id);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
