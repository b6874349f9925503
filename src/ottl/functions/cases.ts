import { type FunctionSpec, InvalidArgument } from '../function.ts';
import { getterOf, parameters } from './argument.ts';

type CaseName = 'lower' | 'upper' | 'snake' | 'camel';

const CASES: Readonly<Record<CaseName, (text: string) => string>> = {
  lower: toLower,
  upper: toUpper,
  snake: toSnake,
  camel: toCamel,
};

export const CASE_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'ConvertCase',
    parameters: parameters(['target', 'StringGetter'], ['to_case', 'string']),
    doc: 'Writes a text in another case: lower, upper, snake (some_name) or camel (SomeName).',
    example: 'ConvertCase(resource.attributes["service.name"], "snake")',
    create([target, toCase]) {
      if (!Object.hasOwn(CASES, toCase as string))
        throw new InvalidArgument(1, `ConvertCase: the case is lower, upper, snake or camel, not ${toCase}`);
      const convert = CASES[toCase as CaseName];
      const textOf = getterOf<string>(target);
      return (row) => convert(textOf(row));
    },
  },
  caseSpec('ToLowerCase', 'in lower case', toLower),
  caseSpec('ToUpperCase', 'in upper case', toUpper),
  caseSpec('ToSnakeCase', 'as some_name', toSnake),
  caseSpec('ToCamelCase', 'as SomeName', toCamel),
];

function caseSpec(name: string, how: string, convert: (text: string) => string): FunctionSpec {
  return {
    name,
    parameters: parameters(['target', 'StringGetter']),
    doc: `Writes a text ${how}.`,
    example: `${name}(resource.attributes["service.name"])`,
    create([target]) {
      const textOf = getterOf<string>(target);
      return (row) => convert(textOf(row));
    },
  };
}

/**
 * Go maps each character to one character, whatever stands around it, and bytes that are no UTF-8 to U+FFFD; JavaScript makes SS
 * of ß and a final sigma of Σ.
 */
function toLower(text: string): string {
  if (/^[\p{ASCII}]*$/u.test(text)) return text.toLowerCase();
  return eachCharacter(text, (one) => (one === '\u0130' ? 'i' : one.toLowerCase()));
}

function toUpper(text: string): string {
  if (/^[\p{ASCII}]*$/u.test(text)) return text.toUpperCase();
  return eachCharacter(text, (one) => one.toUpperCase());
}

function eachCharacter(text: string, convert: (character: string) => string): string {
  let result = '';
  for (const one of text.toWellFormed()) {
    const converted = convert(one);
    result += [...converted].length === 1 ? converted : one;
  }
  return result;
}

const SEPARATOR = /[ _\-.]/;

/**
 * The rules of github.com/iancoleman/strcase, for ASCII letters: an underscore where the case changes, or between letters and
 * digits, and for every space, underscore, hyphen and point.
 */
function toSnake(text: string): string {
  const trimmed = trimSpace(text);
  let result = '';
  for (let i = 0; i < trimmed.length; i++) {
    const character = trimmed[i]!;
    const kind = kindOf(character);
    const next = kindOf(trimmed[i + 1] ?? '');
    if (SEPARATOR.test(character)) result += '_';
    else if (kind === 'other' || next === 'other' || kind === next) result += lowerAscii(character);
    else {
      const isAcronymsEnd = kind === 'upper' && next === 'lower' && i > 0 && kindOf(trimmed[i - 1]!) === 'upper';
      result += (isAcronymsEnd ? '_' : '') + lowerAscii(character) + (kind === 'upper' && next !== 'digit' ? '' : '_');
    }
  }
  return result;
}

function kindOf(character: string): 'upper' | 'lower' | 'digit' | 'other' {
  if (/[A-Z]/.test(character)) return 'upper';
  if (/[a-z]/.test(character)) return 'lower';
  return /[0-9]/.test(character) ? 'digit' : 'other';
}

/** A digit or separator makes the next letter upper; capitals behind a capital become lower; all but ASCII letters and digits go. */
function toCamel(text: string): string {
  let result = '';
  let isNextUpper = true;
  let wasUpper = false;
  for (const character of trimSpace(text)) {
    const kind = kindOf(character);
    if (kind === 'upper' || kind === 'lower') {
      if (isNextUpper) result += upperAscii(character);
      else result += wasUpper && kind === 'upper' ? lowerAscii(character) : character;
      isNextUpper = false;
    } else if (kind === 'digit') {
      result += character;
      isNextUpper = true;
    } else isNextUpper = SEPARATOR.test(character);
    wasUpper = kind === 'upper';
  }
  return result;
}

const lowerAscii = (character: string): string => (/[A-Z]/.test(character) ? character.toLowerCase() : character);
const upperAscii = (character: string): string => (/[a-z]/.test(character) ? character.toUpperCase() : character);

const SPACE = /^\p{White_Space}$/u;

/** What Go's strings.TrimSpace leaves. Not by an expression, which takes a long time for much space inside. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text[start]!)) start += 1;
  while (end > start && SPACE.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}
