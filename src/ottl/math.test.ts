import { describe, expect, it } from 'vitest';
import { EvaluationError } from './function.ts';
import { compute, negate } from './math.ts';
import type { MathOperator } from './syntax.ts';
import { Duration, Time, type Value } from './value.ts';

const MAX = (1n << 63n) - 1n;
const MIN = -(1n << 63n);

describe('compute', () => {
  it.each<[Value, MathOperator, Value, Value]>([
    [1n, '+', 2n, 3n],
    [MAX, '+', 1n, MIN],
    [MIN, '-', 1n, MAX],
    [MAX, '*', 2n, -2n],
    [7n, '/', 2n, 3n],
    [-7n, '/', 2n, -3n],
    [MIN, '/', -1n, MIN],
    [1n, '+', 0.5, 1.5],
    [0.5, '-', 1n, -0.5],
    [1.5, '*', 2, 3],
    [1n, '/', 2, 0.5],
    [new Time(10n), '+', new Duration(5n), new Time(15n)],
    [new Time(10n), '-', new Duration(5n), new Time(5n)],
    [new Time(10n), '-', new Time(4n), new Duration(6n)],
    [new Time(1n << 70n), '-', new Time(0n), new Duration(MAX)],
    [new Duration(5n), '+', new Time(10n), new Time(15n)],
    [new Duration(MAX), '+', new Duration(1n), new Duration(MIN)],
    [new Duration(5n), '-', new Duration(7n), new Duration(-2n)],
  ])('%s %s %s', (x, operator, y, result) => {
    expect(compute(x, operator, y)).toEqual(result);
  });

  it.each<[Value, MathOperator, Value, string]>([
    [1n, '/', 0n, 'division by 0'],
    [1, '/', 0, 'division by 0'],
    [1n, '/', -0, 'division by 0'],
    [1n, '+', 'a', "`+` can't compute with int and string"],
    [undefined, '+', 1n, "`+` can't compute with nil and int"],
    [new Time(1n), '*', new Duration(1n), "`*` can't compute with time and duration"],
    [new Time(1n), '+', new Time(1n), "`+` can't compute with time and time"],
    [new Duration(1n), '-', new Time(1n), "`-` can't compute with duration and time"],
    [new Duration(1n), '*', 2n, "`*` can't compute with duration and int"],
  ])('%s %s %s fails', (x, operator, y, message) => {
    expect(() => compute(x, operator, y)).toThrow(new EvaluationError(message));
  });
});

describe('negate', () => {
  it('takes ints, which wrap around, and doubles', () => {
    expect(negate(5n)).toBe(-5n);
    expect(negate(MIN)).toBe(MIN);
    expect(negate(1.5)).toBe(-1.5);
    expect(() => negate('5')).toThrow(EvaluationError);
  });
});
