import { CodedError, errorMessage } from '../lib/index.ts';
import type { AttributeList } from './attribute-list.ts';
import {
  type AttributeValue,
  doubleValue,
  encodeValue,
  intValue,
  memberOf,
  textValue,
  VALUE,
  type ValueBytes,
  valueAsText,
} from './attribute-value.ts';
import { compilePattern, type Pattern } from './re2-pattern.ts';
import { WireWriter } from './wire/wire-writer.ts';

/** One entry of `attributes:` or `actions:` in the Collector's resource and attributes processors, keys as there. */
export interface AttributeAction {
  /** insert, update, upsert, delete, hash, extract or convert, in any case. */
  readonly action: string;
  readonly key?: string;
  readonly value?: AttributeValue;
  readonly default_value?: AttributeValue;
  readonly from_attribute?: string;
  /** `metadata.<header>` or `<header>`: the sender's request headers. */
  readonly from_context?: string;
  readonly pattern?: string;
  readonly converted_type?: string;
}

/** What the pure set can't do by itself. */
export interface AttributeActionEnvironment {
  sha256(bytes: Uint8Array): Uint8Array;
}

/** The sender's values of a request header, `;` between them; undefined when there is none or nobody kept it. */
export type HeaderLookup = (name: string) => string | undefined;

export const NO_HEADERS: HeaderLookup = () => undefined;

export type CompiledAction = (attributes: AttributeList, header: HeaderLookup) => void;

/**
 * One action, ready to run. Throws CodedError `invalid_action`, with the sentence for the user, where the Collector refuses to
 * start, and where it would need what the engine does not know. Rules: coreinternal/attraction at v0.149.0.
 */
export function compileAction(action: AttributeAction, environment: AttributeActionEnvironment): CompiledAction {
  const verb = action.action.toLowerCase();
  const usesPatternAsKey = verb === 'delete' || verb === 'hash';
  if (!action.key && !(usesPatternAsKey && action.pattern)) {
    throw invalid(action, usesPatternAsKey ? 'needs a "key" or a "pattern"' : 'needs a "key"');
  }
  switch (verb) {
    case 'insert':
    case 'update':
    case 'upsert':
      return compileSet(action, verb);
    case 'delete':
      refuse(action, ['value', 'from_attribute', 'converted_type']);
      return compileDelete(action);
    case 'hash':
      refuse(action, ['value', 'from_attribute', 'converted_type']);
      return compileHash(action, environment);
    case 'extract':
      refuse(action, ['value', 'from_attribute', 'from_context', 'converted_type']);
      return compileExtract(action);
    case 'convert':
      refuse(action, ['value', 'from_attribute', 'from_context', 'pattern']);
      return compileConvert(action);
    default:
      throw invalid(action, 'is none of insert, update, upsert, delete, hash, extract, convert');
  }
}

type SettingVerb = 'insert' | 'update' | 'upsert';

function compileSet(action: AttributeAction, verb: SettingVerb): CompiledAction {
  refuse(action, ['pattern', 'converted_type']);
  const key = action.key as string;
  const source = action.from_attribute;
  const header = action.from_context ? headerName(action, action.from_context) : undefined;
  const given = encodeIfGiven(action.value);
  const fallback = encodeIfGiven(action.default_value);
  const sources = [given, source || undefined, header].filter((one) => one !== undefined);
  if (sources.length > 1) throw invalid(action, 'has more than one of "value", "from_attribute", "from_context"');
  if (sources.length === 0 && fallback === undefined) {
    throw invalid(action, 'needs one of "value", "from_attribute", "from_context", "default_value"');
  }
  return (attributes, headerOf) => {
    const text = header === undefined ? undefined : headerOf(header);
    const sent = text === undefined ? undefined : textValue(text);
    const value = given ?? sent ?? (source ? attributes.get(source) : undefined) ?? fallback;
    if (value === undefined) return;
    const exists = attributes.get(key) !== undefined;
    if (exists ? verb !== 'insert' : verb !== 'update') attributes.set(key, value);
  };
}

/** Of what the Collector knows about a request, a batch carries its headers. */
function headerName(action: AttributeAction, from: string): string {
  if (from === 'client.address' || from.startsWith('auth.')) {
    throw invalid(action, `asks for ${JSON.stringify(from)}, of which the engine only has "metadata.<header>"`);
  }
  return from.replace(/^metadata\./, '').toLowerCase();
}

function encodeIfGiven(value: AttributeValue | undefined): ValueBytes | undefined {
  return value === undefined || value === null ? undefined : encodeValue(value);
}

function compileDelete(action: AttributeAction): CompiledAction {
  const { key = '', pattern } = action;
  const expression = pattern ? compile(action, pattern) : undefined;
  return (attributes) => {
    attributes.remove(key);
    if (expression !== undefined) attributes.removeIf((name) => expression.test(name));
  };
}

