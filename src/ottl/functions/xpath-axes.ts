import { type AttributeNode, visit, type XPathContext, type XPathNode } from './xpath-value.ts';

/** The nodes of an axis, the nearest first. */
export type Axis = (node: XPathNode) => readonly XPathNode[];

const childrenOf: Axis = (node) => (node.kind === 'attribute' ? [] : node.children);
const attributesOf: Axis = (node) =>
  node.kind !== 'element'
    ? []
    : node.attributes.map(
        (attribute, index): AttributeNode => ({ kind: 'attribute', parent: node, index, ...attribute }),
      );
const parentOf: Axis = (node) => (node.parent === undefined ? [] : [node.parent]);
const ancestorsOf: Axis = (node) => (node.parent === undefined ? [] : [node.parent, ...ancestorsOf(node.parent)]);
const descendantsOf: Axis = (node) => childrenOf(node).flatMap((child) => [child, ...descendantsOf(child)]);

function siblingsOf(node: XPathNode, direction: 1 | -1): readonly XPathNode[] {
  if (node.kind === 'attribute' || node.parent === undefined) return [];
  const { children } = node.parent;
  const at = children.indexOf(node);
  return direction === 1 ? children.slice(at + 1) : children.slice(0, at).reverse();
}

export const AXES: Readonly<Record<string, Axis>> = {
  child: childrenOf,
  attribute: attributesOf,
  self: (node) => [node],
  parent: parentOf,
  ancestor: ancestorsOf,
  'ancestor-or-self': (node) => [node, ...ancestorsOf(node)],
  descendant: descendantsOf,
  'descendant-or-self': (node) => [node, ...descendantsOf(node)],
  'following-sibling': (node) => siblingsOf(node, 1),
  'preceding-sibling': (node) => siblingsOf(node, -1),
  following: (node) =>
    [node, ...ancestorsOf(node)].flatMap((one) => siblingsOf(one, 1)).flatMap((one) => [one, ...descendantsOf(one)]),
  preceding: (node) =>
    [node, ...ancestorsOf(node)]
      .flatMap((one) => siblingsOf(one, -1))
      .flatMap((one) => [...descendantsOf(one)].reverse().concat(one)),
};

export type NodeTest = (node: XPathNode) => boolean;

export interface Step {
  readonly axis: Axis;
  readonly test: NodeTest;
  readonly predicates: readonly ((context: XPathContext) => boolean)[];
}

/** The nodes that a step leads to from each of these, without doubles and in the order of the document. */
export function takeStep(
  nodes: readonly XPathNode[],
  { axis, test, predicates }: Step,
  context: XPathContext,
): readonly XPathNode[] {
  const found: XPathNode[] = [];
  for (const node of nodes) {
    const all = axis(node);
    visit(context, all.length + 1);
    let candidates = all.filter(test);
    for (const holds of predicates) {
      const size = candidates.length;
      candidates = candidates.filter((candidate, i) => holds({ ...context, node: candidate, position: i + 1, size }));
    }
    found.push(...candidates);
  }
  return nodes.length > 1
    ? inOrder(found, context)
    : axis === parentOf || axis === ancestorsOf
      ? inOrder(found, context)
      : found;
}

export function rootOf(node: XPathNode): XPathNode {
  return node.parent === undefined ? node : rootOf(node.parent);
}

/** Attributes are made anew each time they are asked for; their element and name tell which is which. */
export function inOrder(nodes: readonly XPathNode[], context: XPathContext): readonly XPathNode[] {
  const [first] = nodes;
  if (first === undefined || nodes.length === 1) return nodes;
  const places = new Map<XPathNode, number>();
  const all = [rootOf(first), ...descendantsOf(rootOf(first))];
  visit(context, all.length);
  for (const [i, node] of all.entries()) places.set(node, i);
  const keyed = new Map<string, XPathNode>();
  for (const node of nodes) keyed.set(orderKey(node, places), node);
  return [...keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, node]) => node);
}

function orderKey(node: XPathNode, places: ReadonlyMap<XPathNode, number>): string {
  const element = node.kind === 'attribute' ? node.parent : node;
  const place = String(places.get(element) ?? 0).padStart(8, '0');
  if (node.kind !== 'attribute') return place;
  return `${place}@${String(node.index).padStart(8, '0')}`;
}
