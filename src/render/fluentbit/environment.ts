import { isValue, type WritableSection } from '../../fluentbit/index.ts';
import type { FluentBitGraph, SecretText } from '../../pipeline/index.ts';
import { environmentName, type VariableField } from './names.ts';

export type Entry = WritableSection['entries'][number];

/** Collects the environment that one pipeline's sections refer to. */
export class Environment {
  readonly variables: Record<string, SecretText> = {};
  readonly #graph: FluentBitGraph;

  constructor(graph: FluentBitGraph) {
    this.#graph = graph;
  }

  /** A reference to a variable that holds the text. */
  ref(field: VariableField, text: SecretText): string {
    const name = environmentName(this.#graph, field);
    this.variables[name] = text;
    return reference(name);
  }

  /** What is written in a manifest as it is, where Fluent Bit would take it as it is. */
  text(field: VariableField, text: SecretText): string {
    const { text: written, from } = text;
    const isPlain = from.length === 0 && written !== undefined && isValue(written) && !written.includes('${');
    return isPlain ? written : this.ref(field, text);
  }
}

export function entry(key: string, value: string): Entry {
  return { key, value };
}

export function onOff(flag: boolean): string {
  return flag ? 'on' : 'off';
}

/** What Fluent Bit replaces by a variable of its environment. */
export function reference(name: string): string {
  return `\${${name}}`;
}