function compileHash(action: AttributeAction, environment: AttributeActionEnvironment): CompiledAction {
  const { key = '', pattern } = action;
  const expression = pattern ? compile(action, pattern) : undefined;
  const hash = (value: ValueBytes): ValueBytes => {
    const hashed = hashedContent(value);
    return textValue(hashed === undefined ? '' : hexOf(environment.sha256(hashed)));
  };
  return (attributes) => {
    const value = attributes.get(key);
    if (value !== undefined) attributes.set(key, hash(value));
    if (expression !== undefined) attributes.mapIf((name) => expression.test(name), hash);
  };
}

/** Text as it is, numbers as eight little-endian bytes, booleans as one; the others have no hash. */
function hashedContent(value: ValueBytes): Uint8Array | undefined {
  const member = memberOf(value);
  const writer = new WireWriter(8);
  switch (member?.number) {
    case VALUE.string:
    case VALUE.double:
      return member.content();
    case VALUE.bool:
      writer.byte(member.bool() ? 1 : 0);
      return writer.finish();
    case VALUE.int:
      writer.fixed64(member.int64());
      return writer.finish();
    default:
      return undefined;
  }
}

function compileExtract(action: AttributeAction): CompiledAction {
  const key = action.key as string;
  if (!action.pattern) throw invalid(action, 'needs a "pattern"');
  const expression = compile(action, action.pattern);
  const names = expression.groupNames.slice(1);
  if (names.length === 0) throw invalid(action, 'has a "pattern" without named groups');
  if (names.includes('')) throw invalid(action, 'has a "pattern" with an unnamed group');
  return (attributes) => {
    const member = memberOf(attributes.get(key) ?? new Uint8Array(0));
    const groups = member?.number === VALUE.string ? expression.find(member.string())?.groups : undefined;
    if (groups === undefined) return;
    for (const [at, name] of names.entries()) attributes.set(name, textValue(groups[at + 1] ?? ''));
  };
}

function compileConvert(action: AttributeAction): CompiledAction {
  const key = action.key as string;
  const convert = CONVERSIONS[action.converted_type ?? ''];
  if (convert === undefined) throw invalid(action, 'needs a "converted_type" of string, int or double');
  return (attributes) => {
    const value = attributes.get(key);
    const converted = value === undefined ? undefined : convert(value);
    if (converted !== undefined) attributes.set(key, converted);
  };
}

/** Each gives undefined where the Collector leaves the value alone. */
const CONVERSIONS: Readonly<Record<string, (value: ValueBytes) => ValueBytes | undefined>> = {
  string: (value) => (memberOf(value)?.number === VALUE.string ? undefined : textValue(valueAsText(value))),
  int: (value) => {
    const member = memberOf(value);
    if (member?.number === VALUE.double) return intValue(truncated(member.double()));
    if (member?.number === VALUE.bool) return intValue(member.bool() ? 1n : 0n);
    return member?.number === VALUE.string ? parsedInt(member.string()) : undefined;
  },
  double: (value) => {
    const member = memberOf(value);
    if (member?.number === VALUE.int) return doubleValue(Number(member.int64()));
    if (member?.number === VALUE.bool) return doubleValue(member.bool() ? 1 : 0);
    return member?.number === VALUE.string ? parsedDouble(member.string()) : undefined;
  },
};

const INT64_MIN = -(2n ** 63n);

/** Go on amd64 turns what doesn't fit, NaN included, into the smallest integer. */
function truncated(value: number): bigint {
  return Number.isFinite(value) && Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : INT64_MIN;
}

function parsedInt(text: string): ValueBytes | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? intValue(value) : undefined;
}

function parsedDouble(text: string): ValueBytes | undefined {
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? doubleValue(value) : undefined;
  }
  if (/^[+-]?nan$/i.test(text)) return /^nan$/i.test(text) ? doubleValue(Number.NaN) : undefined;
  if (!/^[+-]?inf(inity)?$/i.test(text)) return undefined;
  return doubleValue(text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
}

function compile(action: AttributeAction, pattern: string): Pattern {
  try {
    return compilePattern(pattern);
  } catch (cause) {
    throw invalid(action, `has the pattern ${JSON.stringify(pattern)}, which ${errorMessage(cause)}`, cause);
  }
}

function refuse(action: AttributeAction, keys: readonly (keyof AttributeAction)[]): void {
  const present = keys.find((key) => action[key] !== undefined && action[key] !== '' && action[key] !== null);
  if (present !== undefined) throw invalid(action, `may not have "${present}"`);
}

function invalid(action: AttributeAction, complaint: string, cause?: unknown): CodedError {
  const subject = action.key ? `action "${action.action}" of key "${action.key}"` : `action "${action.action}"`;
  return new CodedError('invalid_action', `${subject} ${complaint}`, { cause });
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
