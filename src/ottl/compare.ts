import { compareText } from './functions/value-text.ts';
import type { ComparisonOperator } from './syntax.ts';
import { Duration, IdValue, isList, isMap, type MapValue, Time, type Value } from './value.ts';

/**
 * The Collector's rules (pkg/ottl/compare.go): numbers compare across int and double; values of other different types are
 * never equal, and neither less nor greater; nil equals nil and bytes that are empty, which Go has no slice for; NaN equals nothing.
 */
export function compare(a: Value, b: Value, operator: ComparisonOperator): boolean {
  switch (operator) {
    case '==':
      return isEqual(a, b);
    case '!=':
      return !isEqual(a, b);
    case '<':
      return order(a, b) < 0;
    case '<=':
      return order(a, b) <= 0;
    case '>':
      return order(a, b) > 0;
    case '>=':
      return order(a, b) >= 0;
  }
}

export function isEqual(a: Value, b: Value): boolean {
  if (typeof a === 'bigint' && typeof b === 'number') return Number(a) === b;
  if (typeof a === 'number' && typeof b === 'bigint') return a === Number(b);
  if (a === undefined || b === undefined) return isNil(a) && isNil(b);
  return isSame(a, b);
}

/** Whether a value is nil to a comparison. */
export function isNil(value: Value): boolean {
  return value === undefined || (value instanceof Uint8Array && value.length === 0);
}

/** As within maps and lists, where an int and a double are never equal. */
function isSame(a: Value, b: Value): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && orderBytes(a, b) === 0;
  if (a instanceof Time) return b instanceof Time && a.unixNanos === b.unixNanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof IdValue) return b instanceof IdValue && a.kind === b.kind && orderBytes(a.bytes, b.bytes) === 0;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  return isMap(a) && isMap(b) && isSameMap(a, b);
}

function isSameMap(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a.entries()) if (!b.has(key) || !isSame(value, b.get(key))) return false;
  return true;
}

/** Less than, equal to or greater than 0; NaN where the two have no order. */
function order(a: Value, b: Value): number {
  if (typeof a === 'bigint') {
    if (typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
    return typeof b === 'number' ? orderNumbers(Number(a), b) : Number.NaN;
  }
  if (typeof a === 'number') {
    if (typeof b === 'number') return orderNumbers(a, b);
    return typeof b === 'bigint' ? orderNumbers(a, Number(b)) : Number.NaN;
  }
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : Number.NaN;
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : Number.NaN;
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b) ? 0 : Number.NaN;
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? orderBytes(a, b) : Number.NaN;
  if (a instanceof Time) return b instanceof Time ? Number(a.unixNanos - b.unixNanos) : Number.NaN;
  if (a instanceof Duration) return b instanceof Duration ? Number(a.nanos - b.nanos) : Number.NaN;
  return Number.NaN;
}

/** Not the difference: that of infinity and itself is NaN. */
function orderNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : Number.NaN;
}

function orderBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
