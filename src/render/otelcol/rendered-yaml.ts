import { writeYaml } from '../../otelcol/index.ts';
import type { RenderedConfig } from './rendered-config.ts';

export interface RenderedYamlOptions {
  /** Lines at the top, before the variables. */
  readonly header?: readonly string[];
  /** Name the user's line beside each block; default true. */
  readonly sourceMap?: boolean;
}

/** A rendered configuration as the file the Collector reads. Secrets are references; a comment lists their names. */
export function renderedYaml(rendered: RenderedConfig, options: RenderedYamlOptions = {}): string {
  const variables = Object.keys(rendered.secrets).sort();
  const header = [...(options.header ?? [])];
  if (variables.length > 0) header.push('needs these environment variables:', ...variables.map((name) => `  ${name}`));
  return writeYaml(rendered.config, {
    ...(header.length === 0 ? {} : { header }),
    comments: options.sourceMap === false ? {} : blockComments(rendered),
  });
}

function blockComments({ sourceMap }: RenderedConfig): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sourceMap).map(([block, { span, field }]) => [block, `${span.file}:${span.line}  ${field}`]),
  );
}
