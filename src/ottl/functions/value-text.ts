import { EvaluationError } from '../function.ts';
import { Duration, IdValue, isList, isMap, Time, type Value } from '../value.ts';
import { encodeBase64 } from './base64.ts';
import { formatFloat } from './go-number.ts';

/** What a value is, in the words of a message. */
export function typeName(value: Value): string {
  if (value === undefined) return 'nil';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Time) return 'time';
  if (value instanceof Duration) return 'duration';
  if (value instanceof IdValue) return `${value.kind} id`;
  return isList(value) ? 'list' : 'map';
}

/** As pdata writes a value as text: strings as they are, bytes in base64, maps and lists as JSON with sorted keys. */
export function textOf(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return jsonFloat(value) ?? `json: unsupported value: ${formatFloat(value, 'g')}`;
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (isList(value) || isMap(value)) return hasNoJson(value) ? '' : jsonOf(value, (number) => number);
  return String(value);
}

/**
 * JSON as Go's encoders write it: keys sorted, `<`, `>` and `&` escaped, empty bytes null. NaN and infinity have none. The one that
 * the language converts with writes exponents with two digits, the one of pdata does not.
 */
export function jsonOf(value: Value, exponent: (number: string) => string = padExponent): string {
  if (value === undefined) return 'null';
  if (typeof value === 'string') return jsonString(value);
  if (typeof value === 'number') return exponent(jsonNumber(value));
  if (value instanceof Uint8Array) return value.length === 0 ? 'null' : `"${encodeBase64(value)}"`;
  if (isList(value)) return `[${value.map((element) => jsonOf(element, exponent)).join(',')}]`;
  if (!isMap(value)) return String(value);
  // Of a key that stands twice the last counts.
  const members = [...new Map(value.entries())].sort(([a], [b]) => compareText(a, b));
  return `{${members.map(([key, member]) => `${jsonString(key)}:${jsonOf(member, exponent)}`).join(',')}}`;
}

const padExponent = (number: string): string => number.replace(/e([+-])(\d)$/, 'e$10$2');

function jsonNumber(value: number): string {
  const text = jsonFloat(value);
  if (text === undefined) throw new EvaluationError(`${formatFloat(value, 'g')} cannot be written as JSON`);
  return text;
}

function hasNoJson(value: Value): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (isList(value)) return value.some(hasNoJson);
  return isMap(value) && [...value.entries()].some(([, member]) => hasNoJson(member));
}

/** In the order of their bytes, which is that of code points. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = unitOrder(a.charCodeAt(i)) - unitOrder(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Surrogates stand for characters behind all others; a lone byte for itself, among the characters that begin with it. */
function unitOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2800 : unit;
}

function jsonString(text: string): string {
  const escaped = JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  // JSON.stringify has escaped what is no pair of surrogates, which stands for a byte that is no UTF-8.
  return text.isWellFormed() ? escaped : escaped.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, '$1\\ufffd');
}

/** As ES6 does, which is also Go's rule for JSON, but for the exponent. */
function jsonFloat(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  return Object.is(value, -0) ? '-0' : String(value);
}
