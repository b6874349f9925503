import { pipelineId } from '../../otelcol/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import { identityOf, qualifiedName, SIGNAL_OF_KIND, viewerGraph } from '../../pipeline/index.ts';
import type { PipelineRef } from '../../server/index.ts';
import { documentOf } from './found-documents.ts';
import type { Generation } from './generation.ts';
import { placeNow } from './place-now.ts';
import { ruleSource } from './rule-source.ts';

/** What runs, and what an error of the newest version keeps from running; the built-in ones where there is nothing else. */
export function pipelineRefs(running: Generation, looked: Generation): readonly PipelineRef[] {
  if (running.builtIn) {
    return SIGNALS.map((signal) => {
      const graph = viewerGraph(signal);
      return { kind: graph.kind, name: 'viewer', signal, pipelineId: pipelineId(signal, qualifiedName(graph)) };
    });
  }
  const runs = running.pipelines.map((pipeline): PipelineRef => {
    const { kind, name } = pipeline;
    const { graph } = pipeline.version;
    const { file, root } = placeNow(pipeline, looked);
    const source = `${file}:${root.span.line}`;
    const id = pipelineId(graph.signal, qualifiedName(graph));
    return { kind, name, signal: graph.signal, pipelineId: id, source, ...ruleSource(pipeline, looked) };
  });
  const ids = new Set(runs.map(identityOf));
  const leftOut = looked.leftOut
    .filter((one) => !ids.has(identityOf(one)))
    .map((one): PipelineRef => {
      const { kind, name } = one;
      const signal = SIGNAL_OF_KIND[kind];
      const own = looked.issues.find((issue) => issue.severity === 'error' && documentOf(issue, [one]) !== undefined);
      const { file, root } = one.document;
      return {
        kind,
        name,
        signal,
        pipelineId: pipelineId(signal, `${kind.toLowerCase()}-${name}`),
        source: `${file}:${own?.span?.line ?? root.span.line}`,
        invalid: own === undefined ? 'it has an error' : `${own.message} (${own.code})`,
      };
    });
  return [...runs, ...leftOut];
}
