import { Duration, IdValue, isList, isMap, Time, type Value } from '../value.ts';
import { formatDuration } from './duration-text.ts';
import { formatTime } from './go-layout.ts';
import { formatFloat } from './go-number.ts';
import { checkLength, MAX_TEXT_LENGTH } from './limits.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { jsonOf } from './value-text.ts';

/** What stands between `%` and the verb. */
interface Directive {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

const DIRECTIVE = /%([-+# 0]*)(?:\[(\d+)\])?(\*|\d*)(?:(\.)(?:\[(\d+)\])?(\*|\d*))?(?:\[(\d+)\])?(.?)/gsu;

/** Go's fmt.Sprintf for the values of OTTL; maps and lists are shown as JSON, since Go shows addresses. */
export function formatValues(format: string, values: readonly Value[]): string {
  let next = 0;
  let isReordered = false;
  let result = '';
  let end = 0;
  const take = (index: string | undefined): Value | typeof NONE => {
    if (index !== undefined) {
      isReordered = true;
      next = Number(index) - 1;
    }
    return next >= 0 && next < values.length ? values[next++] : NONE;
  };
  for (const match of format.matchAll(DIRECTIVE)) {
    result += format.slice(end, match.index);
    end = match.index + match[0].length;
    const [, flags = '', widthIndex, width, point, precisionIndex, precision, valueIndex, verb = ''] = match;
    const wide = size(width, () => take(widthIndex));
    const precise =
      point === undefined ? { count: undefined, complaint: '' } : size(precision || '0', () => take(precisionIndex));
    if (wide.complaint !== '') result += '%!(BADWIDTH)';
    if (precise.complaint !== '') result += '%!(BADPREC)';
    const isLeft = (wide.count ?? 0) < 0;
    const directive: Directive = {
      flags: isLeft ? `${flags}-` : flags,
      width: wide.count === undefined ? undefined : Math.abs(wide.count),
      precision: precise.count !== undefined && precise.count < 0 ? undefined : precise.count,
    };
    checkLength('Format', result.length + (directive.width ?? 0) + (directive.precision ?? 0));
    const index = valueIndex ?? (width === '*' || precision === '*' ? undefined : widthIndex);
    result += verb === '' ? '%!(NOVERB)' : verb === '%' ? '%' : show(verb, directive, take(index), index !== undefined);
    checkLength('Format', result.length);
  }
  result += format.slice(end);
  if (isReordered || next >= values.length) return result;
  const extra = values.slice(next).map((value) => (value === undefined ? '<nil>' : `${goType(value)}=${plain(value)}`));
  return `${result}%!(EXTRA ${extra.join(', ')})`;
}

const NONE = Symbol('no argument');

function size(
  text: string | undefined,
  take: () => Value | typeof NONE,
): { count: number | undefined; complaint: string } {
  if (text === undefined || text === '') return { count: undefined, complaint: '' };
  const value = text === '*' ? take() : Number(text);
  const count = typeof value === 'bigint' ? Number(value) : value;
  const fits = typeof count === 'number' && Math.abs(count) <= 1_000_000;
  return fits ? { count, complaint: '' } : { count: undefined, complaint: 'too large, or no number' };
}

function show(verb: string, directive: Directive, value: Value | typeof NONE, isIndexed: boolean): string {
  if (value === NONE) return isIndexed ? `%!${verb}(BADINDEX)` : `%!${verb}(MISSING)`;
  if (value === undefined) return verb === 'v' || verb === 'T' ? pad('<nil>', directive) : `%!${verb}(<nil>)`;
  if (verb === 'T') return pad(cut(goType(value), directive), directive);
  const own = verb === 'v' ? { ...directive, flags: directive.flags.replace(/[+#]/g, '') } : directive;
  if (verb === 'v' && typeof value === 'string' && directive.flags.includes('#'))
    return pad(quote(cut(value, own)), own);
  // What is shown for a wrong verb keeps the directive's flags, and a duration is then a number.
  const raw = value instanceof Duration ? value.nanos : value;
  return formatOne(verb, own, value) ?? `%!${verb}(${goType(value)}=${formatOne('v', own, raw)})`;
}

function formatOne(verb: string, directive: Directive, value: Exclude<Value, undefined>): string | undefined {
  if (typeof value === 'bigint') return formatInteger(verb, value, directive);
  if (typeof value === 'number') return formatDouble(verb, value, directive);
  if (typeof value === 'boolean') return 'tv'.includes(verb) ? pad(String(value), directive) : undefined;
  return formatText(verb, value, directive);
}

function cut(text: string, { precision }: Directive): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function formatText(
  verb: string,
  value: Exclude<Value, undefined | bigint | number | boolean>,
  directive: Directive,
): string | undefined {
  if (value instanceof Duration && 'dboOxXcU'.includes(verb) && verb !== 'x' && verb !== 'X')
    return formatInteger(verb, value.nanos, directive);
  if (value instanceof Uint8Array && !'sqxX'.includes(verb)) return formatBytes(verb, value, directive);
  const text = value instanceof Uint8Array ? decodeUtf8(value) : plain(value);
  const { flags, precision } = directive;
  if (verb === 'v' || verb === 's') return pad(cut(text, directive), directive);
  if (verb === 'q') {
    const short = cut(text, directive);
    const isRaw = flags.includes('#') && !/[`\p{Cc}\ufeff]/u.test(short.replaceAll('\t', '')) && short.isWellFormed();
    return pad(isRaw ? `\`${short}\`` : quote(short), directive);
  }
  if (verb !== 'x' && verb !== 'X') return undefined;
  const bytes = encodeUtf8(text).subarray(0, precision);
  const prefix = flags.includes('#') && bytes.length > 0 ? '0x' : '';
  const separator = flags.includes(' ') ? ` ${prefix}` : '';
  const hex = prefix + [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(separator);
  return pad(verb === 'X' ? hex.toUpperCase() : hex, directive);
}

function formatBytes(verb: string, bytes: Uint8Array, directive: Directive): string {
  const one = (byte: number): string =>
    formatInteger(verb, BigInt(byte), directive) ?? `%!${verb}(uint8=${formatInteger('v', BigInt(byte), directive)})`;
  return `[${Array.from(bytes, one).join(' ')}]`;
}

const RADIX: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

function formatInteger(verb: string, value: bigint, directive: Directive): string | undefined {
  if (verb === 'c') return pad(character(value), directive);
  if (verb === 'q')
    return pad(`'${quote(character(value)).slice(1, -1).replace(/'/g, "\\'").replace(/\\"/g, '"')}'`, directive);
  if (verb === 'U')
    return pad(
      `U+${unsigned(value)
        .toString(16)
        .toUpperCase()
        .padStart(Math.max(4, directive.precision ?? 0), '0')}`,
      directive,
    );
  const radix = RADIX[verb];
  if (radix === undefined) return undefined;
  const { flags, width, precision } = directive;
  if (precision === 0 && value === 0n) return ' '.repeat(width ?? 0);
  const sign = signOf(value < 0n, flags);
  const magnitude = (value < 0n ? -value : value).toString(radix);
  const isFilled = precision === undefined && width !== undefined && flags.includes('0') && !flags.includes('-');
  const least = isFilled ? width - sign.length : (precision ?? 0);
  const digits = magnitude.padStart(least, '0');
  const sharp = flags.includes('#') ? ({ 2: '0b', 8: digits.startsWith('0') ? '' : '0', 16: '0x' }[radix] ?? '') : '';
  const text = sign + (verb === 'O' ? '0o' : '') + sharp + digits;
  return pad(verb === 'X' ? text.toUpperCase() : text, { ...directive, flags: flags.replaceAll('0', '') });
}

function formatDouble(verb: string, value: number, directive: Directive): string | undefined {
  const lower = verb.toLowerCase();
  if (!'eEfFgGv'.includes(verb)) return undefined;
  const kind = lower === 'v' ? 'g' : (lower as 'e' | 'f' | 'g');
  const precision = directive.precision ?? (kind === 'g' ? undefined : 6);
  const shown = formatFloat(value, kind, precision);
  const isNegative = shown.startsWith('-');
  const unsignedText = shown.replace(/^[-+]/, '');
  const digits =
    directive.flags.includes('#') && Number.isFinite(value)
      ? withAllDigits(unsignedText, kind, precision)
      : unsignedText;
  const { flags, width } = directive;
  const isNumber = Number.isFinite(value);
  const sign = signOf(isNegative, Number.isNaN(value) || isNumber ? flags : `+${flags}`);
  const isFilled = isNumber && width !== undefined && flags.includes('0') && !flags.includes('-');
  const text = sign + (isFilled ? digits.padStart(width - sign.length, '0') : digits);
  return pad(isNumber && verb !== lower ? text.toUpperCase() : text, {
    ...directive,
    flags: flags.replaceAll('0', ''),
  });
}

/** The flag `#`: a point in any case, and for `%g` the zeros behind it. */
function withAllDigits(text: string, kind: 'e' | 'f' | 'g', precision: number | undefined): string {
  const [, mantissa = '', tail = ''] = /^([\d.]+)(.*)$/.exec(text) ?? [];
  const significant = mantissa.replace('.', '').replace(/^0+/, '').length + (mantissa === '0' ? 1 : 0);
  const missing = kind === 'g' ? Math.max(0, (precision ?? 6) - significant) : 0;
  return mantissa + (mantissa.includes('.') ? '' : '.') + '0'.repeat(missing) + tail;
}

function signOf(isNegative: boolean, flags: string): string {
  return isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function pad(text: string, { flags, width = 0 }: Directive): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (missing > MAX_TEXT_LENGTH) checkLength('Format', missing);
  if (flags.includes('-')) return text + ' '.repeat(missing);
  return (flags.includes('0') ? '0' : ' ').repeat(missing) + text;
}

const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

function character(value: bigint): string {
  return value < 0n || value > 0x10ffffn || (value >= 0xd800n && value <= 0xdfffn)
    ? '\ufffd'
    : String.fromCodePoint(Number(value));
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** strconv.Quote: what is printable stays. */
export function quote(text: string): string {
  const escaped = text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (one) => {
    const short = SHORT_ESCAPES[one];
    const point = one.codePointAt(0)!;
    if (short !== undefined) return short;
    if (point >= 0xdc80 && point <= 0xdcff) return `\\x${(point - 0xdc00).toString(16)}`;
    if (point < 0x80) return `\\x${point.toString(16).padStart(2, '0')}`;
    return point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

function goType(value: Exclude<Value, undefined>): string {
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (value instanceof Uint8Array) return '[]uint8';
  if (value instanceof Time) return 'time.Time';
  if (value instanceof Duration) return 'time.Duration';
  if (value instanceof IdValue) return `pcommon.${value.kind === 'span' ? 'SpanID' : 'TraceID'}`;
  return isList(value) ? 'pcommon.Slice' : 'pcommon.Map';
}

/** `%v`. */
function plain(value: Exclude<Value, undefined>): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatFloat(value, 'g');
  if (value instanceof Uint8Array) return `[${value.join(' ')}]`;
  if (value instanceof Time) return formatTime(value, '2006-01-02 15:04:05.999999999 -0700 MST');
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof IdValue) return [...value.bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return isList(value) || isMap(value) ? jsonOf(value) : String(value);
}
