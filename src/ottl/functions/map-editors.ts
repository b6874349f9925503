import { type Argument, type FunctionSpec, type Getter, InvalidArgument } from '../function.ts';
import type { MapValue, Value } from '../value.ts';
import { getterOf, gettersOf, literalOf, type MapTarget, parameters } from './argument.ts';
import { patternGetter } from './pattern.ts';
import { decodeUtf8, encodeUtf8, isAscii } from './utf8.ts';
import { copyValue } from './value-copy.ts';

/** Editors of maps: which keys stay, and how long values may be. */
export const MAP_EDITORS: readonly FunctionSpec[] = [
  {
    name: 'delete_key',
    parameters: parameters(['target', 'PMapGetSetter'], ['key', 'StringGetter']),
    doc: 'Removes one key from a map.',
    example: 'delete_key(resource.attributes, "http.request.header.authorization")',
    create([target, key]) {
      const keyOf = getterOf<string>(key);
      return edit(target, (map, row) => map.delete(keyOf(row)));
    },
  },
  {
    name: 'delete_matching_keys',
    parameters: parameters(['target', 'PMapGetSetter'], ['pattern', 'StringGetter']),
    doc: 'Removes the keys that a pattern matches somewhere.',
    example: 'delete_matching_keys(resource.attributes, "(?i).*password.*")',
    create([target, pattern]) {
      const patternOf = patternGetter('delete_matching_keys', 1, pattern);
      return edit(target, (map, row) => {
        const compiled = patternOf(row);
        return removeKeys(map, (key) => compiled.test(key));
      });
    },
  },
  {
    name: 'keep_keys',
    parameters: parameters(['target', 'PMapGetSetter'], ['keys', '[]StringGetter']),
    doc: 'Removes every key that is not in the list.',
    example: 'keep_keys(resource.attributes, ["service.name", "k8s.pod.name"])',
    create([target, keys]) {
      const written = (keys as readonly Argument[]).map((key) => literalOf<string>(key));
      const fixed = written.includes(undefined) ? undefined : new Set(written);
      const getters = gettersOf<string>(keys);
      return edit(target, (map, row) => {
        const kept = fixed ?? new Set(getters.map((get) => get(row)));
        return removeKeys(map, (key) => !kept.has(key));
      });
    },
  },
  {
    name: 'keep_matching_keys',
    parameters: parameters(['target', 'PMapGetSetter'], ['pattern', 'StringGetter']),
    doc: 'Removes the keys that a pattern matches nowhere.',
    example: 'keep_matching_keys(resource.attributes, "^k8s\\\\.")',
    create([target, pattern]) {
      const patternOf = patternGetter('keep_matching_keys', 1, pattern);
      return edit(target, (map, row) => {
        const compiled = patternOf(row);
        return removeKeys(map, (key) => !compiled.test(key));
      });
    },
  },
  {
    name: 'limit',
    parameters: parameters(['target', 'PMapGetSetter'], ['limit', 'int'], ['priority_keys', '[]string']),
    doc: 'Keeps at most so many keys of a map, these first and then those that stand first.',
    example: 'limit(resource.attributes, 50, ["service.name"])',
    create([target, limit, priorityKeys]) {
      const most = count('limit', 1, limit);
      const first = priorityKeys as readonly string[];
      if (most < first.length)
        throw new InvalidArgument(1, `limit: ${most} is less than the ${first.length} keys to keep`);
      const kept = new Set(first);
      return edit(target, (map) => {
        if (map.size <= most) return false;
        let room = most - first.filter((key) => map.has(key)).length;
        return removeKeys(map, (key) => !kept.has(key) && room-- <= 0);
      });
    },
  },
  {
    name: 'truncate_all',
    parameters: parameters(['target', 'PMapGetSetter'], ['limit', 'int'], ['utf8_safe?', 'bool']),
    doc: 'Cuts the strings of a map to so many bytes, not inside a character unless utf8_safe is false.',
    example: 'truncate_all(resource.attributes, 4096)',
    create([target, limit, utf8Safe]) {
      const most = count('truncate_all', 1, limit);
      return edit(target, (map) => truncateValues(map, most, utf8Safe !== false));
    },
  },
  {
    name: 'merge_maps',
    parameters: parameters(['target', 'PMapGetSetter'], ['source', 'PMapGetter'], ['strategy', 'string']),
    doc: 'Puts what is in one map into another: insert only new keys, update only existing ones, or upsert both.',
    example: 'merge_maps(resource.attributes, ParseJSON("{\\"team\\":\\"shop\\"}"), "upsert")',
    create([target, source, strategy]) {
      const sourceOf = getterOf<MapValue>(source);
      if (strategy !== 'insert' && strategy !== 'update' && strategy !== 'upsert')
        throw new InvalidArgument(2, `merge_maps: the strategy is insert, update or upsert, not ${strategy}`);
      return edit(target, (map, row) => {
        const added = [...sourceOf(row).entries()];
        for (const [key, value] of added) {
          if (strategy !== 'upsert' && map.has(key) !== (strategy === 'update')) continue;
          map.set(key, copyValue(value));
        }
        return added.length > 0;
      });
    },
  },
];

type Row = Parameters<Getter>[0];

/** An editor that changes a map in place; what says that nothing changed spares writing it back. */
export function edit(target: Argument, change: (map: MapValue, row: Row) => boolean): Getter {
  const place = target as MapTarget;
  return (row) => {
    const map = place.get(row);
    if (change(map, row)) place.set(row, map);
    return undefined;
  };
}

/** Says whether any value differs now. */
export function changeEach(map: MapValue, change: (value: Value) => Value): boolean {
  if (map.changeEach !== undefined) return map.changeEach(change);
  let isChanged = false;
  for (const [key, value] of [...map.entries()]) {
    const changed = change(value);
    if (changed === value) continue;
    map.set(key, changed);
    isChanged = true;
  }
  return isChanged;
}

function removeKeys(map: MapValue, isRemoved: (key: string) => boolean): boolean {
  const { size } = map;
  if (map.removeIf !== undefined) map.removeIf(isRemoved);
  else for (const key of [...map.keys()]) if (isRemoved(key)) map.delete(key);
  return map.size < size;
}

function truncateValues(map: MapValue, most: number, utf8Safe: boolean): boolean {
  return changeEach(map, (value) =>
    typeof value !== 'string' || value.length * 3 <= most ? value : truncate(value, most, utf8Safe),
  );
}

function truncate(text: string, most: number, utf8Safe: boolean): string {
  if (isAscii(text)) return text.slice(0, most);
  const bytes = encodeUtf8(text);
  if (bytes.length <= most) return text;
  let end = most;
  while (utf8Safe && end > 0 && bytes[end]! >> 6 === 2) end -= 1;
  return decodeUtf8(bytes.subarray(0, end));
}

function count(functionName: string, index: number, argument: Argument): number {
  const value = Number(argument);
  if (value < 0) throw new InvalidArgument(index, `${functionName}: ${value} is negative`);
  return value;
}
