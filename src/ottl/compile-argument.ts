import { compilePath } from './compile-path.ts';
import { CONVERSIONS, type Conversion } from './convert.ts';
import {
  type AppliedFunction,
  type Argument,
  EvaluationError,
  type FunctionSpec,
  type Getter,
  type Parameter,
  type Target,
  WRITTEN_NIL,
} from './function.ts';
import { checkListContent } from './literal-content.ts';
import { findFunction, MISSING_FUNCTIONS } from './registry.ts';
import { type Operand, reportError, type Scope } from './scope.ts';
import type { Expression } from './syntax.ts';

export type CompileOperand = (expression: Expression, scope: Scope) => Operand;

export interface ArgumentSite {
  readonly spec: FunctionSpec;
  readonly scope: Scope;
  readonly compile: CompileOperand;
}

/** An argument as the function's parameter wants it; undefined where a problem was told. */
export function compileArgument(
  expression: Expression,
  parameter: Parameter,
  site: ArgumentSite,
): Argument | undefined {
  if (parameter.list !== true) return compileOne(expression, parameter, site);
  if (expression.kind !== 'list') return refuse(expression, parameter, site, 'a list');
  const items = expression.items.map((item) => compileOne(item, parameter, site));
  return items.includes(undefined) ? undefined : items;
}

function compileOne(expression: Expression, parameter: Parameter, site: ArgumentSite): Argument | undefined {
  switch (parameter.type) {
    case 'Setter':
    case 'GetSetter':
    case 'PMapGetSetter':
      return compileTarget(expression, parameter, site);
    case 'FunctionGetter':
      return compileFunctionName(expression, parameter, site);
    case 'string':
      return expression.kind === 'string'
        ? expression.value
        : refuse(expression, parameter, site, 'text in double quotes');
    case 'int':
      return expression.kind === 'int'
        ? expression.value
        : refuse(expression, parameter, site, 'a written whole number');
    case 'float':
      return expression.kind === 'float'
        ? expression.value
        : refuse(expression, parameter, site, 'a written number with a point');
    case 'bool':
      return expression.kind === 'bool' ? expression.value : refuse(expression, parameter, site, '`true` or `false`');
    case 'Enum':
      if (expression.kind !== 'symbol')
        return refuse(expression, parameter, site, 'a symbol such as `SPAN_KIND_SERVER`');
      return site.compile(expression, site.scope).literal?.value;
    default:
      return compileGetter(expression, parameter, site);
  }
}

function compileGetter(expression: Expression, parameter: Parameter, site: ArgumentSite): Argument | undefined {
  const operand = site.compile(expression, site.scope);
  if (operand.isBroken) return undefined;
  const conversion = conversionOf(parameter, expression);
  if (operand.literal === undefined)
    return conversion === undefined ? operand.get : converting(operand.get, conversion);
  const { value } = operand.literal;
  try {
    const converted = conversion === undefined ? value : conversion(value);
    return converted === undefined ? WRITTEN_NIL : converted;
  } catch (failure) {
    if (!(failure instanceof EvaluationError)) throw failure;
    reportError(site.scope, expression, {
      code: 'SL0208',
      message: `\`${parameter.name}\` of \`${site.spec.name}\`: ${failure.message}`,
    });
    return undefined;
  }
}

function conversionOf({ type }: Parameter, expression: Expression): Conversion | undefined {
  if (type !== 'PSliceGetter' || expression.kind !== 'list') return CONVERSIONS[type];
  return (value) => {
    checkListContent(value, expression);
    return value;
  };
}

function converting(get: Getter, conversion: Conversion): Getter {
  return (row) => conversion(get(row));
}

function compileTarget(expression: Expression, parameter: Parameter, site: ArgumentSite): Target | undefined {
  if (expression.kind !== 'path') return refuse(expression, parameter, site, 'a path') as undefined;
  const { scope, compile } = site;
  const place = compilePath(expression, scope, (key) =>
    key.kind === 'string' || key.kind === 'int' ? { literal: key.value } : { get: compile(key, scope).get },
  );
  if (place === undefined) return undefined;
  const set = place.set.bind(place);
  if (parameter.type !== 'PMapGetSetter') return { get: (row) => place.get(row), set };
  return { get: converting((row) => place.get(row), CONVERSIONS.PMapGetter!), set };
}

function compileFunctionName(
  expression: Expression,
  parameter: Parameter,
  site: ArgumentSite,
): AppliedFunction | undefined {
  if (expression.kind !== 'symbol' && expression.kind !== 'function')
    return refuse(expression, parameter, site, 'the name of a converter') as undefined;
  const spec = findFunction(expression.name);
  if (spec === undefined) {
    const isMissing = MISSING_FUNCTIONS.has(expression.name);
    reportError(site.scope, expression, {
      code: isMissing ? 'SL0214' : 'SL0201',
      message: isMissing
        ? `the Collector has \`${expression.name}\`, the engine does not yet`
        : `unknown OTTL function \`${expression.name}\``,
    });
    return undefined;
  }
  if (expression.kind === 'symbol' && site.scope.isQualified) {
    // pkg/ottl/context_inferrer.go asks every context for a symbol of this name, and none has it.
    reportError(site.scope, expression, {
      code: 'SL0212',
      message: `the Collector takes \`${expression.name}\` for a symbol here and finds no context that has it`,
      help: `call it: \`set(…, ${expression.name}(…))\``,
    });
    return undefined;
  }
  const { environment } = site.scope;
  return (args) => {
    if (args.length !== spec.parameters.length)
      throw new EvaluationError(`${spec.name} takes ${spec.parameters.length} arguments, not ${args.length}`);
    return spec.create(args, environment);
  };
}

function refuse(
  expression: Expression,
  parameter: Parameter,
  { spec, scope, compile }: ArgumentSite,
  wanted: string,
): undefined {
  // What is wrong within it is the better message.
  if (expression.kind !== 'function' && expression.kind !== 'symbol' && compile(expression, scope).isBroken)
    return undefined;
  reportError(scope, expression, {
    code: 'SL0208',
    message: `\`${parameter.name}\` of \`${spec.name}\` must be ${wanted}`,
  });
  return undefined;
}
