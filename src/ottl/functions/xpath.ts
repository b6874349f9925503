import { MAX_NESTING } from './limits.ts';
import type { XmlNode } from './xml-tree.ts';
import { AXES, inOrder, type NodeTest, rootOf, type Step, takeStep } from './xpath-axes.ts';
import { XPATH_FUNCTIONS } from './xpath-functions.ts';
import { type Token, tokenize } from './xpath-token.ts';
import {
  compareValues,
  isNodes,
  toBoolean,
  toNumber,
  type XPathContext,
  type XPathExpression,
  type XPathNode,
} from './xpath-value.ts';

/** The nodes that an XPath 1.0 expression selects in a document. Throws an Error for text that is none. */
export function compileXPath(text: string): (document: XmlNode) => readonly XPathNode[] {
  const expression = new XPathParser(text).parse();
  return (document) => {
    const value = expression({ node: document, position: 1, size: 1, visits: { count: 0 } });
    return isNodes(value) ? value : [];
  };
}

/** Operators by how tightly they bind, the loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', 'div', 'mod'],
];

const DESCENDANTS: Step = { axis: AXES['descendant-or-self']!, test: () => true, predicates: [] };

class XPathParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  parse(): XPathExpression {
    const expression = this.#operation(0);
    if (this.#at < this.#tokens.length) throw this.#fault();
    return expression;
  }

  #operation(level: number): XPathExpression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#operation(level + 1);
    for (let operator = this.#takeOne(operators); operator !== undefined; operator = this.#takeOne(operators))
      left = combine(operator, left, this.#operation(level + 1));
    return left;
  }

  #unary(): XPathExpression {
    if (!this.#take('-')) return this.#union();
    const operand = this.#unary();
    return (context) => -toNumber(operand(context));
  }

  #union(): XPathExpression {
    const parts = [this.#path()];
    while (this.#take('|')) parts.push(this.#path());
    if (parts.length === 1) return parts[0]!;
    return (context) =>
      inOrder(
        parts.map((part) => part(context)).flatMap((value) => (isNodes(value) ? value : [])),
        context,
      );
  }

  #path(): XPathExpression {
    const token = this.#peek();
    const next = this.#tokens[this.#at + 1];
    const isCall = token?.kind === 'name' && next?.text === '(' && next.kind === 'sign' && !NODE_TYPES.has(token.text);
    if (isCall || token?.kind === 'number' || token?.kind === 'text' || (token?.kind === 'sign' && token.text === '('))
      return this.#filtered();
    const isRooted = this.#isSign('/') || this.#isSign('//');
    const steps: Step[] = [];
    if (this.#take('//')) steps.push(DESCENDANTS, this.#step());
    else if (this.#take('/')) {
      if (this.#startsStep()) steps.push(this.#step());
    } else steps.push(this.#step());
    this.#moreSteps(steps);
    return (context) => walk([isRooted ? rootOf(context.node) : context.node], steps, context);
  }

  #moreSteps(steps: Step[]): void {
    for (;;) {
      if (this.#take('//')) steps.push(DESCENDANTS);
      else if (!this.#take('/')) return;
      steps.push(this.#step());
    }
  }

  #filtered(): XPathExpression {
    const primary = this.#primary();
    const predicates = this.#predicates();
    const steps: Step[] = [];
    this.#moreSteps(steps);
    if (predicates.length === 0 && steps.length === 0) return primary;
    return (context) => {
      const value = primary(context);
      let nodes = isNodes(value) ? value : [];
      for (const holds of predicates) {
        const size = nodes.length;
        nodes = nodes.filter((node, i) => holds({ ...context, node, position: i + 1, size }));
      }
      return walk(nodes, steps, context);
    };
  }

  #primary(): XPathExpression {
    const { kind, text } = this.#next();
    if (kind === 'number') return () => Number(text);
    if (kind === 'text') return () => text;
    if (kind === 'name') return this.#call(text);
    const inner = this.#nested(() => this.#operation(0));
    this.#expect(')');
    return inner;
  }

  #call(name: string): XPathExpression {
    const spec = Object.hasOwn(XPATH_FUNCTIONS, name) ? XPATH_FUNCTIONS[name] : undefined;
    if (spec === undefined) throw new Error(`has the function ${name}, which is not known`);
    this.#expect('(');
    const args: XPathExpression[] = [];
    if (!this.#isSign(')'))
      do args.push(this.#nested(() => this.#operation(0)));
      while (this.#take(','));
    this.#expect(')');
    if (args.length < spec.least || args.length > spec.most) throw new Error(`gives ${name} ${args.length} arguments`);
    return (context) =>
      spec.call(
        args.map((arg) => arg(context)),
        context,
      );
  }

  #step(): Step {
    if (this.#take('..')) return { axis: AXES['parent']!, test: () => true, predicates: [] };
    if (this.#take('.')) return { axis: AXES['self']!, test: () => true, predicates: this.#predicates() };
    let axisName = 'child';
    if (this.#take('@')) axisName = 'attribute';
    else if (this.#tokens[this.#at + 1]?.text === '::') {
      axisName = this.#next().text;
      this.#expect('::');
    }
    const axis = Object.hasOwn(AXES, axisName) ? AXES[axisName] : undefined;
    if (axis === undefined) throw new Error(`has the axis ${axisName}, which is not known`);
    return {
      axis,
      test: this.#nodeTest(axisName === 'attribute' ? 'attribute' : 'element'),
      predicates: this.#predicates(),
    };
  }

  #nodeTest(kind: 'attribute' | 'element'): NodeTest {
    if (this.#take('*')) return (node) => node.kind === kind;
    const { kind: tokenKind, text } = this.#next();
    if (tokenKind !== 'name') throw this.#fault();
    const type = NODE_TYPES.get(text);
    if (type !== undefined && this.#take('(')) {
      this.#expect(')');
      return type;
    }
    if (!this.#take(':')) return (node) => node.kind === kind && node.name === text && node.prefix === '';
    if (this.#take('*')) return (node) => node.kind === kind && node.prefix === text;
    const { text: name } = this.#next();
    return (node) => node.kind === kind && node.name === name && node.prefix === text;
  }

  #predicates(): readonly ((context: XPathContext) => boolean)[] {
    const predicates: ((context: XPathContext) => boolean)[] = [];
    while (this.#take('[')) {
      const condition = this.#nested(() => this.#operation(0));
      this.#expect(']');
      predicates.push((context) => {
        const value = condition(context);
        return typeof value === 'number' ? value === context.position : toBoolean(value);
      });
    }
    return predicates;
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_NESTING) throw new Error(`nests more than ${MAX_NESTING} deep`);
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #startsStep(): boolean {
    const token = this.#peek();
    return token?.kind === 'name' || (token?.kind === 'sign' && ['*', '@', '.', '..'].includes(token.text));
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #next(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error('ends too early');
    return token;
  }

  #isSign(text: string): boolean {
    const token = this.#peek();
    return token?.kind === 'sign' && token.text === text;
  }

  #take(text: string): boolean {
    if (!this.#isSign(text)) return false;
    this.#at += 1;
    return true;
  }

  #takeOne(operators: readonly string[]): string | undefined {
    const token = this.#peek();
    if (token === undefined || token.kind === 'text' || !operators.includes(token.text)) return undefined;
    this.#at += 1;
    return token.text;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#fault();
  }

  #fault(): Error {
    return new Error(`has ${this.#peek()?.text ?? 'its end'} where it may not be`);
  }
}

const NODE_TYPES: ReadonlyMap<string, NodeTest> = new Map<string, NodeTest>([
  ['text', (node) => node.kind === 'text' || node.kind === 'cdata'],
  ['comment', (node) => node.kind === 'comment'],
  ['node', () => true],
  ['processing-instruction', (node) => node.kind === 'instruction'],
]);

function walk(nodes: readonly XPathNode[], steps: readonly Step[], context: XPathContext): readonly XPathNode[] {
  return steps.reduce((found, step) => takeStep(found, step, context), nodes);
}

function combine(operator: string, left: XPathExpression, right: XPathExpression): XPathExpression {
  if (operator === 'or') return (context) => toBoolean(left(context)) || toBoolean(right(context));
  if (operator === 'and') return (context) => toBoolean(left(context)) && toBoolean(right(context));
  const compute = ARITHMETIC[operator];
  if (compute !== undefined) return (context) => compute(toNumber(left(context)), toNumber(right(context)));
  return (context) => compareValues(operator, left(context), right(context));
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => a % b,
};
