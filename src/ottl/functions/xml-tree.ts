import { SaxesParser } from 'saxes';
import { EvaluationError } from '../function.ts';
import { checkLength, MAX_NESTING, MAX_XML_NODES } from './limits.ts';

export interface XmlAttribute {
  readonly prefix: string;
  readonly name: string;
  readonly value: string;
}

export type XmlKind =
  | 'document'
  | 'element'
  | 'text'
  | 'cdata'
  | 'comment'
  | 'declaration'
  | 'instruction'
  | 'directive';

export interface XmlNode {
  kind: XmlKind;
  /** Of an element, without its prefix; the target of an instruction. */
  name: string;
  prefix: string;
  /** Of what is neither element nor document. */
  text: string;
  attributes: XmlAttribute[];
  children: XmlNode[];
  parent: XmlNode | undefined;
}

export function newNode(kind: XmlKind, fields: Partial<XmlNode> = {}): XmlNode {
  return { kind, name: '', prefix: '', text: '', attributes: [], children: [], parent: undefined, ...fields };
}

export function addChild(parent: XmlNode, child: XmlNode): void {
  child.parent = parent;
  parent.children.push(child);
}

/** All at once, since each alone would look at all its siblings. */
export function removeNodes(nodes: ReadonlySet<XmlNode>): void {
  for (const parent of new Set([...nodes].map((node) => node.parent)))
    if (parent !== undefined) parent.children = parent.children.filter((child) => !nodes.has(child));
}

/** As upstream an attribute with a prefix stays. */
export function removeAttributes(attributes: readonly { readonly parent: XmlNode; readonly name: string }[]): void {
  const names = new Map<XmlNode, Set<string>>();
  for (const { parent, name } of attributes) names.set(parent, (names.get(parent) ?? new Set()).add(name));
  for (const [element, removed] of names)
    element.attributes = element.attributes.filter(({ prefix, name }) => prefix !== '' || !removed.has(name));
}

export function countNodes(node: XmlNode): number {
  return node.children.reduce((sum, child) => sum + countNodes(child), 1);
}

export function copyNode(node: XmlNode): XmlNode {
  const copy = newNode(node.kind, {
    name: node.name,
    prefix: node.prefix,
    text: node.text,
    attributes: [...node.attributes],
  });
  for (const child of node.children) addChild(copy, copyNode(child));
  return copy;
}

/**
 * The nodes of a text with any number of elements; no entities but those of XML itself, no document types but as text. Elements
 * deeper than MAX_NESTING, and more than MAX_XML_NODES nodes, are refused.
 */
export function parseXml(functionName: string, text: string): XmlNode {
  const [prolog = '', declaration] = /^<\?xml\s([^?]*)\?>/.exec(text) ?? [];
  const document = newNode('document');
  if (declaration !== undefined)
    addChild(document, newNode('declaration', { name: 'xml', attributes: pseudoAttributes(declaration) }));
  const [before = '', space = '', directive = ''] = DOCTYPE.exec(text.slice(prolog.length)) ?? [];
  if (space !== '') addChild(document, newNode('text', { text: space }));
  if (directive !== '') addChild(document, newNode('directive', { text: directive }));
  const builder = new TreeBuilder(functionName, document);
  try {
    builder.read(text.slice(prolog.length + before.length));
  } catch (error) {
    if (error instanceof EvaluationError) throw error;
    throw new EvaluationError(`${functionName}: the text is no XML: ${(error as Error).message}`, { cause: error });
  }
  return document;
}

const DOCTYPE = /^(\s*)<!(DOCTYPE[^[>]*(?:\[[^\]]*\]\s*)?)>/;

function pseudoAttributes(text: string): XmlAttribute[] {
  return [...text.matchAll(/(?<![\w.-])([\w.-]+)\s{0,100}=\s*(?:"([^"]*)"|'([^']*)')/g)].map(
    ([, name = '', double, single]) => ({
      prefix: '',
      name,
      value: double ?? single ?? '',
    }),
  );
}

