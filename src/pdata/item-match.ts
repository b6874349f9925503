import { CodedError, errorMessage } from '../lib/index.ts';
import type { AttributeList } from './attribute-list.ts';
import { type AttributeValue, encodeValue, memberOf, VALUE, type ValueBytes, valueAsText } from './attribute-value.ts';
import { compilePattern, type Pattern } from './re2-pattern.ts';
import { equalBytes } from './recent-results.ts';
import type { Signal } from './signal.ts';
import { FieldReader } from './wire/field-reader.ts';

/** `include` and `exclude` of the Collector's attributes processor, keys as there. Source: filterconfig at v0.149.0. */
export interface MatchProperties {
  readonly match_type?: string;
  readonly services?: readonly string[];
  readonly span_names?: readonly string[];
  readonly span_kinds?: readonly string[];
  readonly log_bodies?: readonly string[];
  readonly log_severity_texts?: readonly string[];
  readonly log_severity_number?: { readonly min?: number; readonly match_undefined?: boolean };
  readonly metric_names?: readonly string[];
  readonly attributes?: readonly AttributeMatch[];
  readonly resources?: readonly AttributeMatch[];
  readonly libraries?: readonly { readonly name?: string; readonly version?: string }[];
}

interface AttributeMatch {
  readonly key?: string;
  readonly value?: AttributeValue;
}

/** An item with what stands around it. `item` is the content of a Span, Metric or LogRecord. */
export interface MatchSubject {
  readonly item: Uint8Array;
  readonly attributes: AttributeList;
  readonly resource: AttributeList;
  readonly scope: { readonly name: string; readonly version: string };
}

export type ItemMatch = (subject: MatchSubject) => boolean;

type TextMatch = (text: string) => boolean;

const SPAN_KINDS = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
] as const;

const COMMON = ['attributes', 'resources', 'libraries'] as const;

/** What may be asked of an item of each signal; one of them must be. `resources` of metrics changes nothing, as in the Collector. */
const PROPERTIES: Readonly<Record<Signal, readonly (keyof MatchProperties)[]>> = {
  traces: ['services', 'span_names', 'span_kinds', ...COMMON],
  logs: ['log_bodies', 'log_severity_texts', 'log_severity_number', ...COMMON],
  metrics: ['metric_names', 'resources'],
};

