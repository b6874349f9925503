import { delivery } from './delivery.ts';
import { filter, transform } from './input.ts';
import { fileOutput, stdoutOutput } from './local-outputs.ts';
import { otlpOutput } from './otlp-output.ts';
import { type Data, object, oneOutput, optional } from './schema.ts';

const ONE_OUTPUT = oneOutput('[has(self.otlp), has(self.stdout), has(self.file)]', "'otlp', 'stdout' or 'file'");

export const tracePipelineSpec = object('What the pipeline does.', {
  output: object(
    'Where the spans go.',
    { otlp: optional(otlpOutput), stdout: optional(stdoutOutput), file: optional(fileOutput) },
    [ONE_OUTPUT],
  ),
  transform: optional(transform),
  filter: optional(filter),
  delivery: optional(delivery),
});

export type TracePipelineConfig = Data<typeof tracePipelineSpec>;
