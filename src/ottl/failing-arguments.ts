import type { ParameterType } from './function.ts';
import { matchArguments } from './match-arguments.ts';
import { printExpression } from './print.ts';
import { findFunction } from './registry.ts';
import { type StaticType, staticType, typeNoun } from './static-type.ts';
import type { Call, Condition, Expression, Statement, TextRange } from './syntax.ts';
import { walk } from './walk.ts';

/** The parameters that convert nothing, and what they want. */
const WANTED: Readonly<Partial<Record<ParameterType, StaticType>>> = {
  StringGetter: 'string',
  IntGetter: 'int',
  FloatGetter: 'double',
  BoolGetter: 'bool',
  TimeGetter: 'time',
  PMapGetter: 'map',
  PSliceGetter: 'list',
};

/** The converter that makes the type of others. */
const MAKER: Readonly<Partial<Record<StaticType, string>>> = {
  string: 'String',
  int: 'Int',
  double: 'Double',
  bool: 'Bool',
};

export interface FailingArgument {
  /** It is left out or fails, as the field has it: nothing changes. */
  readonly isVain?: boolean;
  readonly range: TextRange;
  readonly function: string;
  readonly label: string;
  readonly help?: string;
}

/** Paths and converters as arguments that want another type: the function fails for all data. */
export function failingArguments(text: Statement | Condition): readonly FailingArgument[] {
  const found: FailingArgument[] = [];
  walk(text, { call: (call) => found.push(...failingOf(call)) });
  return found;
}

function failingOf(call: Call): readonly FailingArgument[] {
  const spec = findFunction(call.name);
  const matched = spec && matchArguments(call, spec, { report: () => {} });
  if (matched === undefined) return [];
  if (call.name === 'set') return ignoredValue(matched[0]?.value, matched[1]?.value);
  return spec!.parameters.flatMap(({ type, list }, at) => {
    const value = matched[at]?.value;
    const wanted = WANTED[type];
    if (value === undefined || wanted === undefined) return [];
    const values = list === true && value.kind === 'list' ? value.items : [value];
    return values.flatMap((one) => failingValue(call.name, one, wanted));
  });
}

/** What `set` gives a field of another type changes nothing there, mostly without a word. */
function ignoredValue(target: Expression | undefined, value: Expression | undefined): readonly FailingArgument[] {
  const [wanted, type] = [target, value].map((one) => one && staticType(one));
  if (target?.kind !== 'path' || value === undefined || wanted === undefined || type === undefined || type === wanted)
    return [];
  const path = printExpression(target);
  const label = `this is ${typeNoun(type)}, and \`${path}\` holds ${typeNoun(wanted)}`;
  const help = type === 'string' ? textHelp(path, wanted) : wanted === 'string' ? convertHelp(value, type) : undefined;
  return [{ isVain: true, range: value, function: 'set', label, ...(help !== undefined && { help }) }];
}

function textHelp(path: string, wanted: StaticType): string | undefined {
  if (wanted === 'id') return `set \`${path}.string\``;
  const symbol = SYMBOLS.find(([end]) => path.endsWith(end))?.[1];
  return symbol === undefined ? undefined : `write a symbol such as \`${symbol}\``;
}

function convertHelp(value: Expression, type: StaticType): string | undefined {
  return type === 'nil' ? 'to empty it, write `""`' : `write \`String(${printExpression(value)})\``;
}

/** Of the numbers that have names. */
const SYMBOLS = [
  ['.kind', 'SPAN_KIND_SERVER'],
  ['status.code', 'STATUS_CODE_ERROR'],
  ['severity_number', 'SEVERITY_NUMBER_ERROR'],
] as const;

function failingValue(name: string, value: Expression, wanted: StaticType): readonly FailingArgument[] {
  const type = value.kind === 'path' || value.kind === 'call' ? staticType(value) : undefined;
  if (type === undefined || type === wanted) return [];
  const maker = MAKER[wanted];
  const label = `this is ${typeNoun(type)}, where \`${name}\` wants ${typeNoun(wanted)}`;
  const help = maker === undefined ? undefined : `write \`${maker}(${printExpression(value)})\``;
  return [{ range: value, function: name, label, ...(help !== undefined && { help }) }];
}