class TreeBuilder {
  readonly #functionName: string;
  readonly #prefixes = new Set(['xml', 'xmlns']);
  #current: XmlNode;
  #depth = 0;
  #count = 0;

  constructor(functionName: string, document: XmlNode) {
    this.#functionName = functionName;
    this.#current = document;
  }

  read(text: string): void {
    const parser = new SaxesParser({ fragment: true, xmlns: false });
    parser.on('error', (error) => {
      throw error;
    });
    parser.on('opentag', ({ name, attributes }) => this.#open(name, attributes));
    parser.on('closetag', () => this.#close());
    parser.on('text', (content) => this.#add(newNode('text', { text: content })));
    parser.on('cdata', (content) => this.#add(newNode('cdata', { text: content })));
    parser.on('comment', (content) => this.#add(newNode('comment', { text: content })));
    parser.on('processinginstruction', ({ target, body }) =>
      this.#add(newNode('instruction', { name: target, text: body.trim() })),
    );
    parser.write(text).close();
  }

  #add(node: XmlNode): void {
    this.#count += 1 + node.attributes.length;
    if (this.#count > MAX_XML_NODES)
      throw new EvaluationError(`${this.#functionName}: the text has more than ${MAX_XML_NODES} nodes`);
    addChild(this.#current, node);
  }

  #open(qualified: string, written: Readonly<Record<string, string>>): void {
    const attributes = Object.entries(written).map(([name, value]) => ({ ...splitName(name), value }));
    for (const { prefix, name } of attributes) if (prefix === 'xmlns') this.#prefixes.add(name);
    const { prefix, name } = splitName(qualified);
    if (prefix !== '' && !this.#prefixes.has(prefix)) throw new Error(`the prefix ${prefix} is not declared`);
    const element = newNode('element', { name, prefix, attributes });
    this.#add(element);
    this.#current = element;
    this.#depth += 1;
    if (this.#depth > MAX_NESTING)
      throw new EvaluationError(`${this.#functionName}: elements stand more than ${MAX_NESTING} deep in each other`);
  }

  #close(): void {
    this.#current = this.#current.parent!;
    this.#depth -= 1;
  }
}

function splitName(qualified: string): { readonly prefix: string; readonly name: string } {
  const [, prefix = '', name = qualified] = /^([^:]+):(.+)$/.exec(qualified) ?? [];
  return { prefix, name };
}

/** What stands in a node, as XML. */
export function writeChildren(functionName: string, node: XmlNode): string {
  let text = '';
  for (const child of node.children) {
    text += writeNode(child);
    checkLength(functionName, text.length);
  }
  return text;
}

function writeNode(node: XmlNode): string {
  switch (node.kind) {
    case 'text':
      return escapeText(node.text);
    case 'cdata':
      return `<![CDATA[${node.text}]]>`;
    case 'comment':
      return `<!--${node.text}-->`;
    case 'directive':
      return `<!${node.text}>`;
    case 'declaration':
      return `<?${node.name}${writeAttributes(node)}?>`;
    case 'instruction':
      return `<?${node.name}${node.text === '' ? '' : ` ${node.text}`}?>`;
    default: {
      const name = node.prefix === '' ? node.name : `${node.prefix}:${node.name}`;
      return `<${name}${writeAttributes(node)}>${node.children.map(writeNode).join('')}</${name}>`;
    }
  }
}

function writeAttributes({ attributes }: XmlNode): string {
  return attributes
    .map(({ prefix, name, value }) => ` ${prefix === '' ? '' : `${prefix}:`}${name}="${escapeText(value)}"`)
    .join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  "'": '&#39;',
  '"': '&#34;',
};

function escapeText(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => ESCAPES[character]!);
}

export function innerText(node: XmlNode): string {
  if (node.kind === 'text' || node.kind === 'cdata') return node.text;
  return node.children.map(innerText).join('');
}
