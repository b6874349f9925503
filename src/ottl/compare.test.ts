import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare } from './compare.ts';
import { COMPARISON_OPERATORS, type ComparisonOperator } from './syntax.ts';
import { Duration, IdValue, Time, type Value } from './value.ts';

const LESS = '!= < <=';
const EQUAL = '== <= >=';
const MORE = '!= > >=';
/** Same type, but no order; or different types. */
const OTHER = '!=';

const bytes = (...values: number[]) => Uint8Array.from(values);
const id = (kind: 'trace' | 'span', first: number) => new IdValue(kind, bytes(first, 0));

/** Which operators hold, as observed of pkg/ottl 0.149. */
const TABLE: readonly (readonly [Value, Value, string])[] = [
  [undefined, undefined, EQUAL],
  [undefined, '', OTHER],
  [undefined, 0n, OTHER],
  [undefined, false, OTHER],
  [1n, 2n, LESS],
  [2n, 2n, EQUAL],
  [2n, 2, EQUAL],
  [1.5, 1n, MORE],
  [9007199254740993n, 9007199254740992, EQUAL],
  [1n, '1', OTHER],
  [1n, true, OTHER],
  [Number.NaN, Number.NaN, OTHER],
  [Number.NaN, 1n, OTHER],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, EQUAL],
  [0, -0, EQUAL],
  ['a', 'b', LESS],
  ['', 'a', LESS],
  ['\uffff', '😀', LESS],
  ['a', bytes(97), OTHER],
  [false, true, LESS],
  [true, true, EQUAL],
  [bytes(1), bytes(1, 0), LESS],
  [bytes(2), bytes(1, 9), MORE],
  [bytes(), bytes(), EQUAL],
  [bytes(), undefined, EQUAL],
  [bytes(), bytes(1), OTHER],
  [bytes(), '', OTHER],
  [new Time(1n), new Time(2n), LESS],
  [new Time(1n, { name: 'UTC' }), new Time(1n, { name: 'x', offsetSeconds: 60 }), EQUAL],
  [new Duration(2n), new Duration(1n), MORE],
  [new Duration(1n), 1n, OTHER],
  [new Time(1n), new Duration(1n), OTHER],
  [id('trace', 1), id('span', 1), OTHER],
  [id('trace', 1), id('trace', 2), OTHER],
  [id('trace', 1), '0100', OTHER],
  [[1n, 'a'], [1n, 'b'], OTHER],
  [[1n], [1], OTHER],
  [new Map([['a', 1n]]), new Map([['b', 1n]]), OTHER],
  [new Map([['a', undefined]]), new Map([['b', 1n]]), OTHER],
  [[], new Map(), OTHER],
];

const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

describe('compare', () => {
  it.each(TABLE)('%j and %j'.replaceAll('%j', '%s'), (a, b, holding) => {
    const hold = (x: Value, y: Value) => COMPARISON_OPERATORS.filter((operator) => compare(x, y, operator));
    const expected = holding.split(' ');
    expect(hold(a, b)).toEqual(COMPARISON_OPERATORS.filter((operator) => expected.includes(operator)));
    expect(hold(b, a)).toEqual(COMPARISON_OPERATORS.filter((operator) => expected.includes(MIRRORED[operator])));
  });

  it('takes equal maps and lists as equal, with no order', () => {
    const a = new Map<string, Value>([
      ['x', [1n, bytes(1)]],
      ['y', undefined],
    ]);
    const b = new Map<string, Value>([
      ['y', undefined],
      ['x', [1n, bytes(1)]],
    ]);
    expect(COMPARISON_OPERATORS.filter((operator) => compare(a, b, operator))).toEqual(['==']);
    expect(COMPARISON_OPERATORS.filter((operator) => compare([a], [b], operator))).toEqual(['==']);
  });

  it('orders any ints as mathematics does', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
        fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
        (a, b) => {
          expect(compare(a, b, '<')).toBe(a < b);
          expect(compare(a, b, '>=')).toBe(a >= b);
        },
      ),
    );
  });
});
