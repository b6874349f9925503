import { suggest } from '../diagnostics/index.ts';
import { compileCall } from './compile-call.ts';
import { type CompileKey, compilePath } from './compile-path.ts';
import { EvaluationError, type Getter } from './function.ts';
import { copyValue } from './functions/value-copy.ts';
import { checkMapContent } from './literal-content.ts';
import { compute, negate } from './math.ts';
import type { PathKey } from './paths.ts';
import { enumsOf } from './rows/index.ts';
import { BROKEN, literalOperand, type Operand, reportError, type Scope } from './scope.ts';
import type { Expression, Path } from './syntax.ts';
import type { Value } from './value.ts';

/** Everything that yields a value. Problems are reported, all of them; what is compiled then must not run. */
export function compileExpression(expression: Expression, scope: Scope): Operand {
  switch (expression.kind) {
    case 'nil':
      return literalOperand(undefined);
    case 'string':
    case 'int':
    case 'float':
    case 'bool':
    case 'bytes':
      return literalOperand(expression.value);
    case 'symbol':
      return compileSymbol(expression, scope);
    case 'function':
      return reportError(scope, expression, {
        code: 'SL0208',
        message: `\`${expression.name}\` is the name of a function, not a value`,
        help: `to call it, write \`${expression.name}(…)\``,
      });
    case 'path':
      return compilePathOperand(expression, scope);
    case 'call':
      return compileCall(expression, scope, compileExpression);
    case 'group':
      return compileExpression(expression.inner, scope);
    case 'list':
      return compileList(expression, scope);
    case 'map':
      return compileMap(expression, scope);
    case 'sign':
      return compileSign(expression, scope);
    case 'math':
      return compileMath(expression, scope);
  }
}

function compileSymbol(symbol: Extract<Expression, { kind: 'symbol' }>, scope: Scope): Operand {
  const enums = enumsOf(scope.context);
  const value = enums.get(symbol.name);
  if (value !== undefined) return literalOperand(value);
  const meant =
    suggest(symbol.name, enums.keys()) ?? [...enums.keys()].find((name) => name.endsWith(`_${symbol.name}`));
  return reportError(scope, symbol, {
    code: 'SL0206',
    message: `unknown symbol \`${symbol.name}\``,
    help: meant === undefined ? 'text stands in double quotes' : `did you mean \`${meant}\`?`,
  });
}

function compilePathOperand(path: Path, scope: Scope): Operand {
  const place = compilePath(path, scope, compileKeyOf(scope));
  return place === undefined ? BROKEN : { get: (row) => place.get(row), place };
}

/** What stands in the brackets of a path. */
export function compileKeyOf(scope: Scope): CompileKey {
  return (key): PathKey => {
    if (key.kind === 'string' || key.kind === 'int') return { literal: key.value };
    return { get: compileExpression(key, scope).get };
  };
}

function compileList({ items }: Extract<Expression, { kind: 'list' }>, scope: Scope): Operand {
  const operands = items.map((item) => compileExpression(item, scope));
  const getters = operands.map(({ get }) => get);
  const get: Getter = (row) => getters.map((read) => read(row));
  if (operands.some(({ isBroken }) => isBroken)) return BROKEN;
  if (!operands.every(({ literal }) => literal)) return { get };
  return shared(operands.map(({ literal }) => literal!.value));
}

/** The last of equal keys counts. */
function compileMap(written: Extract<Expression, { kind: 'map' }>, scope: Scope): Operand {
  const entries = written.entries.map(({ key, value }) => ({ key, value, operand: compileExpression(value, scope) }));
  if (entries.some(({ operand }) => operand.isBroken)) return BROKEN;
  const get: Getter = (row) => {
    const map = new Map<string, Value>();
    for (const { key, value, operand } of entries) {
      const content = operand.get(row);
      checkMapContent(content, value);
      map.set(key, copyValue(content));
    }
    return map;
  };
  if (!entries.every(({ operand }) => operand.literal)) return { get };
  const literals = new Map(entries.map(({ key, operand }) => [key, operand.literal!.value]));
  try {
    for (const { value, operand } of entries) checkMapContent(operand.literal!.value, value);
  } catch (failure) {
    if (!(failure instanceof EvaluationError)) throw failure;
    return reportError(scope, written, { code: 'SL0208', message: failure.message });
  }
  return shared(literals);
}

/** Every row gets a copy, since statements may change what they got. */
function shared(value: Value): Operand {
  return { get: () => copyValue(value), literal: { value } };
}

/** The sign of a number belongs to the literal. */
function compileSign({ sign, operand }: Extract<Expression, { kind: 'sign' }>, scope: Scope): Operand {
  const compiled = compileExpression(operand, scope);
  if (sign === '+' || compiled.isBroken) return compiled;
  if (operand.kind === 'int' || operand.kind === 'float') return literalOperand(negate(operand.value));
  const { get } = compiled;
  return { get: (row) => negate(get(row)) };
}

function compileMath({ first, rest }: Extract<Expression, { kind: 'math' }>, scope: Scope): Operand {
  const start = compileExpression(first, scope);
  const steps = rest.map(({ operator, operand }) => ({ operator, ...compileExpression(operand, scope) }));
  if (start.isBroken || steps.some(({ isBroken }) => isBroken)) return BROKEN;
  const [only, ...further] = steps;
  if (only !== undefined && further.length === 0) {
    const { operator, get } = only;
    return { get: (row) => compute(start.get(row), operator, get(row)) };
  }
  // One after the other, not one within the other: a thousand terms must not nest a thousand calls.
  return {
    get(row) {
      let value = start.get(row);
      for (const { operator, get } of steps) value = compute(value, operator, get(row));
      return value;
    },
  };
}
