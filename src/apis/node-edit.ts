import type { SourceNode } from '../diagnostics/index.ts';

/** Changes to a document that keep every place: what is renamed or moved still points at where it was written. */

const NOWHERE = { file: '', line: 1, column: 1, endLine: 1, endColumn: 1 };

/** A tree of a plain value that was never written down. */
export function nodeOf(value: unknown): SourceNode {
  if (typeof value !== 'object' || value === null) return { value, span: NOWHERE };
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return { value, span: NOWHERE, children: new Map(entries.map(([key, child]) => [key, nodeOf(child)])) };
}

export type NodeEdit = (node: SourceNode) => SourceNode;

/** Edits the node at a path. Where there is none, or null, nothing happens. */
export function editAt(node: SourceNode, path: readonly string[], edit: NodeEdit): SourceNode {
  const [name, ...rest] = path;
  if (name === undefined) return node.value === null ? node : edit(node);
  const child = node.children?.get(name);
  return child && isMapping(node) ? withChild(node, name, editAt(child, rest, edit)) : node;
}

/** Gives an entry another key, and remembers the one that was written. */
export function renameKey(from: string, to: string, edit: NodeEdit = (node) => node): NodeEdit {
  return (node) => {
    const child = node.children?.get(from);
    if (!child || !isMapping(node)) return node;
    const renamed = { ...edit(child), writtenKey: child.writtenKey ?? from };
    return withEntries(
      node,
      [...node.children!].map(([key, other]) => (key === from ? [to, renamed] : [key, other])),
    );
  };
}

export function removeKey(name: string): NodeEdit {
  return (node) =>
    isMapping(node)
      ? withEntries(
          node,
          [...node.children!].filter(([key]) => key !== name),
        )
      : node;
}

export function withValue(node: SourceNode, value: unknown): SourceNode {
  const { children: _, textSpan: __, ...place } = node;
  return { ...place, ...nodeOf(value), span: node.span };
}

/** Sets an entry, at the end if it is new. */
export function withChild(node: SourceNode, name: string, child: SourceNode): SourceNode {
  return withEntries(node, [...new Map(node.children).set(name, child)]);
}

function withEntries(node: SourceNode, entries: readonly (readonly [string | number, SourceNode])[]): SourceNode {
  const children = new Map(entries);
  return { ...node, value: Object.fromEntries([...children].map(([key, child]) => [key, child.value])), children };
}

export function isMapping(node: SourceNode): boolean {
  return node.children !== undefined && !Array.isArray(node.value);
}
