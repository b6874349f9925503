/** Expressions of any depth over all paths and functions, mostly of the types that are asked for, the same for the same seed. */

import type { FunctionSpec, Parameter } from '../../../src/ottl/function.ts';
import { FUNCTIONS, findFunction } from '../../../src/ottl/registry.ts';
import type { Context } from './case.ts';
import { DOMAINS, LITERALS, PATHS, TYPES, type Type } from './random-tables.ts';

export interface Random {
  /** Below `limit`. */
  number(limit: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const number = (limit: number) => Math.floor(next() * limit);
  return { number, chance: (share) => next() < share, pick: (list) => list[number(list.length)]! };
}

/** Differ from run to run or in the last digit, print addresses, never end in the Collector, or belong to the filter alone. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'Now',
  'UUID',
  'UUIDv7',
  'Format',
  'Log',
  'copy_metric',
  'HasAttrKeyOnDatapoint',
  'HasAttrOnDatapoint',
]);

export function createExpressions(context: Context, random: Random) {
  const offered = FUNCTIONS.filter(
    ({ name, contexts }) => !LEFT_OUT.has(name) && (contexts?.includes(context) ?? true),
  );
  const converters = offered.filter(({ name }) => /^[A-Z]/.test(name));
  const editors = offered.filter(({ name }) => /^[a-z]/.test(name));
  const byType = new Map<Type, FunctionSpec[]>(
    TYPES.map(([type, names]) => [type, converters.filter(({ name }) => names.includes(name))]),
  );
  const paths = PATHS[context];

  function path(type: Type): string {
    return random.pick(type === 'any' ? Object.values(paths).flat() : (paths[type] ?? paths.any!));
  }

  function expression(type: Type, depth: number): string {
    if (random.chance(0.06)) return expression('any', depth);
    const roll = random.number(10);
    if (depth > 0 && roll < 5) {
      if ((type === 'int' || type === 'double' || type === 'time' || type === 'duration') && random.chance(0.3))
        return `${expression(type, depth - 1)} ${random.pick(['+', '-', '*', '/'])} ${operand(type, depth - 1)}`;
      const functions = type === 'any' ? converters : (byType.get(type) ?? []);
      if (functions.length > 0) return call(random.pick(functions), depth - 1);
    }
    if (depth > 0 && roll === 5 && (type === 'list' || type === 'any')) {
      const items = Array.from({ length: random.number(4) }, () => expression('any', depth - 1));
      return `[${items.join(', ')}]`;
    }
    if (depth > 0 && roll === 5 && type === 'map')
      return `{"k": ${expression('any', depth - 1)}, "${random.pick(['a', ''])}": 1}`;
    const literals = LITERALS[type];
    return literals !== undefined && roll > 7 ? random.pick(literals) : path(type);
  }

  function operand(type: Type, depth: number): string {
    const text = expression(type, depth);
    return random.chance(0.2) ? `(${text})` : text;
  }

  function call({ name, parameters }: FunctionSpec, depth: number): string {
    const given = parameters.filter((one) => one.optional !== true || one.name === 'sort_output' || random.chance(0.3));
    let named = false;
    const args = given.map((parameter, index) => {
      named ||= parameters[index] !== parameter || random.chance(0.05);
      const value = argument(name, parameter, depth);
      return named ? `${parameter.name} = ${value}` : value;
    });
    const text = `${name}(${args.join(', ')})`;
    // Go walks maps in an order of its own.
    return name === 'Keys' || name === 'Values' ? `Sort(${text})` : text;
  }

  function argument(functionName: string, parameter: Parameter, depth: number): string {
    const { name, type, list } = parameter;
    const domain = DOMAINS[`${functionName}.${name}`] ?? DOMAINS[name];
    if (list === true) {
      const items = Array.from({ length: random.number(4) }, () => argument(functionName, { name, type }, depth));
      return `[${items.join(', ')}]`;
    }
    if (domain !== undefined && !random.chance(0.04)) return random.pick(domain);
    if (type === 'FunctionGetter') return random.pick(['SHA256', 'ToLowerCase', 'Trim', 'MD5', 'Base64Encode']);
    if (type.endsWith('Setter')) return settable(type === 'PMapGetSetter' ? 'map' : 'any');
    const wanted = TYPE_OF[type] ?? 'any';
    if (/^[a-z]/.test(type) || type === 'Enum') return random.pick(LITERALS[wanted]!);
    return expression(/Like/.test(type) && random.chance(0.4) ? 'any' : wanted, depth);
  }

  function settable(type: Type): string {
    const own = context === 'metric' ? 'metadata' : 'attributes';
    if (type === 'map')
      return random.chance(0.7) ? own : random.pick(['cache', 'resource.attributes', `${own}["m"]`, `${own}["v"]`]);
    return random.chance(0.5)
      ? path('any')
      : random.pick([`${own}["v"]`, `${own}["new"]`, `${own}["s"]`, `${own}["l"]`]);
  }

  function comparison(depth: number): string {
    const type = random.pick(['string', 'int', 'double', 'bool', 'time', 'duration', 'any', 'any'] as const);
    const operator = random.pick(['==', '!=', '<', '<=', '>', '>=']);
    return `${expression(type, depth)} ${operator} ${expression(random.chance(0.8) ? type : 'any', depth)}`;
  }

  function condition(depth: number): string {
    const roll = random.number(10);
    if (depth === 0 || roll < 4) return comparison(depth);
    if (roll < 6) return `${condition(depth - 1)} ${random.pick(['and', 'or'])} ${condition(depth - 1)}`;
    if (roll === 6) return `not (${condition(depth - 1)})`;
    if (roll === 7) return `(${condition(depth - 1)})`;
    const tests = byType.get('bool')!;
    return call(random.pick(tests), depth - 1);
  }

  function statement(depth: number): string {
    const editor = random.chance(0.4) ? findFunction('set')! : random.pick(editors);
    const text = call(editor, depth);
    return random.chance(0.3) ? `${text} where ${condition(1)}` : text;
  }

  return { expression, condition, statement };
}

const TYPE_OF: Readonly<Record<string, Type>> = {
  StringGetter: 'string',
  StringLikeGetter: 'string',
  IntGetter: 'int',
  IntLikeGetter: 'int',
  FloatGetter: 'double',
  FloatLikeGetter: 'double',
  BoolGetter: 'bool',
  BoolLikeGetter: 'bool',
  ByteSliceLikeGetter: 'bytes',
  DurationGetter: 'duration',
  TimeGetter: 'time',
  PMapGetter: 'map',
  PSliceGetter: 'list',
  string: 'string',
  int: 'int',
  float: 'double',
  bool: 'bool',
};
