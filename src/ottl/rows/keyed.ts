/** What stands behind keys in brackets, by the rules of pkg/ottl's ctxutil at 0.149: its messages, and what it makes on the way. */
import { EvaluationError } from '../function.ts';
import type { PathKey } from '../paths.ts';
import type { Row } from '../row.ts';
import { isList, isMap, type ListValue, type Value } from '../value.ts';
import { goTypeOf, valueTypeOf } from './go-type.ts';
import { adopt, TreeMap } from './tree.ts';

/** A list that is filled up with nil is not longer than this, which the Collector does not limit. */
const MAX_MADE_LENGTH = 65_536;

export function mapKey(key: PathKey, row: Row): string {
  if ('literal' in key) {
    if (typeof key.literal === 'string') return key.literal;
    throw new EvaluationError('unable to resolve a string index in map: invalid key type');
  }
  const value = key.get(row);
  if (typeof value === 'string') return value;
  throw new EvaluationError(
    `unable to resolve a string index in map: could not resolve key for map/slice, expecting 'string' but got '${goTypeOf(value)}'`,
  );
}

export function listIndex(key: PathKey, row: Row, length: number): number {
  const value = integerOf(key, row);
  if (value < 0n || value >= BigInt(length)) throw new EvaluationError(`index ${value} out of bounds`);
  return Number(value);
}

/** What `keys` from `from` on lead to inside `value`. */
export function readKeyed(value: Value, keys: readonly PathKey[], from: number, row: Row): Value {
  let found = value;
  for (let at = from; at < keys.length; at++) {
    const key = keys[at]!;
    if (isList(found)) found = found[listIndex(key, row, found.length)];
    else if (found !== undefined && isMap(found)) {
      const name = mapKey(key, row);
      if (!found.has(name)) return undefined;
      found = found.get(name);
    } else throw notIndexable(found);
  }
  return found;
}

/** `value` with what `keys` from `from` on lead to set; maps and lists in it are changed in place, nil becomes one. */
export function withKeyed(value: Value, keys: readonly PathKey[], from: number, change: Change): Value {
  if (from === keys.length) return adopt(change.value, value, ignore);
  const key = keys[from]!;
  if (isList(value)) {
    const index = listIndex(key, change.row, value.length);
    value[index] = withKeyed(value[index], keys, from + 1, change);
    return value;
  }
  if (value === undefined) return madeFor(keys, from, change);
  if (!isMap(value)) throw notIndexable(value);
  const name = mapKey(key, change.row);
  const current = value.get(name);
  const updated = withKeyed(current, keys, from + 1, change);
  if (updated !== current || !value.has(name)) value.set(name, updated);
  return value;
}

export interface Change {
  readonly row: Row;
  readonly value: Value;
}

const ignore = () => {};

function madeFor(keys: readonly PathKey[], from: number, change: Change): Value {
  const key = keys[from]!;
  const given = 'literal' in key ? key.literal : key.get(change.row);
  const made = withKeyed(undefined, keys, from + 1, change);
  if (typeof given === 'string') {
    const map = new TreeMap(ignore);
    map.append(given, made);
    return map;
  }
  if (typeof given !== 'bigint') {
    throw new EvaluationError('neither a string nor an int index was given, this is an error in the OTTL');
  }
  if (given >= MAX_MADE_LENGTH) throw new EvaluationError(`index ${given} out of bounds`);
  const list: ListValue = new Array<Value>(Math.max(0, Number(given))).fill(undefined);
  list.push(made);
  return list;
}

function integerOf(key: PathKey, row: Row): bigint {
  if ('literal' in key) {
    if (typeof key.literal === 'bigint') return key.literal;
    throw new EvaluationError('unable to resolve an integer index in slice: invalid key type');
  }
  const value = key.get(row);
  if (typeof value === 'bigint') return value;
  throw new EvaluationError(
    `unable to resolve an integer index in slice: could not resolve key for map/slice, expecting 'int64' but got '${goTypeOf(value)}'`,
  );
}

function notIndexable(value: Value): EvaluationError {
  return new EvaluationError(`type ${valueTypeOf(value)} does not support string indexing`);
}
