import { writeYaml } from '../../otelcol/index.ts';
import type { SecretText } from '../../pipeline/index.ts';
import type { RenderedConfig } from './rendered-config.ts';

export interface RenderedYamlOptions {
  /** Lines at the top, before the variables. */
  readonly header?: readonly string[];
  /** Name the user's line beside each block; default true. */
  readonly sourceMap?: boolean;
}

/** A rendered configuration as the file the Collector reads. Secrets are references; a comment lists their names. */
export function renderedYaml(rendered: RenderedConfig, options: RenderedYamlOptions = {}): string {
  const header = [...(options.header ?? []), ...gateLines(rendered), ...variableLines(rendered)];
  return writeYaml(rendered.config, {
    ...(header.length === 0 ? {} : { header }),
    comments: options.sourceMap === false ? {} : blockComments(rendered),
  });
}

function gateLines({ featureGates }: RenderedConfig): readonly string[] {
  return featureGates.length === 0 ? [] : [`needs --feature-gates=${featureGates.join(',')}`];
}

function variableLines({ secrets, missingSecrets }: RenderedConfig): readonly string[] {
  const lines = [
    ...Object.keys(secrets).map((name) => `  ${name}`),
    ...Object.entries(missingSecrets).map(([name, secret]) => `  ${name}: ${describeSecret(secret)}`),
  ];
  return lines.length === 0 ? [] : ['needs these environment variables:', ...lines.sort()];
}

/** What a variable must hold, in words: `key token of Secret obs/jaeger`. */
export function describeSecret({ from, form }: SecretText): string {
  const keys = from.map(({ namespace, name, key }) => `key ${key} of Secret ${namespace}/${name}`).join(' and ');
  return form === undefined ? keys : `${form} ${keys}`;
}

function blockComments({ sourceMap }: RenderedConfig): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sourceMap).map(([block, { span, field }]) => [block, `${span.file}:${span.line}  ${field}`]),
  );
}
