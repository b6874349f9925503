import {
  type Argument,
  EvaluationError,
  type FunctionSpec,
  type Getter,
  InvalidArgument,
  type Target,
} from '../function.ts';
import { isList, type Value } from '../value.ts';
import { getterOf, getterOr, literalOf, parameters } from './argument.ts';
import { copyValue } from './value-copy.ts';
import { typeName } from './value-text.ts';

/** `set`, and the editors of lists. */
export const LIST_EDITORS: readonly FunctionSpec[] = [
  {
    name: 'set',
    parameters: parameters(['target', 'Setter'], ['value', 'Getter']),
    doc: 'Sets a field to a value; nil changes nothing.',
    example: 'set(resource.attributes["deployment.environment"], "production")',
    create([target, value]) {
      const place = target as Target;
      const read = getterOf(value);
      return (row) => {
        const given = read(row);
        if (given !== undefined) place.set(row, given);
        return undefined;
      };
    },
  },
  {
    name: 'append',
    parameters: parameters(['target', 'GetSetter'], ['value?', 'Getter'], ['values?', '[]Getter']),
    doc: 'Puts values at the end of a list; what is no list becomes one.',
    example: 'append(resource.attributes["tags"], "sluice")',
    create([target, value, values]) {
      if (value === undefined && values === undefined)
        throw new InvalidArgument(0, 'append: one of value and values must be given');
      const place = target as Target;
      const added = [...(value === undefined ? [] : [value]), ...((values ?? []) as readonly Argument[])].map(
        elementGetter,
      );
      return (row) => {
        const old = place.get(row);
        const list = old === undefined ? [] : isList(old) ? [...old] : [appendable(old)];
        for (const get of added) list.push(copyValue(get(row)));
        place.set(row, list);
        return undefined;
      };
    },
  },
  {
    name: 'delete_index',
    parameters: parameters(['target', 'GetSetter'], ['start_index', 'IntGetter'], ['end_index?', 'IntGetter']),
    doc: 'Removes one element of a list, or those from a start to before an end.',
    example: 'delete_index(resource.attributes["tags"], 0)',
    create([target, startIndex, endIndex]) {
      const place = target as Target;
      const startOf = getterOf<bigint>(startIndex);
      const endOf = getterOr<bigint | undefined>(endIndex, undefined);
      return (row) => {
        const list = place.get(row);
        if (!isList(list)) throw new EvaluationError(`delete_index: the target is ${typeName(list)}, not a list`);
        const start = startOf(row);
        place.set(row, without(list, start, endOf(row) ?? start + 1n));
        return undefined;
      };
    },
  },
];

/** A list that is written out can be an element; as upstream what a path or a function gives cannot where it is a map or a list. */
function elementGetter(argument: Argument): Getter {
  const read = getterOf(argument);
  return isList(literalOf(argument)) ? read : (row) => appendable(read(row));
}

function appendable(value: Value): Value {
  const isPlain = typeof value !== 'object' || value instanceof Uint8Array;
  if (!isPlain) throw new EvaluationError(`append: a ${typeName(value)} cannot become an element`);
  return value;
}

function without(list: readonly Value[], start: bigint, end: bigint): Value[] {
  const length = BigInt(list.length);
  if (start === 0n && end === length) return [];
  if (start < 0n || start >= length)
    throw new EvaluationError(`delete_index: start ${start} is outside the list, which has ${length} elements`);
  if (end < start) throw new EvaluationError(`delete_index: end ${end} is before start ${start}`);
  if (end > length)
    throw new EvaluationError(`delete_index: end ${end} is outside the list, which has ${length} elements`);
  return [...list.slice(0, Number(start)), ...list.slice(Number(end))];
}
