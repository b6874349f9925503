import { EvaluationError } from '../function.ts';
import { MAX_XPATH_VISITS } from './limits.ts';
import { innerText, type XmlAttribute, type XmlNode } from './xml-tree.ts';

export interface AttributeNode extends XmlAttribute {
  readonly kind: 'attribute';
  readonly parent: XmlNode;
  /** Its place among the attributes of its element. */
  readonly index: number;
}

export type XPathNode = XmlNode | AttributeNode;
export type XPathValue = readonly XPathNode[] | string | number | boolean;

/** Where an expression is evaluated; visits are shared by all parts of one evaluation. */
export interface XPathContext {
  readonly node: XPathNode;
  readonly position: number;
  readonly size: number;
  readonly visits: { count: number };
}

export type XPathExpression = (context: XPathContext) => XPathValue;

export function visit({ visits }: XPathContext, count: number): void {
  visits.count += count;
  if (visits.count > MAX_XPATH_VISITS)
    throw new EvaluationError(`the XPath looks at more than ${MAX_XPATH_VISITS} nodes`);
}

export function isNodes(value: XPathValue): value is readonly XPathNode[] {
  return typeof value === 'object';
}

export function textOfNode(node: XPathNode): string {
  if (node.kind === 'attribute') return node.value;
  return node.kind === 'comment' ? node.text : innerText(node);
}

export function toText(value: XPathValue): string {
  if (isNodes(value)) return value[0] === undefined ? '' : textOfNode(value[0]);
  return String(value);
}

export function toNumber(value: XPathValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  const text = toText(value).trim();
  return /^-?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
}

export function toBoolean(value: XPathValue): boolean {
  if (typeof value === 'boolean') return value;
  return isNodes(value)
    ? value.length > 0
    : typeof value === 'string'
      ? value !== ''
      : value !== 0 && !Number.isNaN(value);
}

type Relation = (a: string | number | boolean, b: string | number | boolean) => boolean;

const RELATIONS: Readonly<Record<string, Relation>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** A set of nodes compares as any of them does. */
export function compareValues(operator: string, a: XPathValue, b: XPathValue): boolean {
  if (isNodes(a) && typeof b !== 'boolean') return a.some((node) => compareValues(operator, textOfNode(node), b));
  if (isNodes(b) && typeof a !== 'boolean') return b.some((node) => compareValues(operator, a, textOfNode(node)));
  const holds = RELATIONS[operator]!;
  const isEquality = operator === '=' || operator === '!=';
  if (isEquality && (typeof a === 'boolean' || typeof b === 'boolean')) return holds(toBoolean(a), toBoolean(b));
  if (isEquality && typeof a === 'string' && typeof b === 'string') return holds(a, b);
  return holds(toNumber(a), toNumber(b));
}
