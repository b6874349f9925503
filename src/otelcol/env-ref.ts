// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import type { OtelcolConfig } from './config.ts';

/**
 * Stands for the value of an environment variable in rendered configuration. A class, so that nothing parsed from user
 * input can ever be taken for one: text that looks like `${env:X}` stays text.
 */
export class EnvRef {
  readonly name: string;
  /** Text around the value, for an address or an expression that holds one. Never the user's. */
  readonly before: string;
  readonly after: string;

  constructor(name: string, { before = '', after = '' }: EnvRefOptions = {}) {
    if (!ENV_NAME.test(name)) throw new Error(`not a name of an environment variable: ${name}`);
    if (`${before}${after}`.includes('$')) throw new Error('text around a reference holds no `$`');
    this.name = name;
    this.before = before;
    this.after = after;
  }

  toString(): string {
    return `${this.before}\${env:${this.name}}${this.after}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

export interface EnvRefOptions {
  readonly before?: string;
  readonly after?: string;
}

/** What the Collector accepts as the name of an environment variable. */
export const ENV_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function envRef(name: string, options: EnvRefOptions = {}): EnvRef {
  return new EnvRef(name, options);
}

/** The configuration with every reference replaced by its value; a name without a value becomes the empty string. */
export function resolveEnvRefs(config: OtelcolConfig, values: Readonly<Record<string, string>>): OtelcolConfig {
  return replaceRefs(config, values) as OtelcolConfig;
}

function replaceRefs(value: unknown, values: Readonly<Record<string, string>>): unknown {
  if (value instanceof EnvRef) return `${value.before}${values[value.name] ?? ''}${value.after}`;
  if (Array.isArray(value)) return value.map((item) => replaceRefs(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceRefs(item, values)]));
}

/** An expansion that is always empty: the name is never set, the default is nothing. */
const NOTHING = '${env:SLUICE_NOTHING:-}';

/**
 * The text to put into an environment variable so that the Collector (confmap 1.55) and our loader read `value` back,
 * character by character. The Collector expands `${…}` in such values again, turns `$$` into `$`, and parses the text as
 * YAML: a mapping with other keys than strings or an integer beyond 64 bits makes it refuse to start. A leading
 * expansion that yields nothing turns these into plain text.
 */
export function encodeEnvValue(value: string): string {
  const escaped = value.replaceAll('$', '$$$$');
  return /^[A-Za-z][A-Za-z0-9 ._/=+$-]*$/.test(value) || value === '' ? escaped : NOTHING + escaped;
}
