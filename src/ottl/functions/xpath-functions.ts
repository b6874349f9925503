import {
  isNodes,
  textOfNode,
  toBoolean,
  toNumber,
  toText,
  type XPathContext,
  type XPathNode,
  type XPathValue,
} from './xpath-value.ts';

/** A function of XPath: how many arguments it takes at least and at most, and what it gives. */
export interface XPathFunction {
  readonly least: number;
  readonly most: number;
  call(args: readonly XPathValue[], context: XPathContext): XPathValue;
}

function define(least: number, most: number, call: XPathFunction['call']): XPathFunction {
  return { least, most, call };
}

/** The first node of an argument, or the current one. */
function nodeOf(args: readonly XPathValue[], { node }: XPathContext): XPathNode | undefined {
  const [nodes] = args;
  return nodes === undefined ? node : isNodes(nodes) ? nodes[0] : undefined;
}

const localName = (node: XPathNode | undefined): string => (node === undefined || !('name' in node) ? '' : node.name);
const prefixOf = (node: XPathNode | undefined): string =>
  node?.prefix === undefined || node.prefix === '' ? '' : `${node.prefix}:`;
const textArgument = (args: readonly XPathValue[], { node }: XPathContext): string =>
  args[0] === undefined ? textOfNode(node) : toText(args[0]);
const two = (args: readonly XPathValue[]): readonly [string, string] => [toText(args[0]!), toText(args[1]!)];

export const XPATH_FUNCTIONS: Readonly<Record<string, XPathFunction>> = {
  last: define(0, 0, (_, { size }) => size),
  position: define(0, 0, (_, { position }) => position),
  count: define(1, 1, ([nodes]) => (isNodes(nodes!) ? nodes.length : 0)),
  'local-name': define(0, 1, (args, context) => localName(nodeOf(args, context))),
  name: define(0, 1, (args, context) => prefixOf(nodeOf(args, context)) + localName(nodeOf(args, context))),
  string: define(0, 1, textArgument),
  concat: define(2, 100, (args) => args.map(toText).join('')),
  'starts-with': define(2, 2, (args) => two(args)[0].startsWith(two(args)[1])),
  'ends-with': define(2, 2, (args) => two(args)[0].endsWith(two(args)[1])),
  contains: define(2, 2, (args) => two(args)[0].includes(two(args)[1])),
  'substring-before': define(2, 2, (args) => {
    const [text, mark] = two(args);
    return text.slice(0, Math.max(0, text.indexOf(mark)));
  }),
  'substring-after': define(2, 2, (args) => {
    const [text, mark] = two(args);
    return text.includes(mark) ? text.slice(text.indexOf(mark) + mark.length) : '';
  }),
  substring: define(2, 3, ([text, start, length]) => {
    const from = Math.round(toNumber(start!));
    const end = length === undefined ? Number.POSITIVE_INFINITY : from + Math.round(toNumber(length));
    return [...toText(text!)].filter((_, i) => i + 1 >= from && i + 1 < end).join('');
  }),
  'string-length': define(0, 1, (args, context) => [...textArgument(args, context)].length),
  'normalize-space': define(0, 1, (args, context) => textArgument(args, context).trim().replace(/\s+/g, ' ')),
  'lower-case': define(1, 1, ([text]) => toText(text!).toLowerCase()),
  translate: define(3, 3, ([text, from, to]) => {
    const [old, by] = [[...toText(from!)], [...toText(to!)]];
    return [...toText(text!)].map((one) => (old.includes(one) ? (by[old.indexOf(one)] ?? '') : one)).join('');
  }),
  boolean: define(1, 1, ([value]) => toBoolean(value!)),
  not: define(1, 1, ([value]) => !toBoolean(value!)),
  true: define(0, 0, () => true),
  false: define(0, 0, () => false),
  number: define(0, 1, (args, { node }) => toNumber(args[0] ?? [node])),
  sum: define(1, 1, ([nodes]) =>
    isNodes(nodes!) ? nodes.reduce((sum, node) => sum + toNumber([node]), 0) : Number.NaN,
  ),
  floor: define(1, 1, ([value]) => Math.floor(toNumber(value!))),
  ceiling: define(1, 1, ([value]) => Math.ceil(toNumber(value!))),
  round: define(1, 1, ([value]) => Math.round(toNumber(value!))),
};
