import fc from 'fast-check';
import {
  type Call,
  COMPARISON_OPERATORS,
  type Condition,
  type Expression,
  type Statement,
} from '../../src/ottl/syntax.ts';

/** Syntax trees of OTTL as its parser makes them, without their places in a text. */
const AT = { start: 0, end: 0 };

const lower = fc
  .tuple(fc.stringMatching(/^[a-z][a-z0-9_]{0,4}$/), fc.nat(9))
  .map(([name, digit]) => (KEYWORDS.has(name) ? `${name}${digit}` : name));
const KEYWORDS = new Set(['nil', 'not', 'or', 'and', 'true', 'false', 'where']);
const symbol = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,5}$/);
const functionName = fc.stringMatching(/^[A-Z][a-z][A-Za-z0-9]{0,5}$/);
const text = fc.string({ unit: 'grapheme', maxLength: 8 });

const int = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }).map((value): Expression => ({ kind: 'int', value, ...AT }));
const float = fc
  .double({ min: 0, noNaN: true, noDefaultInfinity: true })
  .map((value): Expression => ({ kind: 'float', value: Math.abs(value), ...AT }));
const string = text.map((value): Expression => ({ kind: 'string', value, ...AT }));

const plain = fc.oneof(
  string,
  fc.constant<Expression>({ kind: 'nil', ...AT }),
  fc.boolean().map((value): Expression => ({ kind: 'bool', value, ...AT })),
  fc.uint8Array({ minLength: 1, maxLength: 4 }).map((value): Expression => ({ kind: 'bytes', value, ...AT })),
  symbol.map((name): Expression => ({ kind: 'symbol', name, ...AT })),
);

/** An alias, since an interface is no Record to letrec. */
type Trees = {
  readonly operand: Expression;
  readonly sum: Expression;
  readonly value: Expression;
  readonly key: Expression;
  readonly call: Call;
  readonly condition: Condition;
  readonly term: Condition;
  readonly factor: Condition;
};

const trees = fc.letrec<Trees>((tie) => {
  const keys = fc.array(tie('key'), { maxLength: 2 });
  const field = fc.record({ name: lower, keys }).map(({ name, keys }) => ({ name, keys, ...AT }));
  const path = fc
    .array(field, { minLength: 1, maxLength: 3 })
    .map((fields): Expression => ({ kind: 'path', fields, ...AT }));
  const signed = fc
    .tuple(fc.constantFrom('+', '-'), tie('operand'))
    .map(([sign, operand]): Expression => ({ kind: 'sign', sign: sign as '+' | '-', operand, ...AT }));
  const group = tie('sum').map((inner): Expression => ({ kind: 'group', inner, ...AT }));
  const factor = fc.oneof({ weight: 3, arbitrary: tie('operand') }, { weight: 1, arbitrary: signed });
  const chain = (part: fc.Arbitrary<Expression>, operators: readonly string[]) =>
    fc
      .tuple(part, fc.array(fc.tuple(fc.constantFrom(...operators), part), { maxLength: 2 }))
      .map(([first, rest]): Expression => {
        const steps = rest.map(([operator, operand]) => ({ operator: operator as '+', operand }));
        return steps.length === 0 ? first : { kind: 'math', first, rest: steps, ...AT };
      });
  const comparison = fc
    .tuple(tie('value'), fc.constantFrom(...COMPARISON_OPERATORS), tie('value'))
    .map(([left, operator, right]): Condition => ({ kind: 'comparison', operator, left, right, ...AT }));
  const joined = (kind: 'or' | 'and', term: fc.Arbitrary<Condition>) =>
    fc
      .array(term, { minLength: 1, maxLength: 3 })
      .map((terms): Condition => (terms.length === 1 ? terms[0]! : { kind, terms, ...AT }));
  return {
    operand: fc.oneof({ depthSize: 'small' }, int, float, path, tie('call'), group),
    sum: chain(chain(factor, ['*', '/']), ['+', '-']),
    value: fc.oneof(
      { depthSize: 'small' },
      plain,
      tie('sum'),
      fc.array(tie('value'), { maxLength: 3 }).map((items): Expression => ({ kind: 'list', items, ...AT })),
      fc
        .array(fc.record({ key: text, value: tie('value') }), { maxLength: 3 })
        .map((entries): Expression => ({ kind: 'map', entries, ...AT })),
    ),
    key: fc.oneof({ depthSize: 'small' }, string, int, path),
    call: callOf(functionName, tie('value'), keys),
    condition: joined('or', tie('term')),
    term: joined('and', tie('factor')),
    factor: fc.oneof(
      { depthSize: 'small' },
      comparison,
      fc.boolean().map((value): Condition => ({ kind: 'constant', value, ...AT })),
      tie('call').map((call): Condition => ({ kind: 'test', call, ...AT })),
      fc.oneof(comparison, joined('and', comparison)).map((inner): Condition => ({ kind: 'parens', inner, ...AT })),
      comparison.map((operand): Condition => ({ kind: 'not', operand, ...AT })),
    ),
  };
});

function callOf(
  name: fc.Arbitrary<string>,
  value: fc.Arbitrary<Expression>,
  keys: fc.Arbitrary<readonly Expression[]>,
): fc.Arbitrary<Call> {
  const applied = functionName.map((name): Expression => ({ kind: 'function', name, ...AT }));
  const argument = fc
    .tuple(fc.option(lower), fc.oneof(value, applied))
    .map(([name, value]) => ({ ...(name !== null && { name }), value, ...AT }));
  return fc
    .record({ name, arguments: fc.array(argument, { maxLength: 3 }), keys })
    .map((call): Call => ({ kind: 'call', nameRange: AT, ...call, ...AT }));
}

export const conditionArbitrary: fc.Arbitrary<Condition> = trees.condition;

export const statementArbitrary: fc.Arbitrary<Statement> = fc
  .tuple(callOf(lower, trees.value, fc.constant([])), fc.option(trees.condition))
  .map(([editor, where]) => ({ kind: 'statement', editor, ...(where !== null && { where }), ...AT }));
