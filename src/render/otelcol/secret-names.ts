import type { PipelineGraph } from '../../pipeline/index.ts';

/** What of a pipeline stands in the environment; a header or parameter comes with its name. */
export type SecretField =
  | { readonly field: 'endpoint' | 'ca' | 'cert' | 'key' | 'token_url' | 'client_id' | 'client_secret' }
  | { readonly field: 'header' | 'param'; readonly name: string };

/**
 * Names of the environment variables that carry one pipeline's secrets. No two secrets of any two pipelines share a name:
 * letters and digits become upper case and a hyphen an underscore, everything else an escape that starts with a lower-case
 * x or u, and the lower-case word of the field, which starts with neither, ends the pipeline's name.
 */
export function secretVariable({ kind, name }: Pick<PipelineGraph, 'kind' | 'name'>, field: SecretField): string {
  const variable = `SLUICE_${kind.toUpperCase()}_${encode(name)}_${field.field}`;
  if (field.field === 'header') return `${variable}_${encode(field.name.toLowerCase())}`;
  return field.field === 'param' ? `${variable}_${encode(field.name)}` : variable;
}

function encode(text: string): string {
  let encoded = '';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (/[a-z0-9]/.test(character)) encoded += character.toUpperCase();
    else if (character === '-') encoded += '_';
    else encoded += code < 0x100 ? `x${hex(code, 2)}` : `u${hex(code, 6)}`;
  }
  return encoded;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0');
}
