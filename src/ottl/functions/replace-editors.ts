import {
  type AppliedFunction,
  type Argument,
  EvaluationError,
  type FunctionSpec,
  type Getter,
  InvalidArgument,
  RequestLimitError,
  type Target,
  TooLongError,
} from '../function.ts';
import type { MapValue, Value } from '../value.ts';
import { getterOf, getterOr, parameters } from './argument.ts';
import { compileGlob } from './glob.ts';
import { formatValues } from './go-format.ts';
import { MAX_REPLACE_WORK } from './limits.ts';
import { changeEach, edit } from './map-editors.ts';
import { compiledGetter, type Pattern, patternGetter } from './pattern.ts';
import { compileTemplate, replaceMatches, replaceText } from './replacement.ts';
import { copyValue } from './value-copy.ts';

type Row = Parameters<Getter>[0];

const HOW = [
  ['replacement', 'StringGetter'],
  ['function?', 'FunctionGetter'],
  ['replacement_format?', 'StringGetter'],
] as const;

/** The editors that replace text: `match` takes globs that fit the whole value, `pattern` regular expressions that fit a part. */
export const REPLACE_EDITORS: readonly FunctionSpec[] = [
  {
    name: 'replace_match',
    parameters: parameters(['target', 'GetSetter'], ['pattern', 'StringGetter'], ...HOW),
    doc: 'Replaces a string that a glob fits.',
    example: 'replace_match(resource.attributes["http.route"], "/user/*/list/*", "/user/{userId}/list/{listId}")',
    create([target, pattern, ...how]) {
      const place = target as Target;
      const globOf = compiledGetter('replace_match', 1, pattern, compileGlob);
      const replacementOf = wholeReplacement('replace_match', how);
      return (row) => {
        const fits = globOf(row);
        const value = place.get(row);
        const replacement = replacementOf(row);
        if (typeof value === 'string' && fits(value)) place.set(row, replacement);
        return undefined;
      };
    },
  },
  {
    name: 'replace_all_matches',
    parameters: parameters(['target', 'PMapGetSetter'], ['pattern', 'StringGetter'], ...HOW),
    doc: 'Replaces the strings of a map that a glob fits.',
    example: 'replace_all_matches(resource.attributes, "/user/*/list/*", "/user/{userId}/list/{listId}")',
    create([target, pattern, ...how]) {
      const globOf = compiledGetter('replace_all_matches', 1, pattern, compileGlob);
      const replacementOf = wholeReplacement('replace_all_matches', how);
      return edit(target, (map, row) => {
        const fits = globOf(row);
        const replacement = replacementOf(row);
        return changeStrings(map, row, (text) => (fits(text) ? replacement : text));
      });
    },
  },
  {
    name: 'replace_pattern',
    parameters: parameters(['target', 'GetSetter'], ['regex_pattern', 'StringGetter'], ...HOW),
    doc: 'Replaces every match of a pattern in a string; $1 and $name stand for its groups.',
    example: 'replace_pattern(resource.attributes["process.command_line"], "password=\\\\S*", "password=***")',
    create([target, pattern, ...how]) {
      const place = target as Target;
      const replacerOf = partReplacement('replace_pattern', pattern, how);
      return (row) => {
        const value = place.get(row);
        if (value === undefined) return undefined;
        const replace = replacerOf(row);
        if (typeof value !== 'string') return undefined;
        const text = replace(value);
        if (text !== undefined) place.set(row, text);
        return undefined;
      };
    },
  },
  {
    name: 'replace_all_patterns',
    parameters: parameters(['target', 'PMapGetSetter'], ['mode', 'string'], ['regex_pattern', 'StringGetter'], ...HOW),
    doc: 'Replaces every match of a pattern in the strings of a map (mode "value") or in its keys (mode "key").',
    example: 'replace_all_patterns(resource.attributes, "value", "\\\\d{16}", "****")',
    create([target, mode, pattern, ...how]) {
      const replacerOf = partReplacement('replace_all_patterns', pattern, how, 1);
      if (mode === 'key') return renameKeys(target as Target, replacerOf);
      if (mode !== 'value') throw new InvalidArgument(1, `replace_all_patterns: the mode is key or value, not ${mode}`);
      return edit(target, (map, row) => {
        const replace = replacerOf(row);
        return changeStrings(map, row, (text) => attempt(() => replace(text)) ?? text);
      });
    },
  },
];

