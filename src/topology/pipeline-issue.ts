import type { Issue } from '../diagnostics/index.ts';
import type { NodeSource, PipelineGraph } from '../pipeline/index.ts';

/** An error of one pipeline, at the place that is to blame or, without one, at its output. */
export function pipelineIssue(code: string, graph: PipelineGraph, message: string, source?: NodeSource): Issue {
  const at = source ?? graph.exporter.source;
  return { code, severity: 'error', message, ...(at === undefined ? {} : { span: at.span }) };
}
