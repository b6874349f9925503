import type { PipelineKind } from '../../pipeline/index.ts';

/**
 * Names of the environment variables that carry one pipeline's secrets. No two secrets of any two pipelines share a name:
 * letters and digits become upper case and a hyphen an underscore, everything else an escape that starts with a lower-case
 * letter, and the lower-case word in the middle ends the pipeline's name.
 */
export function headerVariable(kind: PipelineKind, name: string, header: string): string {
  return `SLUICE_${kind.toUpperCase()}_${encode(name)}_header_${encode(header.toLowerCase())}`;
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
