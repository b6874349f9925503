import { EvaluationError } from './function.ts';
import { typeName } from './functions/value-text.ts';
import type { Expression } from './syntax.ts';
import { Duration, IdValue, isList, isMap, Time, type Value } from './value.ts';

/**
 * Fails for what the Collector can't put into a map (mapGetter in pkg/ottl/expression.go): times, durations, ids, and lists that
 * are not written as such. A map stands in a list only directly.
 */
export function checkMapContent(value: Value, written: Expression): void {
  if (isList(value)) checkList(value, written, 0);
  else checkPlain(value);
}

/** The same for a written list that a function takes as a list of the data: what stands in it must not be a map either. */
export function checkListContent(value: Value, written: Expression): void {
  if (isList(value)) checkList(value, written, 1);
}

function checkList(value: readonly Value[], written: Expression, depth: number): void {
  if (written.kind !== 'list')
    throw new EvaluationError('a list can only be put into another or a map where it is written out, as in [a, b]');
  for (const [at, item] of value.entries()) {
    if (isList(item)) checkList(item, written.items[at]!, depth + 1);
    else if (depth > 0 && isMap(item)) throw new EvaluationError("a map can't stand in this list");
    else checkPlain(item);
  }
}

function checkPlain(value: Value): void {
  if (value instanceof Time || value instanceof Duration || value instanceof IdValue)
    throw new EvaluationError(`${typeName(value)} can't be put into a list or map`);
}