function isLimit(error: unknown): boolean {
  return error instanceof TooLongError || error instanceof RequestLimitError;
}

/** As upstream a failing function leaves the value as it is; a key is then lost. */
function attempt(replace: () => string | undefined): string | undefined {
  try {
    return replace();
  } catch (error) {
    if (error instanceof EvaluationError && !isLimit(error)) return undefined;
    throw error;
  }
}

function renameKeys(place: Target, replacerOf: (row: Row) => Replacer): Getter {
  return (row) => {
    const map = place.get(row) as MapValue;
    const replace = replacerOf(row);
    const renamed = new Map<string, Value>();
    for (const [key, value] of map.entries()) {
      try {
        renamed.set(replace(key) ?? key, copyValue(value));
      } catch (error) {
        if (!(error instanceof EvaluationError) || isLimit(error)) throw error;
      }
    }
    place.set(row, renamed);
    return undefined;
  };
}

function changeStrings(map: MapValue, row: Row, change: (text: string) => string): boolean {
  return changeEach(map, (value) => {
    if (typeof value !== 'string') return value;
    const text = change(value);
    if (text !== value) row.spend?.(text.length);
    return text;
  });
}

/** Undefined where the pattern does not match. */
type Replacer = (text: string) => string | undefined;

function partReplacement(
  functionName: string,
  pattern: Argument,
  [replacement, applied, format]: readonly Argument[],
  before = 0,
): (row: Row) => Replacer {
  const patternOf = patternGetter(functionName, 1 + before, pattern);
  const replacementOf = getterOf<string>(replacement);
  const formatOf = getterOr<string | undefined>(format, undefined);
  const make = applied === undefined ? undefined : application(functionName, applied as AppliedFunction);
  return (row) => {
    const template = replacementOf(row);
    const compiled = patternOf(row);
    return (text) => {
      if (!compiled.test(text)) return undefined;
      const expand = compileTemplate(template, compiled.groupNames);
      if (make === undefined) return replaceMatches(functionName, compiled, text, expand);
      return replaceApplied(functionName, compiled, text, (match) =>
        withFormat(functionName, formatOf(row), make(expand(match), row)),
      );
    };
  };
}

/** As upstream every match is replaced wherever its text stands in what the matches before it left. */
function replaceApplied(
  functionName: string,
  pattern: Pattern,
  text: string,
  make: Parameters<typeof replaceMatches>[3],
): string {
  let result = text;
  let work = 0;
  for (const match of pattern.findAll(text)) {
    work += result.length;
    if (work > MAX_REPLACE_WORK) throw new EvaluationError(`${functionName}: too many matches in too long a text`);
    result = replaceText(functionName, result, match.groups[0]!, make(match));
  }
  return result;
}

function wholeReplacement(functionName: string, [replacement, applied, format]: readonly Argument[]): Getter<string> {
  const replacementOf = getterOf<string>(replacement);
  if (applied === undefined) return replacementOf;
  const formatOf = getterOr<string | undefined>(format, undefined);
  const make = application(functionName, applied as AppliedFunction);
  return (row) => withFormat(functionName, formatOf(row), make(replacementOf(row), row));
}

/** The function is made once and reads its input from a cell, since making one may compile patterns. */
function application(functionName: string, applied: AppliedFunction): (input: string, row: Row) => string {
  let input = '';
  let getter: Getter | undefined;
  return (text, row) => {
    getter ??= applied([() => input]);
    input = text;
    const result = getter(row);
    if (typeof result !== 'string') throw new EvaluationError(`${functionName}: the function's result is no string`);
    return result;
  };
}

function withFormat(functionName: string, format: string | undefined, text: string): string {
  if (format === undefined) return text;
  if (!format.includes('%s') || /%[^s]|[\n\r\u2028\u2029]/.test(format))
    throw new EvaluationError(`${functionName}: replacement_format must hold one %s and no other format`);
  return formatValues(format, [text]);
}
