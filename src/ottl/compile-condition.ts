import { compare, isEqual, isNil } from './compare.ts';
import { compileExpression } from './compile-expression.ts';
import { EvaluationError } from './function.ts';
import { encodeUtf8 } from './functions/utf8.ts';
import { typeName } from './functions/value-text.ts';
import type { Row } from './row.ts';
import type { Operand, Scope } from './scope.ts';
import type { Comparison, Condition } from './syntax.ts';
import type { Value } from './value.ts';

export type Test = (row: Row) => boolean;

/** A test, or what it always comes to. Constants are folded as the Collector does: what stands beside `false and` never runs. */
type Compiled = Test | boolean;

export function compileCondition(condition: Condition, scope: Scope): Test {
  const compiled = compile(condition, scope);
  return typeof compiled === 'boolean' ? () => compiled : compiled;
}

function compile(condition: Condition, scope: Scope): Compiled {
  switch (condition.kind) {
    case 'and':
      return all(condition.terms.map((term) => compile(term, scope)));
    case 'or':
      return any(condition.terms.map((term) => compile(term, scope)));
    case 'not':
      return not(compile(condition.operand, scope));
    case 'parens':
      return compile(condition.inner, scope);
    case 'constant':
      return condition.value;
    case 'comparison':
      return compileComparison(condition, scope);
    case 'test': {
      const { get } = compileExpression(condition.call, scope);
      const { name } = condition.call;
      return (row) => {
        const value = get(row);
        if (typeof value === 'boolean') return value;
        throw new EvaluationError(`${name} gave ${typeName(value)} where a condition needs a bool`);
      };
    }
  }
}

function not(compiled: Compiled): Compiled {
  return typeof compiled === 'boolean' ? !compiled : (row) => !compiled(row);
}

function all(terms: readonly Compiled[]): Compiled {
  if (terms.includes(false)) return false;
  const tests = terms.filter((term) => typeof term === 'function');
  const [a, b, ...more] = tests;
  if (a === undefined) return true;
  if (b === undefined) return a;
  if (more.length === 0) return (row) => a(row) && b(row);
  return (row) => {
    for (const test of tests) if (!test(row)) return false;
    return true;
  };
}

function any(terms: readonly Compiled[]): Compiled {
  if (terms.includes(true)) return true;
  const tests = terms.filter((term) => typeof term === 'function');
  const [a, b, ...more] = tests;
  if (a === undefined) return false;
  if (b === undefined) return a;
  if (more.length === 0) return (row) => a(row) || b(row);
  return (row) => {
    for (const test of tests) if (test(row)) return true;
    return false;
  };
}

function compileComparison({ left, operator, right }: Comparison, scope: Scope): Compiled {
  const a = compileExpression(left, scope);
  const b = compileExpression(right, scope);
  if (a.literal && b.literal) return compare(a.literal.value, b.literal.value, operator);
  if (operator === '==' || operator === '!=') {
    const test = b.literal ? equalsLiteral(a, b.literal.value) : a.literal && equalsLiteral(b, a.literal.value);
    if (test !== undefined) return operator === '==' ? test : (row) => !test(row);
  }
  const getA = a.get;
  const getB = b.get;
  return (row) => compare(getA(row), getB(row), operator);
}

/** The usual case, without a look at types that the literal can't equal. */
function equalsLiteral({ get, place }: Operand, literal: Value): Test {
  if (typeof literal === 'string') {
    if (place?.equalsText !== undefined) {
      const equalsText = place.equalsText.bind(place);
      const utf8 = encodeUtf8(literal);
      return (row) => equalsText(row, utf8);
    }
    return (row) => get(row) === literal;
  }
  if (literal === undefined) return (row) => isNil(get(row));
  if (typeof literal === 'boolean') return (row) => get(row) === literal;
  if (typeof literal === 'bigint') {
    const double = Number(literal);
    return (row) => {
      const value = get(row);
      return value === literal || value === double;
    };
  }
  return (row) => isEqual(get(row), literal);
}
