import { parseYamlDocuments, type SourceNode, type SourceSpan } from '../diagnostics/index.ts';
import type { Command, ParsedConfig, Section } from './parse-classic.ts';
import { hasControl } from './parse-entries.ts';
import { type Entry, type Problem, problemAt, type Range } from './problem.ts';

const SYNTAX = 'SL0130';

/** Lists of sections below `pipeline`, and at the top. */
const OF_PIPELINE: Readonly<Record<string, string>> = { inputs: 'INPUT', filters: 'FILTER', outputs: 'OUTPUT' };
const AT_TOP: Readonly<Record<string, string>> = { parsers: 'PARSER', multiline_parsers: 'MULTILINE_PARSER' };

/**
 * Fluent Bit's YAML format as the sections of the classic one, so that one check is for both. What the classic format cannot
 * say (processors, customs, plugins, stream processors, upstream servers) is a problem, never left out in silence.
 */
export function parseYamlConfig(text: string): ParsedConfig {
  const { documents, issues } = parseYamlDocuments(text, '', { dialect: 'collector' });
  const reader = new YamlReader(text);
  for (const { span, message } of issues) reader.report(span, message);
  for (const { root } of documents) reader.readRoot(root);
  return reader.result();
}

class YamlReader {
  readonly #text: string;
  readonly #lineStarts: readonly number[];
  readonly #sections: Section[] = [];
  readonly #commands: Command[] = [];
  readonly #problems: Problem[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  result(): ParsedConfig {
    return { sections: this.#sections, commands: this.#commands, problems: this.#problems };
  }

  report(span: SourceSpan | undefined, message: string): void {
    const at = span === undefined ? { start: 0, end: this.#text.length } : this.#rangeOf(span);
    this.#problems.push(problemAt(SYNTAX, at, message));
  }

  readRoot(root: SourceNode): void {
    for (const [key, node] of this.#fields(root)) {
      if (key === 'service') this.#addSection('SERVICE', node);
      else if (key === 'pipeline') this.#readPipeline(node);
      else if (Object.hasOwn(AT_TOP, key)) this.#readSections(AT_TOP[key]!, node);
      else if (key === 'env') this.#readEnvironment(node);
      else if (key === 'includes') this.#readIncludes(node);
      else this.report(node.keySpan, `\`${key}\` is no part of a configuration that is read here`);
    }
  }

  #readPipeline(node: SourceNode): void {
    for (const [key, list] of this.#fields(node)) {
      if (Object.hasOwn(OF_PIPELINE, key)) this.#readSections(OF_PIPELINE[key]!, list);
      else this.report(list.keySpan, `a pipeline has no \`${key}\``);
    }
  }

  #readSections(name: string, list: SourceNode): void {
    for (const item of this.#items(list)) this.#addSection(name, item);
  }

  #addSection(name: string, node: SourceNode): void {
    const entries = this.#fields(node).flatMap(([key, value]) => this.#entriesOf(key, value));
    this.#sections.push({ name, at: this.#rangeOf(node.span), entries });
  }

  #entriesOf(key: string, node: SourceNode): readonly Entry[] {
    if (key === 'rules') return this.#items(node).flatMap((rule) => this.#ruleOf(rule, node));
    if (Array.isArray(node.value)) return this.#items(node).flatMap((item) => this.#entryOf(key, item, node));
    return this.#entryOf(key, node, node);
  }

  #entryOf(key: string, node: SourceNode, owner: SourceNode): readonly Entry[] {
    const value = this.#scalar(node);
    if (value === undefined) {
      this.report(node.keySpan ?? node.span, `\`${key}\` must be a text, a number or a list of these`);
      return [];
    }
    return [{ key, value, keyAt: this.#rangeOf(owner.keySpan ?? owner.span), valueAt: this.#rangeOf(node.span) }];
  }

  /** `state`, `regex`, `next_state` are one line in the classic format. */
  #ruleOf(rule: SourceNode, owner: SourceNode): readonly Entry[] {
    const parts = ['state', 'regex', 'next_state'].flatMap((part) => {
      const node = rule.children?.get(part);
      const text = node === undefined ? undefined : this.#scalar(node);
      return text === undefined ? [] : [`"${text.replaceAll('"', '\\"')}"`];
    });
    const keyAt = this.#rangeOf(owner.keySpan ?? owner.span);
    return [{ key: 'rule', value: parts.join(' '), keyAt, valueAt: this.#rangeOf(rule.span) }];
  }

  #readEnvironment(node: SourceNode): void {
    for (const [key, value] of this.#fields(node)) {
      const text = this.#scalar(value);
      if (text === undefined) this.report(value.keySpan, `\`${key}\` must be a text`);
      else this.#commands.push({ name: 'set', argument: `${key}=${text}`, at: this.#rangeOf(value.span) });
    }
  }

  #readIncludes(node: SourceNode): void {
    for (const item of this.#items(node)) {
      const path = this.#scalar(item);
      if (path === undefined) this.report(item.span, 'a path must be a text');
      else this.#commands.push({ name: 'include', argument: path, at: this.#rangeOf(item.span) });
    }
  }

  #fields(node: SourceNode): readonly (readonly [string, SourceNode])[] {
    if (typeof node.value === 'object' && node.value !== null && !Array.isArray(node.value)) {
      return [...(node.children ?? [])].map(([key, child]) => [String(key), child] as const);
    }
    if (node.value !== null) this.report(node.span, 'fields must stand here');
    return [];
  }

  #items(node: SourceNode): readonly SourceNode[] {
    if (Array.isArray(node.value)) return [...(node.children?.values() ?? [])];
    if (node.value !== null) this.report(node.keySpan ?? node.span, 'a list must stand here');
    return [];
  }

  /** Numbers and booleans as they are written: Fluent Bit takes every scalar as text. */
  #scalar({ value, span }: SourceNode): string | undefined {
    if (typeof value === 'string') return value === '' || hasControl(value) ? undefined : value;
    if (typeof value !== 'number' && typeof value !== 'boolean') return undefined;
    const { start, end } = this.#rangeOf(span);
    return this.#text.slice(start, end);
  }

  #rangeOf({ line, column, endLine, endColumn }: SourceSpan): Range {
    const start = this.#offset(line, column);
    return { start, end: Math.max(start, this.#offset(endLine, endColumn)) };
  }

  #offset(line: number, column: number): number {
    return Math.min(this.#text.length, (this.#lineStarts[line - 1] ?? this.#text.length) + column - 1);
  }
}
