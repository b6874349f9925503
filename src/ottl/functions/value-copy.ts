import { TreeMap } from '../rows/tree.ts';
import { isList, isMap, type MapValue, type Value } from '../value.ts';

/** A value that shares nothing with this one: maps that are views of a row become maps of their own. */
export function copyValue(value: Value): Value {
  if (isList(value)) return value.map(copyValue);
  if (value instanceof Uint8Array) return value.slice();
  return isMap(value) ? copyMap(value) : value;
}

function copyMap(map: MapValue): MapValue {
  const copy = new Map<string, Value>();
  for (const [key, value] of map.entries()) copy.set(key, copyValue(value));
  return copy.size === map.size ? copy : copyEntries(map);
}

/** With keys that stand twice. */
function copyEntries(map: MapValue): MapValue {
  const copy = new TreeMap(() => {});
  for (const [key, value] of map.entries()) copy.append(key, copyValue(value));
  return copy;
}
