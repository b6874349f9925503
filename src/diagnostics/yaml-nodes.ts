import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type ParsedNode, type Scalar } from 'yaml';
import type { Issue, SourceSpan } from './issue.ts';
import type { SourceNode } from './source-document.ts';
import type { TextLines } from './text-lines.ts';
import { type ScalarStyle, scalarOffsets } from './yaml-offsets.ts';
import { resolvePlainScalar, type YamlDialect } from './yaml-scalar.ts';

/** A document may not grow beyond this many values, repeated anchors included: an alias bomb would fill the memory. */
const MAX_VALUES = 200_000;
/** Deeper than any document people write, and far from the depth that exhausts a stack. */
const MAX_DEPTH = 100;

const CORE_TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq', 'timestamp'].map(coreTag));

function coreTag(name: string): string {
  return `tag:yaml.org,2002:${name}`;
}

interface Built extends SourceNode {
  /** How many values this one holds, with every alias expanded. */
  readonly size: number;
}

/** Builds the JSON value of one parsed document with the place of every part. Problems are collected, the rest still built. */
export class NodeBuilder {
  readonly issues: Issue[] = [];
  readonly #text: string;
  readonly #lines: TextLines;
  readonly #dialect: YamlDialect;
  readonly #anchors = new Map<string, Built | 'open'>();
  #total = 0;
  #depth = 0;

  constructor(text: string, lines: TextLines, dialect: YamlDialect) {
    this.#text = text;
    this.#lines = lines;
    this.#dialect = dialect;
  }

  build(contents: Node | null | undefined, at: SourceSpan): SourceNode {
    const nothing = { value: null, span: at };
    try {
      return contents ? this.#node(contents as ParsedNode, at) : nothing;
    } catch (error) {
      if (error instanceof LimitReached) return nothing;
      throw error;
    }
  }

