import { type Argument, EvaluationError, type FunctionSpec, type Getter, InvalidArgument } from '../function.ts';
import type { ListValue, Value } from '../value.ts';
import { getterOf, parameters } from './argument.ts';
import { trimSpace } from './cases.ts';
import { MAX_XML_NODES } from './limits.ts';
import {
  addChild,
  copyNode,
  countNodes,
  innerText,
  newNode,
  parseXml,
  removeAttributes,
  removeNodes,
  writeChildren,
  type XmlNode,
} from './xml-tree.ts';
import { compileXPath } from './xpath.ts';
import type { XPathNode } from './xpath-value.ts';

const SAMPLE = '"<log id=\\"7\\"><user>jo</user></log>"';

export const XML_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'ParseXML',
    parameters: parameters(['target', 'StringGetter']),
    doc: 'Makes a map of an XML document: tag, content, attributes and children of each element.',
    example: `ParseXML(${SAMPLE})`,
    create([target]) {
      const textOf = getterOf<string>(target);
      return (row) => parseWhole(textOf(row));
    },
  },
  {
    name: 'ParseSimplifiedXML',
    parameters: parameters(['target', 'StringGetter']),
    doc: 'Makes a map of the texts in XML, with the elements’ names as keys; attributes, and text beside elements, are left out.',
    example: `ParseSimplifiedXML(${SAMPLE})`,
    create([target]) {
      const textOf = getterOf<string>(target);
      return (row) => simplified(parseDocument('ParseSimplifiedXML', textOf(row)));
    },
  },
  {
    name: 'GetXML',
    parameters: parameters(['target', 'StringGetter'], ['x_path', 'string']),
    doc: 'Gives what an XPath selects in XML, as XML.',
    example: `GetXML(${SAMPLE}, "/log/user")`,
    create: (args) => editXml('GetXML', args, (_, nodes) => selection(nodes)),
  },
  {
    name: 'InsertXML',
    parameters: parameters(['target', 'StringGetter'], ['x_path', 'string'], ['sub_document', 'StringGetter']),
    doc: 'Puts XML at the end of each element that an XPath selects.',
    example: `InsertXML(${SAMPLE}, "/log", "<app>shop</app>")`,
    create(args) {
      const addedOf = getterOf<string>(args[2]);
      return editXml('InsertXML', args, (document, nodes, row) => {
        const added = parseDocument('InsertXML', addedOf(row));
        if (nodes.length * countNodes(added) > MAX_XML_NODES)
          throw new EvaluationError(`InsertXML: more than ${MAX_XML_NODES} nodes would be inserted`);
        for (const node of nodes) {
          if (node.kind !== 'element' && node.kind !== 'document')
            throw new EvaluationError('InsertXML: the XPath selects something else than elements');
          for (const child of added.children) addChild(node, copyNode(child));
        }
        return document;
      });
    },
  },
  {
    name: 'RemoveXML',
    parameters: parameters(['target', 'StringGetter'], ['x_path', 'string']),
    doc: 'Removes what an XPath selects from XML: elements, attributes, text and comments.',
    example: `RemoveXML(${SAMPLE}, "//@id")`,
    create: (args) => editXml('RemoveXML', args, (document, nodes) => withoutNodes(document, nodes)),
  },
  {
    name: 'ConvertAttributesToElementsXML',
    parameters: parameters(['target', 'StringGetter'], ['x_path?', 'string']),
    doc: 'Makes elements of the attributes that an XPath selects, of all if there is none.',
    example: `ConvertAttributesToElementsXML(${SAMPLE})`,
    create: ([target, xPath]) =>
      editXml('ConvertAttributesToElementsXML', [target, xPath || '//@*'], (document, nodes) => {
        const attributes = nodes.filter((node) => node.kind === 'attribute');
        for (const { name, value, parent } of attributes) {
          const element = newNode('element', { name });
          addChild(element, newNode('text', { text: value }));
          addChild(parent, element);
        }
        removeAttributes(attributes);
        return document;
      }),
  },
  {
    name: 'ConvertTextToElementsXML',
    parameters: parameters(['target', 'StringGetter'], ['x_path?', 'string'], ['element_name?', 'string']),
    doc: 'Puts text that stands beside other text or elements into elements of its own, called value unless a name is given.',
    example: 'ConvertTextToElementsXML("<log>hello<user>jo</user></log>")',
    create: ([target, xPath, elementName]) =>
      editXml('ConvertTextToElementsXML', [target, xPath || '/'], (document, nodes) => {
        for (const node of nodes)
          if (node.kind === 'element' || node.kind === 'document')
            wrapText(node, (elementName as string | undefined) || 'value');
        return document;
      }),
  },
];

