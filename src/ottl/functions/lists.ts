import { isEqual } from '../compare.ts';
import { type Argument, EvaluationError, type FunctionSpec, InvalidArgument } from '../function.ts';
import { isList, isMap, type ListValue, type MapValue, type Value } from '../value.ts';
import { getterOf, parameters } from './argument.ts';
import { escapeKeyValue, separators } from './key-values.ts';
import { checkLength } from './limits.ts';
import { encodeUtf8, isAscii } from './utf8.ts';
import { copyValue } from './value-copy.ts';
import { compareText, textOf, typeName } from './value-text.ts';

export const LIST_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'Keys',
    parameters: parameters(['target', 'PMapGetter']),
    doc: 'Gives the keys of a map as a list.',
    example: 'Keys(resource.attributes)',
    create([target]) {
      const mapOf = getterOf<MapValue>(target);
      return (row) => [...mapOf(row).keys()];
    },
  },
  {
    name: 'Values',
    parameters: parameters(['target', 'PMapGetter']),
    doc: 'Gives the values of a map as a list.',
    example: 'Values(resource.attributes)',
    create([target]) {
      const mapOf = getterOf<MapValue>(target);
      return (row) => [...mapOf(row).entries()].map(([, value]) => copyValue(value));
    },
  },
  {
    name: 'ContainsValue',
    parameters: parameters(['target', 'PSliceGetter'], ['item', 'Getter']),
    doc: 'Says whether a list has an element that equals a value.',
    example: 'ContainsValue(["a", "b"], "a")',
    create([target, item]) {
      const listOf = getterOf<ListValue>(target);
      const itemOf = getterOf(item);
      return (row) => {
        const list = listOf(row);
        const wanted = itemOf(row);
        return list.some((value) => isEqual(value, wanted));
      };
    },
  },
  {
    name: 'Index',
    parameters: parameters(['target', 'Getter'], ['value', 'Getter']),
    doc: 'Gives where a text stands in a text, in bytes, or a value in a list, counted from 0; -1 where it does not.',
    example: 'Index(resource.attributes["k8s.pod.name"], "-")',
    create([target, value]) {
      const read = getterOf(target);
      const wantedOf = getterOf(value);
      return (row) => BigInt(indexOf(read(row), wantedOf(row)));
    },
  },
  {
    name: 'Sort',
    parameters: parameters(['target', 'Getter'], ['order?', 'string']),
    doc: 'Sorts a list, "asc" or "desc": as numbers if all are, else as text; a list with maps, lists or bytes stays as it is.',
    example: 'Sort(Split(resource.attributes["tags"], ","), "desc")',
    create([target, order = 'asc']) {
      if (order !== 'asc' && order !== 'desc')
        throw new InvalidArgument(1, `Sort: unknown order ${JSON.stringify(order)}; use "asc" or "desc"`);
      const read = getterOf(target);
      return (row) => {
        const list = read(row);
        if (!isList(list)) throw new EvaluationError(`Sort: ${typeName(list)} is no list`);
        return sort(list, order === 'desc' ? -1 : 1);
      };
    },
  },
  {
    name: 'SliceToMap',
    parameters: parameters(['target', 'PSliceGetter'], ['key_path?', '[]string'], ['value_path?', '[]string']),
    doc: 'Makes a map of a list: keys are the elements’ numbers or what stands at key_path, values the elements or what stands at value_path.',
    example: 'SliceToMap(resource.attributes["things"], ["name"], ["value"])',
    create([target, keyPath, valuePath]) {
      const listOf = getterOf<ListValue>(target);
      return (row) => toMap(listOf(row), keyPath, valuePath);
    },
  },
  {
    name: 'ToKeyValueString',
    parameters: parameters(
      ['target', 'PMapGetter'],
      ['delimiter?', 'string'],
      ['pair_delimiter?', 'string'],
      ['sort_output?', 'bool'],
    ),
    doc: 'Writes a map as text, such as a=1 b=2; keys are sorted if sort_output is true.',
    example: 'ToKeyValueString(resource.attributes, "=", " ", true)',
    create([target, delimiter, pairDelimiter, isSorted]) {
      const mapOf = getterOf<MapValue>(target);
      const between = separators('ToKeyValueString', delimiter, pairDelimiter);
      return (row) => {
        const entries = [...mapOf(row).entries()];
        if (isSorted === true) entries.sort(([a], [b]) => compareText(a, b));
        const pairs = entries.map(
          ([key, value]) => escapeKeyValue(key, between) + between.delimiter + escapeKeyValue(textOf(value), between),
        );
        checkLength(
          'ToKeyValueString',
          pairs.reduce((sum, pair) => sum + pair.length, 0),
        );
        return pairs.join(between.pairDelimiter);
      };
    },
  },
];

function indexOf(target: Value, wanted: Value): number {
  if (isList(target)) return target.findIndex((value) => isEqual(value, wanted));
  if (typeof target !== 'string') throw new EvaluationError(`Index: ${typeName(target)} is neither text nor list`);
  if (typeof wanted !== 'string')
    throw new EvaluationError(`Index: in text only text is found, not ${typeName(wanted)}`);
  const at = target.indexOf(wanted);
  return at <= 0 || isAscii(target) ? at : encodeUtf8(target.slice(0, at)).length;
}

function sort(list: ListValue, direction: 1 | -1): ListValue {
  const isSortable = list.every((value) => !isMap(value) && !isList(value) && typeof value !== 'object');
  if (!isSortable) return list;
  if (list.every((value) => typeof value === 'bigint' || typeof value === 'number'))
    return [...list].sort((a, b) => direction * compareNumbers(a as bigint | number, b as bigint | number));
  const texts = list.map((value) => ({ value, text: textOf(value) }));
  return texts.sort((a, b) => direction * compareText(a.text, b.text)).map(({ value }) => value);
}

/** NaN stands before all numbers. */
function compareNumbers(a: bigint | number, b: bigint | number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a < b ? -1 : a > b ? 1 : 0;
}

function toMap(list: ListValue, keyPath: Argument, valuePath: Argument): MapValue {
  const map = new Map<string, Value>();
  for (const [i, element] of list.entries()) {
    if ((keyPath ?? valuePath) !== undefined && !isMap(element))
      throw new EvaluationError(
        `SliceToMap: element ${i} is ${typeName(element)}, and only a map has key_path and value_path`,
      );
    const key = keyPath === undefined ? String(i) : at(element, keyPath as readonly string[], i);
    if (typeof key !== 'string')
      throw new EvaluationError(`SliceToMap: the key of element ${i} is ${typeName(key)}, not text`);
    map.set(key, copyValue(valuePath === undefined ? element : at(element, valuePath as readonly string[], i)));
  }
  return map;
}

function at(element: Value, path: readonly string[], i: number): Value {
  if (path.length === 0) throw new EvaluationError('SliceToMap: a path has at least one key');
  let value = element;
  for (const key of path) {
    if (!isMap(value) || !value.has(key))
      throw new EvaluationError(`SliceToMap: element ${i} has nothing at ${path.join('.')}`);
    value = value.get(key);
  }
  return value;
}
