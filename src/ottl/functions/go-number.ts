/** Go's strconv for floats and ints, as far as functions show or read them. */

/**
 * `%e`, `%f`, `%g` of strconv.FormatFloat. Without a precision: the shortest digits that read back the same. Rounds half to even
 * on the exact value, which toFixed does not.
 */
export function formatFloat(value: number, verb: 'e' | 'f' | 'g', precision?: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const exact = precision === undefined ? undefined : Math.min(precision, MAX_DIGITS);
  const text = formatPositive(Math.abs(value), verb, exact);
  const zeros = '0'.repeat(Math.max(0, (precision ?? 0) - MAX_DIGITS));
  return sign + (verb === 'g' ? text : text.replace(/e|$/, (end) => zeros + end));
}

/** No double has more digits than these, before or behind its point, that are not 0. */
const MAX_DIGITS = 1_100;

function formatPositive(value: number, verb: 'e' | 'f' | 'g', precision: number | undefined): string {
  if (verb === 'f' && precision !== undefined) {
    const digits = scaled(value, precision)
      .toString()
      .padStart(precision + 1, '0');
    return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
  }
  const { digits, exponent } =
    precision === undefined ? shortest(value) : rounded(value, verb === 'e' ? precision + 1 : Math.max(1, precision));
  if (verb === 'e') return withExponent(digits, exponent);
  if (verb === 'f') return withPoint(digits, exponent);
  const significant = digits.replace(/0+$/, '') || '0';
  const limit = precision === undefined ? 6 : Math.max(1, precision);
  const isLong = exponent < -4 || exponent >= limit;
  return isLong ? withExponent(significant, exponent) : withPoint(significant, exponent);
}

interface Decimal {
  readonly digits: string;
  /** Of the first digit. */
  readonly exponent: number;
}

function shortest(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

function rounded(value: number, count: number): Decimal {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 };
  let { exponent } = shortest(value);
  for (;;) {
    const digits = scaled(value, count - 1 - exponent).toString();
    if (digits.length === count) return { digits, exponent };
    exponent += digits.length - count;
  }
}

/** value × 10^places as a whole number, from the exact bits. */
function scaled(value: number, places: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const mantissa = (raw & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n);
  const power = Math.max(1, biased) - 1075;
  const numerator = mantissa * (power > 0 ? 1n << BigInt(power) : 1n) * (places > 0 ? 10n ** BigInt(places) : 1n);
  const denominator = (power < 0 ? 1n << BigInt(-power) : 1n) * (places < 0 ? 10n ** BigInt(-places) : 1n);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

function withExponent(digits: string, exponent: number): string {
  const rest = digits.slice(1);
  const sign = exponent < 0 ? '-' : '+';
  return `${digits[0]}${rest === '' ? '' : `.${rest}`}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function withPoint(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const rest = digits.slice(exponent + 1);
  return rest === '' ? whole : `${whole}.${rest}`;
}

export const MIN_INT64 = -(1n << 63n);
export const MAX_INT64 = (1n << 63n) - 1n;

/** strconv.ParseInt for 64 bits: 'syntax' or 'range' where it fails. Base 0 reads the prefix and takes `_` between digits. */
export function parseInteger(text: string, base: number): bigint | 'syntax' | 'range' {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const { radix, digits } = base === 0 ? prefixed(rest) : { radix: base, digits: rest };
  if (digits === '') return 'syntax';
  let value = 0n;
  for (const character of digits) {
    const digit = digitValue(character);
    if (digit >= radix) return 'syntax';
    value = value * BigInt(radix) + BigInt(digit);
    if (value > MAX_INT64 + 1n) return [...digits].every((one) => digitValue(one) < radix) ? 'range' : 'syntax';
  }
  const signed = sign === '-' ? -value : value;
  return signed > MAX_INT64 ? 'range' : signed;
}

function digitValue(character: string): number {
  if (!/^[0-9A-Za-z]$/.test(character)) return Number.POSITIVE_INFINITY;
  return Number.parseInt(character, 36);
}

function prefixed(text: string): { readonly radix: number; readonly digits: string } {
  const [, prefix = '', body = ''] = /^(0[bBoOxX]|0(?=.))?(.*)$/s.exec(text) ?? [];
  const radix = { b: 2, o: 8, x: 16 }[prefix.slice(1).toLowerCase()] ?? (prefix === '0' ? 8 : 10);
  if (!body.includes('_')) return { radix, digits: body };
  const isSpread = prefix === '' ? /^[^_]+(_[^_]+)*$/.test(body) : /^_?[^_]+(_[^_]+)*$/.test(body);
  return { radix, digits: isSpread ? body.replaceAll('_', '') : '' };
}
