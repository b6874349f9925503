import type { SourceSpan } from './issue.ts';
import type { Path } from './path.ts';

/** A value of a document with the places where it and its key were written. */
export interface SourceNode {
  readonly value: unknown;
  readonly span: SourceSpan;
  readonly keySpan?: SourceSpan;
  /** The key as it was written, when the tree has another for it. */
  readonly writtenKey?: string;
  readonly children?: ReadonlyMap<string | number, SourceNode>;
  /** Of an alias: where the value itself was written. */
  readonly anchoredAt?: SourceSpan;
  /** Of a text: where a part of it stands, from offset to offset. Undefined where that can't be told. */
  readonly textSpan?: (start: number, end: number) => SourceSpan | undefined;
}

/** One YAML document: its value as JSON would hold it, and where each part stands in the text. */
export class SourceDocument {
  readonly file: string;
  readonly value: unknown;
  readonly root: SourceNode;

  constructor(file: string, root: SourceNode) {
    this.file = file;
    this.value = root.value;
    this.root = root;
  }

  /** The span of a value, or of its key; undefined when the path does not exist. List items have no key: their value stands in. */
  spanOf(path: Path, part: 'key' | 'value' = 'value'): SourceSpan | undefined {
    const node = this.#find(path);
    return part === 'key' ? (node?.keySpan ?? node?.span) : node?.span;
  }

  /**
   * Where a part of a text stands, whatever quotes, escapes, folded or indented lines it is written with; the whole text where
   * that can't be told. At its end there is nothing: then its last character stands in.
   */
  spanWithin(path: Path, start: number, end: number): SourceSpan | undefined {
    const node = this.#find(path);
    const { length } = typeof node?.value === 'string' ? node.value : '';
    return node?.textSpan?.(Math.max(0, Math.min(start, length - 1)), end) ?? node?.span;
  }

  /** The key of the deepest part of the path that exists: where to point when something is missing. */
  nearestSpan(path: Path): SourceSpan {
    for (let length = path.length; length > 0; length--) {
      const span = this.spanOf(path.slice(0, length), 'key');
      if (span) return span;
    }
    return firstLine(this.root);
  }

  /** The path as the user wrote it. Differs only where a document was converted from another version. */
  written(path: Path): Path {
    let node: SourceNode | undefined = this.root;
    return path.map((step) => {
      node = node?.children?.get(step);
      return node?.writtenKey ?? step;
    });
  }

  #find(path: Path): SourceNode | undefined {
    let node: SourceNode | undefined = this.root;
    for (const step of path) node = node?.children?.get(step);
    return node;
  }
}

function firstLine(root: SourceNode): SourceSpan {
  const first = root.children?.values().next().value;
  return first?.keySpan ?? first?.span ?? root.span;
}
