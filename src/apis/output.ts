import { assertNever } from '../lib/index.ts';
import type { FileOutput, OtlpOutput, PipelineResource, StdoutOutput } from './resource.ts';

export type OutputChoice =
  | { readonly kind: 'otlp'; readonly output: OtlpOutput }
  | { readonly kind: 'stdout'; readonly output: StdoutOutput }
  | { readonly kind: 'file'; readonly output: FileOutput };

/** The one output of a pipeline; it stands at `spec.output.<kind>`. */
export function outputOf(resource: PipelineResource): OutputChoice {
  const { otlp, stdout, file } = resource.spec.output;
  if (otlp) return { kind: 'otlp', output: otlp };
  if (stdout) return { kind: 'stdout', output: stdout };
  if (file) return { kind: 'file', output: file };
  return assertNever(resource.spec.output as never);
}
