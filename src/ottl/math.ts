import { EvaluationError } from './function.ts';
import { typeName } from './functions/value-text.ts';
import type { MathOperator } from './syntax.ts';
import { Duration, Time, type Value } from './value.ts';

const MAX_INT64 = (1n << 63n) - 1n;
const MIN_INT64 = -(1n << 63n);

/** As pkg/ottl/math.go: whole numbers wrap around, an int with a double is a double, times and durations add and subtract. */
export function compute(x: Value, operator: MathOperator, y: Value): Value {
  if (typeof x === 'bigint') {
    if (typeof y === 'bigint') return computeInts(x, operator, y);
    if (typeof y === 'number') return computeFloats(Number(x), operator, y);
  } else if (typeof x === 'number') {
    if (typeof y === 'number') return computeFloats(x, operator, y);
    if (typeof y === 'bigint') return computeFloats(x, operator, Number(y));
  } else if (x instanceof Time) return computeTime(x, operator, y);
  else if (x instanceof Duration) return computeDuration(x, operator, y);
  return fail(x, operator, y);
}

export function negate(value: Value): Value {
  if (typeof value === 'bigint') return BigInt.asIntN(64, -value);
  if (typeof value === 'number') return -value;
  throw new EvaluationError(`\`-\` takes an int or a double, not ${typeName(value)}`);
}

function computeInts(x: bigint, operator: MathOperator, y: bigint): bigint {
  switch (operator) {
    case '+':
      return BigInt.asIntN(64, x + y);
    case '-':
      return BigInt.asIntN(64, x - y);
    case '*':
      return BigInt.asIntN(64, x * y);
    case '/':
      if (y === 0n) throw new EvaluationError('division by 0');
      return BigInt.asIntN(64, x / y);
  }
}

function computeFloats(x: number, operator: MathOperator, y: number): number {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      if (y === 0) throw new EvaluationError('division by 0');
      return x / y;
  }
}

function computeTime(x: Time, operator: MathOperator, y: Value): Value {
  if (operator === '+' && y instanceof Duration) return new Time(x.unixNanos + y.nanos, x.zone);
  if (operator === '-' && y instanceof Duration) return new Time(x.unixNanos - y.nanos, x.zone);
  if (operator === '-' && y instanceof Time) return new Duration(saturate(x.unixNanos - y.unixNanos));
  return fail(x, operator, y);
}

function computeDuration(x: Duration, operator: MathOperator, y: Value): Value {
  if (operator === '+' && y instanceof Duration) return new Duration(BigInt.asIntN(64, x.nanos + y.nanos));
  if (operator === '+' && y instanceof Time) return new Time(y.unixNanos + x.nanos, y.zone);
  if (operator === '-' && y instanceof Duration) return new Duration(BigInt.asIntN(64, x.nanos - y.nanos));
  return fail(x, operator, y);
}

/** The difference of two times is the longest duration where it is longer. */
function saturate(nanos: bigint): bigint {
  if (nanos > MAX_INT64) return MAX_INT64;
  return nanos < MIN_INT64 ? MIN_INT64 : nanos;
}

function fail(x: Value, operator: MathOperator, y: Value): never {
  throw new EvaluationError(`\`${operator}\` can't compute with ${typeName(x)} and ${typeName(y)}`);
}