/** Throws CodedError `invalid_match`, with a sentence for the user, where the Collector refuses to start. */
export function compileItemMatch(signal: Signal, properties: MatchProperties): ItemMatch {
  const present = (Object.keys(properties) as (keyof MatchProperties)[]).filter(
    (key) => key !== 'match_type' && isGiven(properties[key]),
  );
  const odd = present.find((key) => !PROPERTIES[signal].includes(key));
  if (odd !== undefined) throw invalid(`\`${odd}\` cannot be matched in ${signal}`);
  if (present.length === 0) throw invalid(`at least one of ${PROPERTIES[signal].join(', ')} is required for ${signal}`);
  const texts = textMatchers(properties);
  const matches = MATCHERS[signal](properties, texts);
  return (subject) => matches.every((match) => match(subject));
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

/** How the texts of a `match_type` are compared. */
interface Texts {
  readonly isStrict: boolean;
  of(texts: readonly string[]): TextMatch;
}

const MATCHERS: Readonly<Record<Signal, (properties: MatchProperties, texts: Texts) => ItemMatch[]>> = {
  traces: (properties, texts) => {
    checkSpanKinds(properties);
    return [
      ...anyOf(properties.services, texts, ({ resource }) => serviceOf(resource)),
      ...anyOf(properties.span_names, texts, ({ item }) => lastText(item, 5)),
      ...anyOf(properties.span_kinds, texts, ({ item }) => SPAN_KINDS[lastNumber(item, 6)] ?? ''),
      ...commonMatches(properties, texts),
    ];
  },
  logs: (properties, texts) => [
    ...anyOf(properties.log_bodies, texts, ({ item }) => valueAsText(lastMessage(item, 5))),
    ...anyOf(properties.log_severity_texts, texts, ({ item }) => lastText(item, 3)),
    ...severityMatch(properties.log_severity_number),
    ...commonMatches(properties, texts),
  ],
  metrics: (properties, texts) => anyOf(properties.metric_names, texts, ({ item }) => lastText(item, 1)),
};

/** Whether a text is one of those given, or matches one. */
function textMatchers({ match_type: type }: MatchProperties): Texts {
  if (type === 'strict') return { isStrict: true, of: (given) => (text) => given.includes(text) };
  if (type !== 'regexp') throw invalid('`match_type` must be strict or regexp');
  return {
    isStrict: false,
    of(given) {
      const patterns = given.map((pattern) => compile(pattern));
      return (text) => patterns.some((pattern) => pattern.test(text));
    },
  };
}

function compile(pattern: string): Pattern {
  try {
    return compilePattern(pattern);
  } catch (cause) {
    throw new CodedError('invalid_match', `the pattern ${JSON.stringify(pattern)} ${errorMessage(cause)}`, {
      cause,
    });
  }
}

function anyOf(
  given: readonly string[] | undefined,
  texts: Texts,
  textOf: (subject: MatchSubject) => string,
): ItemMatch[] {
  if (given === undefined || given.length === 0) return [];
  const matches = texts.of(given);
  return [(subject) => matches(textOf(subject))];
}

/** Libraries must match all, as in the Collector, although its documentation says one. */
function commonMatches({ libraries = [], resources, attributes }: MatchProperties, texts: Texts): ItemMatch[] {
  return [
    ...libraries.flatMap(({ name = '', version }) => [
      ...anyOf([name], texts, ({ scope }) => scope.name),
      ...anyOf(version === undefined ? undefined : [version], texts, ({ scope }) => scope.version),
    ]),
    ...attributesMatch(resources, texts, ({ resource }) => resource),
    ...attributesMatch(attributes, texts, (subject) => subject.attributes),
  ];
}

function attributesMatch(
  given: readonly AttributeMatch[] | undefined,
  texts: Texts,
  listOf: (subject: MatchSubject) => AttributeList,
): ItemMatch[] {
  return (given ?? []).map(({ key, value }) => {
    if (!key) throw invalid('an attribute to match needs a `key`');
    const matches = value === undefined || value === null ? undefined : valueMatch(value, texts);
    return (subject) => {
      const actual = listOf(subject).get(key);
      return actual !== undefined && (matches === undefined || matches(actual));
    };
  });
}

/** A strict match compares type and value, one by pattern the text of what is neither list, map nor bytes. */
function valueMatch(value: AttributeValue, texts: Texts): (actual: ValueBytes) => boolean {
  if (typeof value === 'object') throw invalid('a value to match must be a text, a number or a boolean');
  if (texts.isStrict) {
    const expected = encodeValue(value);
    return (actual) => equalScalars(expected, actual);
  }
  if (typeof value !== 'string') throw invalid('a value to match must be a text when `match_type` is regexp');
  const matches = texts.of([value]);
  return (actual) => {
    const text = scalarText(actual);
    return text !== undefined && matches(text);
  };
}

function equalScalars(expected: ValueBytes, actual: ValueBytes): boolean {
  if (equalBytes(expected, actual)) return true;
  const [a, b] = [memberOf(expected), memberOf(actual)];
  if (a === undefined || b === undefined || a.number !== b.number) return false;
  if (a.number === VALUE.double) return a.double() === b.double();
  return scalarText(expected) === scalarText(actual);
}

function scalarText(value: ValueBytes): string | undefined {
  const member = memberOf(value);
  if (member === undefined || member.number >= VALUE.array) return undefined;
  return member.number === VALUE.double ? plainDecimal(member.double()) : valueAsText(value);
}

/** As Go's strconv writes it with format 'f': no exponent. */
function plainDecimal(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(Object.is(value, -0) ? '-0' : String(value)) ?? [];
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function severityMatch(given: MatchProperties['log_severity_number']): ItemMatch[] {
  if (given === undefined) return [];
  const { min = 0, match_undefined: matchUndefined = false } = given;
  return [
    ({ item }) => {
      const severity = lastNumber(item, 2);
      return severity === 0 ? matchUndefined : severity >= min;
    },
  ];
}

function checkSpanKinds({ match_type: type, span_kinds: kinds = [] }: MatchProperties): void {
  const known: readonly string[] = SPAN_KINDS.slice(1);
  const unknown = type === 'strict' ? kinds.find((kind) => !known.includes(kind)) : undefined;
  if (unknown !== undefined) throw invalid(`\`span_kinds\` must be some of ${[...known].sort().join(', ')}`);
}

/** What the Collector compares when a resource has no service.name. */
const NO_SERVICE = '<nil-service-name>';

function serviceOf(resource: AttributeList): string {
  const service = resource.get('service.name');
  return service === undefined ? NO_SERVICE : valueAsText(service);
}

function lastText(message: Uint8Array, fieldNumber: number): string {
  let text = '';
  const reader = new FieldReader(message);
  while (reader.next()) if (reader.number === fieldNumber) text = reader.string();
  return text;
}

function lastNumber(message: Uint8Array, fieldNumber: number): number {
  let value = 0;
  const reader = new FieldReader(message);
  while (reader.next()) if (reader.number === fieldNumber) value = reader.int32();
  return value;
}

function lastMessage(message: Uint8Array, fieldNumber: number): Uint8Array {
  let content: Uint8Array = new Uint8Array(0);
  const reader = new FieldReader(message);
  while (reader.next()) if (reader.number === fieldNumber) content = reader.content();
  return content;
}

function invalid(message: string): CodedError {
  return new CodedError('invalid_match', message);
}