  #node(node: ParsedNode, fallback: SourceSpan): Built {
    const anchor = isAlias(node) ? undefined : node.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, 'open');
    if (++this.#depth > MAX_DEPTH) this.#stop(`values are nested more than ${MAX_DEPTH} deep`, fallback);
    const built = this.#withoutAnchor(node, fallback);
    this.#depth--;
    if (anchor !== undefined) this.#anchors.set(anchor, built);
    return built;
  }

  #withoutAnchor(node: ParsedNode, fallback: SourceSpan): Built {
    const span = this.#spanOf(node, fallback);
    if (isAlias(node)) return this.#alias(node.source, span);
    this.#count(1, span);
    if (node.tag !== undefined && !CORE_TAGS.has(node.tag)) this.#tag(node.tag, span);
    if (isMap(node)) return this.#map(node.items as Pair<ParsedNode, ParsedNode | null>[], span);
    if (isSeq(node)) return this.#sequence(node.items as ParsedNode[], span);
    const value = this.#scalar(node as Scalar);
    return { value, span, size: 1, ...(typeof value === 'string' ? { textSpan: this.#textSpan(node, value) } : {}) };
  }

  #alias(name: string, span: SourceSpan): Built {
    const target = this.#anchors.get(name);
    if (target === undefined || target === 'open') {
      const message = target ? 'an alias stands inside its own anchor' : 'an alias has no anchor before it';
      // The name is not repeated: a password that begins with `*` reads as an alias, one with `!` as a tag.
      this.#report(
        'SL0005',
        message,
        span,
        'write `&name` at the value to repeat; a text that begins with `*` needs quotes',
      );
      return { value: null, span, size: 1 };
    }
    this.#count(target.size, span);
    return { ...target, span, anchoredAt: target.anchoredAt ?? target.span };
  }

  #map(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], span: SourceSpan): Built {
    const children = new Map<string, Built>();
    const merges: Built[] = [];
    let size = 1;
    for (const pair of pairs) {
      const keySpan = this.#spanOf(pair.key, span);
      const key = this.#key(pair.key, keySpan);
      const child = pair.value ? this.#node(pair.value, keySpan) : { value: null, span: keySpan, size: 1 };
      size += child.size;
      if (key === undefined) continue;
      if (key === '<<' && isPlain(pair.key)) merges.push(child);
      else if (children.has(key)) this.#duplicate(child.value === null ? undefined : key, keySpan, children.get(key)!);
      else children.set(key, { ...child, keySpan });
    }
    for (const merge of merges) this.#merge(merge, children);
    return { value: objectOf(children), span, children, size };
  }

  #merge(source: Built, into: Map<string, Built>): void {
    const maps = Array.isArray(source.value) ? [...(source.children?.values() ?? [])] : [source];
    for (const map of maps as Built[]) {
      if (map.value === null || typeof map.value !== 'object' || Array.isArray(map.value)) {
        this.#report('SL0005', '`<<` merges mappings only', map.span);
        continue;
      }
      for (const [key, child] of map.children ?? []) if (!into.has(String(key))) into.set(String(key), child as Built);
    }
  }

  #sequence(items: readonly ParsedNode[], span: SourceSpan): Built {
    const children = new Map<number, Built>();
    let size = 1;
    for (const [index, item] of items.entries()) {
      const child = this.#node(item, span);
      children.set(index, child);
      size += child.size;
    }
    return { value: [...children.values()].map((child) => child.value), span, children, size };
  }

  #key(node: ParsedNode, span: SourceSpan): string | undefined {
    if (isAlias(node)) return String(this.#alias(node.source, span).value);
    if (isScalar(node)) return isPlain(node) && node.source === '<<' ? '<<' : String(this.#scalar(node));
    const isTemplate = isMap(node) && this.#text[(node.range?.[0] ?? 0) - 1] === '{';
    if (isTemplate)
      this.#report('SL0007', 'a template is not YAML', span, 'render the template first, or put the value in quotes');
    else this.#report('SL0007', 'a key must be a single word, not a list or a mapping', span);
    return undefined;
  }

  #tag(tag: string, value: SourceSpan): void {
    const line = this.#lines.line(value.line).slice(0, value.column - 1);
    const start = line.lastIndexOf(`!${tag.replace(/^!|^tag:yaml\.org,2002:/, '')}`);
    const column = start < 0 ? value.column : line.lastIndexOf(' ', start) + 2;
    const span = start < 0 ? value : { ...value, column, endLine: value.line, endColumn: line.trimEnd().length + 1 };
    this.#report(
      'SL0006',
      'YAML tags are not supported',
      span,
      'remove the tag; a text that begins with `!` needs quotes',
    );
  }

  #scalar(node: Scalar): string | number | boolean | null {
    const text = node.type === 'PLAIN' ? (node.source ?? '') : String(node.value ?? '');
    if (node.tag === coreTag('str')) return text;
    return node.type === 'PLAIN' || node.tag !== undefined ? resolvePlainScalar(text, this.#dialect) : text;
  }

  /** Worked out when asked for: few places of few texts ever are. */
  #textSpan(node: ParsedNode, value: string): NonNullable<SourceNode['textSpan']> {
    return (start, end) => {
      const { range } = node;
      const style = (node as Scalar).type as ScalarStyle | undefined;
      if (!range || style === undefined) return undefined;
      const offsets = scalarOffsets(this.#text.slice(range[0], range[1]), value, style);
      if (offsets === undefined || start >= value.length) return undefined;
      const last = Math.min(Math.max(end, start + 1), value.length) - 1;
      return this.#lines.spanAt(range[0] + offsets.starts[start]!, range[0] + offsets.ends[last]!);
    };
  }

  #spanOf(node: ParsedNode, fallback: SourceSpan): SourceSpan {
    const range = node.range;
    if (!range) return fallback;
    const [start, end] = range;
    const written = this.#text.slice(start, end).trimEnd();
    return written === '' ? fallback : this.#lines.spanAt(start, start + written.length);
  }

  /** A key without a value may be a text that lost its key, such as a password: it is not named. */
  #duplicate(key: string | undefined, span: SourceSpan, first: Built): void {
    this.issues.push({
      code: 'SL0002',
      severity: 'error',
      message: `${key === undefined ? 'a key' : `key \`${key}\``} is written twice`,
      span,
      label: 'written again here',
      related: [{ span: first.keySpan ?? first.span, label: 'first written here' }],
      help: 'keep one of the two; YAML allows a key once in a mapping',
    });
  }

  #count(values: number, span: SourceSpan): void {
    this.#total += values;
    if (this.#total > MAX_VALUES)
      this.#stop(`the document has more than ${MAX_VALUES} values`, span, 'repeat fewer anchors, or split the file');
  }

  #stop(message: string, span: SourceSpan, help?: string): never {
    this.#report('SL0004', message, span, help);
    throw new LimitReached(message);
  }

  #report(code: string, message: string, span: SourceSpan, help?: string): void {
    this.issues.push({ code, severity: 'error', message, span, ...(help === undefined ? {} : { help }) });
  }
}

/** Stops the building of a document that passed a limit; the issue is already reported. */
class LimitReached extends Error {}

function isPlain(node: ParsedNode): node is Scalar.Parsed {
  return isScalar(node) && node.type === 'PLAIN';
}

function objectOf(children: ReadonlyMap<string, Built>): Record<string, unknown> {
  return Object.fromEntries([...children].map(([key, child]) => [key, child.value]));
}
