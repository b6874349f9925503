import { EvaluationError, type ParameterType } from './function.ts';
import { formatTime } from './functions/go-layout.ts';
import { formatFloat, parseInteger } from './functions/go-number.ts';
import { checkLength } from './functions/limits.ts';
import { encodeUtf8 } from './functions/utf8.ts';
import { jsonOf, typeName } from './functions/value-text.ts';
import { parseFloat64 } from './parse-float.ts';
import { isMessage } from './rows/tree.ts';
import { Duration, isList, isMap, Time, type Value } from './value.ts';

const RFC3339_NANO = '2006-01-02T15:04:05.999999999Z07:00';

export type Conversion = (value: Value) => Value;

/**
 * What a Getter type does with a value, as pkg/ottl/expression.go: the strict ones want the type, the Like ones convert and let
 * nil through. Throws an EvaluationError.
 */
export const CONVERSIONS: Readonly<Partial<Record<ParameterType, Conversion>>> = {
  StringGetter: strict('string', (value) => typeof value === 'string'),
  IntGetter: strict('an int', (value) => typeof value === 'bigint'),
  FloatGetter: strict('a double', (value) => typeof value === 'number'),
  BoolGetter: strict('a bool', (value) => typeof value === 'boolean'),
  DurationGetter: strict('a duration', (value) => value instanceof Duration),
  TimeGetter: strict('a time', (value) => value instanceof Time),
  PMapGetter: strict('a map', (value) => isMap(value) && !isMessage(value)),
  PSliceGetter: strict('a list', (value) => isList(value) && !isMessage(value)),
  StringLikeGetter: toText,
  IntLikeGetter: toInt,
  FloatLikeGetter: toFloat,
  BoolLikeGetter: toBool,
  ByteSliceLikeGetter: toBytes,
};

function strict(noun: string, isType: (value: Value) => boolean): Conversion {
  return (value) => {
    if (isType(value)) return value;
    throw new EvaluationError(`expected ${noun === 'string' ? 'a string' : noun}, found ${typeName(value)}`);
  };
}

function refuse(noun: string, value: Value): never {
  throw new EvaluationError(`${typeName(value)} can't be made ${noun}`);
}

function toText(value: Value): Value {
  if (value === undefined || typeof value === 'string') return value;
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'number') return floatText(value);
  if (value instanceof Time) return `"${formatTime(value, RFC3339_NANO)}"`;
  if (value instanceof Duration) return String(value.nanos);
  // To the Collector's JSON messages have no fields.
  if (isMessage(value)) return '{}';
  if (isMap(value) || isList(value)) return checked(jsonOf(value));
  // Ids are arrays of bytes to the Collector's JSON.
  return typeof value === 'object' ? `[${value.bytes.join(',')}]` : String(value);
}

/** JSON in JSON doubles what is escaped. */
function checked(text: string): string {
  checkLength('JSON', text.length);
  return text;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function floatText(value: number): string {
  if (!Number.isFinite(value)) throw new EvaluationError(`${value} has no form in JSON`);
  const size = Math.abs(value);
  return formatFloat(value, size !== 0 && (size < 1e-6 || size >= 1e21) ? 'e' : 'f');
}

/** Text that is no whole number is nil, without failure. */
function toInt(value: Value): Value {
  if (value === undefined || typeof value === 'bigint') return value;
  if (typeof value === 'number') return truncate(value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value !== 'string') return refuse('an int', value);
  const parsed = parseInteger(value, 10);
  return typeof parsed === 'bigint' ? parsed : undefined;
}

/** What has no int64 becomes the least one, as on the processors that the Collector runs on. */
function truncate(value: number): bigint {
  const isWithin = value >= -(2 ** 63) && value < 2 ** 63;
  return isWithin ? BigInt(Math.trunc(value)) : -(1n << 63n);
}

function toFloat(value: Value): Value {
  if (value === undefined || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return refuse('a double', value);
  const parsed = parseFloat64(value);
  if (parsed === undefined) throw new EvaluationError('the text is no number');
  return parsed;
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

function toBool(value: Value): Value {
  if (value === undefined || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value === 'number') return value !== 0;
  if (typeof value !== 'string') return refuse('a bool', value);
  if (TRUE.has(value)) return true;
  if (FALSE.has(value)) return false;
  throw new EvaluationError('the text is neither true nor false');
}

/** Numbers as eight bytes, the highest first. */
function toBytes(value: Value): Value {
  if (value === undefined || value instanceof Uint8Array) return value;
  if (typeof value === 'string') return encodeUtf8(value);
  if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0);
  const bytes = new DataView(new ArrayBuffer(8));
  if (typeof value === 'bigint') bytes.setBigInt64(0, value);
  else if (typeof value === 'number') bytes.setFloat64(0, value);
  else return refuse('bytes', value);
  return new Uint8Array(bytes.buffer);
}
