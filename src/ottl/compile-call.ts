import { suggest } from '../diagnostics/index.ts';
import { type CompileOperand, compileArgument } from './compile-argument.ts';
import { NOUN } from './compile-path.ts';
import { type Argument, EvaluationError, type FunctionSpec, type Getter, InvalidArgument } from './function.ts';
import { typeName } from './functions/value-text.ts';
import { matchArguments } from './match-arguments.ts';
import { isUpper } from './parse-value.ts';
import { FUNCTIONS, findFunction, isOffered, MISSING_FUNCTIONS } from './registry.ts';
import { BROKEN, type Operand, reportError, type Scope } from './scope.ts';
import type { Call, Expression } from './syntax.ts';
import { isList, isMap, type Value } from './value.ts';

/** A converter with what its result is indexed with. */
export function compileCall(call: Call, scope: Scope, compile: CompileOperand): Operand {
  const spec = findFunction(call.name);
  if (!isUpper(call.name) && spec !== undefined) {
    return reportError(scope, call.nameRange, {
      code: 'SL0210',
      message: `\`${call.name}\` changes something and yields no value`,
      label: 'an editor begins a statement, it is no value',
    });
  }
  const get = compileFunction(call, scope, compile);
  const keys = compileKeys(call.keys, scope);
  if (get === undefined || keys === undefined) return BROKEN;
  return { get: keys.length === 0 ? get : (row) => keys.reduce<Value>(indexInto, get(row)) };
}

/** Checks the name and the arguments, and makes the function; undefined where a problem was told. */
export function compileFunction(call: Call, scope: Scope, compile: CompileOperand): Getter | undefined {
  const spec = lookUp(call, scope);
  if (spec === undefined) {
    for (const { value } of call.arguments)
      if (value.kind !== 'symbol' && value.kind !== 'function') compile(value, scope);
    return undefined;
  }
  const matched = matchArguments(call, spec, scope);
  if (matched === undefined) return undefined;
  let isWhole = true;
  const args = spec.parameters.map<Argument>((parameter, at) => {
    const written = matched[at];
    if (written === undefined) return undefined;
    const argument = compileArgument(written.value, parameter, { spec, scope, compile });
    if (argument === undefined) isWhole = false;
    return argument;
  });
  return isWhole ? create(call, spec, { args, scope, at: (index) => matched[index] }) : undefined;
}

interface Creation {
  readonly args: readonly Argument[];
  readonly scope: Scope;
  at(index: number): { readonly start: number; readonly end: number } | undefined;
}

function create(call: Call, spec: FunctionSpec, { args, scope, at }: Creation): Getter | undefined {
  try {
    return spec.create(args, scope.environment);
  } catch (failure) {
    if (!(failure instanceof InvalidArgument || failure instanceof EvaluationError)) throw failure;
    const range = failure instanceof InvalidArgument ? at(failure.index) : undefined;
    reportError(scope, range ?? call, { code: 'SL0208', message: failure.message });
    return undefined;
  }
}

function lookUp(call: Call, scope: Scope): FunctionSpec | undefined {
  const spec = findFunction(call.name);
  if (spec === undefined) {
    if (MISSING_FUNCTIONS.has(call.name)) reportMissing(call.name, call.nameRange, scope);
    else reportUnknown(call, scope);
  } else if (!isOffered(spec, scope.context, scope.place)) {
    reportError(scope, call.nameRange, {
      code: 'SL0215',
      message: `\`${call.name}\` does not work on ${NOUN[scope.context]}`,
      help:
        spec.contexts === undefined
          ? undefined
          : `it works on ${spec.contexts.map((context) => NOUN[context]).join(' or ')}`,
    });
    return undefined;
  }
  return spec;
}

export function reportMissing(
  name: string,
  range: { readonly start: number; readonly end: number },
  scope: Scope,
): void {
  reportError(scope, range, {
    code: 'SL0214',
    message: `the Collector has \`${name}\`, the engine does not yet`,
    label: 'this function is missing here',
  });
}

function reportUnknown({ name, nameRange }: Call, scope: Scope): void {
  const names = FUNCTIONS.filter((spec) => isOffered(spec, scope.context, scope.place)).map((spec) => spec.name);
  const meant = suggest(name, names);
  const isCase = meant !== undefined && meant.toLowerCase() === name.toLowerCase();
  reportError(scope, nameRange, {
    code: 'SL0201',
    message: `unknown OTTL function \`${name}\``,
    label: 'no function with this name',
    help: meant && `${isCase ? 'function names are case-sensitive; ' : ''}did you mean \`${meant}\`?`,
  });
}

function compileKeys(keys: readonly Expression[], scope: Scope): readonly (string | bigint)[] | undefined {
  const compiled: (string | bigint)[] = [];
  for (const key of keys) {
    if (key.kind === 'string' || key.kind === 'int') compiled.push(key.value);
    else
      reportError(scope, key, {
        code: 'SL0208',
        message: 'the result of a converter is indexed with text or a whole number',
        help: 'set it to a cache entry first, and index that',
      });
  }
  return compiled.length === keys.length ? compiled : undefined;
}

function indexInto(value: Value, key: string | bigint): Value {
  if (typeof key === 'string') {
    if (!isMap(value)) throw new EvaluationError(`${typeName(value)} has no keys, so no "${key}"`);
    if (!value.has(key)) throw new EvaluationError(`the map has no key "${key}"`);
    return value.get(key);
  }
  if (!isList(value) && !(value instanceof Uint8Array))
    throw new EvaluationError(`${typeName(value)} can't be indexed with a number`);
  if (key >= BigInt(value.length)) throw new EvaluationError(`index ${key} of ${value.length} is out of bounds`);
  const item = value[Number(key)];
  return value instanceof Uint8Array ? BigInt(item as number) : (item as Value);
}
