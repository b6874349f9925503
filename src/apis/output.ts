import { assertNever } from '../lib/index.ts';
import type { FileOutput, OtlpOutput, PipelineResource, RemoteWriteOutput, StdoutOutput } from './resource.ts';

export type OutputChoice =
  | { readonly kind: 'otlp'; readonly output: OtlpOutput }
  | { readonly kind: 'prometheusRemoteWrite'; readonly output: RemoteWriteOutput }
  | { readonly kind: 'stdout'; readonly output: StdoutOutput }
  | { readonly kind: 'file'; readonly output: FileOutput };

/** The one output of a pipeline; it stands at `spec.output.<kind>`. */
export function outputOf(resource: PipelineResource): OutputChoice {
  const { otlp, prometheusRemoteWrite, stdout, file } = resource.spec.output;
  if (otlp) return { kind: 'otlp', output: otlp };
  if (prometheusRemoteWrite) return { kind: 'prometheusRemoteWrite', output: prometheusRemoteWrite };
  if (stdout) return { kind: 'stdout', output: stdout };
  if (file) return { kind: 'file', output: file };
  return assertNever(resource.spec.output as never);
}
