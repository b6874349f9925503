import { parseSum, parseValue } from './parse-value.ts';
import { COMPARISON_OPERATORS, type ComparisonOperator, type Condition, type Expression } from './syntax.ts';
import { describe, type TokenReader } from './token-reader.ts';

/** What parentheses hold is known only when they were read: a computation, `(a + b) == c`, or a condition, `(a == b) and c`. */
type Side = { readonly value: Expression } | { readonly condition: Condition };

/** `or` binds weakest, then `and`, then `not`. */
export function parseCondition(reader: TokenReader): Condition {
  return toCondition(reader, parseOr(reader));
}

function parseOr(reader: TokenReader): Side {
  return parseTerms(reader, 'or', parseAnd);
}

function parseAnd(reader: TokenReader): Side {
  return parseTerms(reader, 'and', parseNot);
}

function parseTerms(reader: TokenReader, kind: 'or' | 'and', parseTerm: (reader: TokenReader) => Side): Side {
  const first = parseTerm(reader);
  if (!reader.is(kind)) return first;
  const terms = [toCondition(reader, first)];
  while (reader.takeIf(kind)) terms.push(toCondition(reader, parseTerm(reader)));
  return { condition: { kind, terms, start: terms[0]!.start, end: reader.position } };
}

function parseNot(reader: TokenReader): Side {
  const not = reader.takeIf('not');
  if (not === undefined) return parseComparison(reader);
  if (reader.is('not')) reader.fail('`not` stands once', { help: 'leave both out, or write `not (not …)`' });
  const operand = toCondition(reader, parseComparison(reader));
  return { condition: { kind: 'not', operand, start: not.start, end: operand.end } };
}

function parseComparison(reader: TokenReader): Side {
  const left = reader.is('sign', '(') ? parseParentheses(reader) : { value: parseValue(reader) };
  if (!reader.is('comparison')) return left;
  if ('condition' in left)
    return reader.fail(`a condition can't be compared`, { help: 'compare values: `a == b and b == c`' });
  const operator = takeOperator(reader);
  const right = parseValue(reader);
  if (reader.is('comparison')) reader.fail(`a comparison can't be compared`, { help: 'write two, joined with `and`' });
  const { start } = left.value;
  return { condition: { kind: 'comparison', operator, left: left.value, right, start, end: right.end } };
}

function takeOperator(reader: TokenReader): ComparisonOperator {
  const { text } = reader.take();
  return COMPARISON_OPERATORS.find((operator) => operator === text)!;
}

function parseParentheses(reader: TokenReader): Side {
  const group = reader.nested<Side>(() => {
    const { start } = reader.take();
    const inner = parseOr(reader);
    if (!reader.is('sign', ')')) failAfter(reader, inner);
    const { end } = reader.take();
    if ('condition' in inner) return { condition: { kind: 'parens', inner: inner.condition, start, end } };
    if (inner.value.kind === 'bool')
      return { condition: { kind: 'parens', inner: toCondition(reader, inner), start, end } };
    return { value: { kind: 'group', inner: inner.value, start, end } };
  });
  if ('condition' in group) return group;
  return { value: parseSum(reader, checkGroup(reader, group.value)) };
}

/** Only what can be computed with may stand in parentheses. */
function checkGroup(reader: TokenReader, value: Expression): Expression {
  const inner = value.kind === 'group' ? value.inner : value;
  if (!['path', 'call', 'int', 'float', 'sign', 'math', 'group'].includes(inner.kind))
    reader.fail('parentheses stand around conditions and computations only', { start: value.start, end: value.end });
  return value;
}

function toCondition(reader: TokenReader, side: Side): Condition {
  if ('condition' in side) return side.condition;
  const { value } = side;
  const { start, end } = value;
  if (value.kind === 'bool') return { kind: 'constant', value: value.value, start, end };
  if (value.kind === 'call') return { kind: 'test', call: value, start, end };
  if (value.kind === 'group' && (value.inner.kind === 'call' || value.inner.kind === 'group'))
    return { kind: 'parens', inner: toCondition(reader, { value: value.inner }), start, end };
  return failAfter(reader, side);
}

/** Operators that other languages write as words, and what OTTL has. */
const WORD_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['contains', 'IsMatch(…, "…")'],
  ['matches', 'IsMatch(…, "…")'],
  ['like', 'IsMatch(…, "…")'],
  ['startswith', 'HasPrefix(…, "…")'],
  ['endswith', 'HasSuffix(…, "…")'],
  ['in', 'ContainsValue([…], …)'],
]);

function failAfter(reader: TokenReader, side: Side): never {
  const { next } = reader;
  if (next.kind === 'sign' && next.text === '=')
    reader.fail('expected a comparison, found an assignment', {
      label: '`=` is not an OTTL operator',
      help: 'to compare, write `==`',
    });
  if (next.kind === 'word' && /^(AND|OR|NOT|And|Or|Not)$/.test(next.text))
    reader.fail(`expected an operator, found ${describe(next)}`, { help: `write \`${next.text.toLowerCase()}\`` });
  const converter = next.kind === 'word' ? WORD_OPERATORS.get(next.text.toLowerCase()) : undefined;
  if (converter !== undefined)
    reader.fail(`expected an operator, found ${describe(next)}`, { help: `write \`${converter}\`` });
  if ('condition' in side) reader.fail(`expected \`and\`, \`or\` or \`)\`, found ${describe(next)}`);
  const { value } = side;
  const isEnd = next.kind === 'end' || next.kind === 'and' || next.kind === 'or' || next.text === ')';
  return reader.fail(`expected a comparison, found ${describe(next)}`, {
    ...(isEnd && { start: value.start, end: value.end, label: 'this is a value, not a condition' }),
    ...(value.kind === 'path' && isEnd && { help: 'compare it, as in `… == true` or `… != nil`' }),
  });
}
