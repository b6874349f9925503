import type { PipelineResource } from '../apis/index.ts';

/** Whether the output of a pipeline is one that only Fluent Bit has. */
export function isOfFluentBit({ kind, spec: { output } }: PipelineResource): boolean {
  return kind === 'LogPipeline' && ('http' in output || 'custom' in output);
}