type Row = Parameters<Getter>[0];

function editXml(
  functionName: string,
  [target, xPath]: readonly Argument[],
  edit: (document: XmlNode, nodes: readonly XPathNode[], row: Row) => XmlNode,
): Getter<string> {
  const textOf = getterOf<string>(target);
  const select = xPathOf(functionName, xPath as string);
  return (row) => {
    const text = textOf(row);
    if (text === '' && (functionName === 'GetXML' || functionName === 'RemoveXML')) return '';
    const isNew = text === '' && functionName === 'InsertXML';
    const document = isNew ? newNode('document') : parseDocument(functionName, text);
    return writeChildren(functionName, edit(document, select(document), row));
  };
}

function xPathOf(functionName: string, xPath: string): ReturnType<typeof compileXPath> {
  try {
    return compileXPath(xPath);
  } catch (error) {
    throw new InvalidArgument(1, `${functionName}: the XPath ${(error as Error).message}`);
  }
}

/** As upstream what stands before the first element is left out unless the text begins with an XML declaration. */
function parseDocument(functionName: string, text: string): XmlNode {
  const document = parseXml(functionName, text);
  const first = document.children.findIndex(({ kind }) => kind === 'element');
  if (first === -1) throw new EvaluationError(`${functionName}: the text has no element`);
  if (!text.startsWith('<?xml')) document.children = document.children.slice(first);
  return document;
}

function selection(nodes: readonly XPathNode[]): XmlNode {
  const selected = newNode('document');
  for (const node of nodes) {
    if (node.kind === 'element' || node.kind === 'text') selected.children.push(node);
    else if (node.kind === 'attribute') selected.children.push(newNode('text', { text: node.value }));
    else if (node.kind === 'cdata') selected.children.push(newNode('text', { text: innerText(node) }));
  }
  return selected;
}

function withoutNodes(document: XmlNode, nodes: readonly XPathNode[]): XmlNode {
  removeAttributes(nodes.filter((node) => node.kind === 'attribute'));
  const removed = new Set<XmlNode>();
  for (const node of nodes) {
    if (node.kind === 'text') node.text = '';
    else if (node.kind === 'element' || node.kind === 'comment' || node.kind === 'cdata') removed.add(node);
  }
  removeNodes(removed);
  return document;
}

function wrapText(parent: XmlNode, elementName: string): void {
  const elements = parent.children.filter(({ kind }) => kind === 'element');
  for (const element of elements) wrapText(element, elementName);
  const texts = parent.children.filter(({ kind }) => kind === 'text');
  if (texts.length === 0 || texts.length + elements.length <= 1) return;
  for (const node of texts) {
    node.kind = 'element';
    node.name = elementName;
    addChild(node, newNode('text', { text: node.text }));
  }
}

function parseWhole(text: string): Value {
  const { children } = parseXml('ParseXML', text);
  const at = children.findIndex(({ kind }) => kind === 'element');
  if (at === -1) throw new EvaluationError('ParseXML: the text has no element');
  if (at !== children.length - 1) throw new EvaluationError('ParseXML: something stands behind the element');
  return elementMap(children[at]!);
}

function elementMap(element: XmlNode): Map<string, Value> {
  const map = new Map<string, Value>([['tag', element.name]]);
  const content = element.children
    .filter(({ kind }) => kind === 'text' || kind === 'cdata')
    .map(({ text }) => trimSpace(text))
    .join('');
  if (content !== '') map.set('content', content);
  if (element.attributes.length > 0)
    map.set('attributes', new Map(element.attributes.map(({ name, value }) => [name, value])));
  const children = element.children.filter(({ kind }) => kind === 'element');
  if (children.length > 0) map.set('children', children.map(elementMap));
  return map;
}

/** Elements of one name become a list; those without text or such elements are left out. */
function simplified(parent: XmlNode): Map<string, Value> {
  const map = new Map<string, Value>();
  const elements = parent.children.filter(({ kind }) => kind === 'element');
  const counts = new Map<string, number>();
  for (const { name } of elements) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const element of elements) {
    if (element.children.length === 0) continue;
    const isRepeated = counts.get(element.name)! > 1;
    if (isRepeated && !map.has(element.name)) map.set(element.name, []);
    const value = leafText(element) || simplified(element);
    if (typeof value !== 'string' && value.size === 0) continue;
    if (isRepeated) (map.get(element.name) as ListValue).push(value);
    else map.set(element.name, value);
  }
  return map;
}

function leafText(element: XmlNode): string {
  if (element.children.some(({ kind }) => kind === 'element')) return '';
  return element.children.find(({ kind }) => kind === 'text' || kind === 'cdata')?.text ?? '';
}
