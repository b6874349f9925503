import { RE2JS, type RE2JSException } from 're2js';
import { type Argument, EvaluationError, type Getter, InvalidArgument } from '../function.ts';
import { literalOf } from './argument.ts';
import {
  MAX_CACHED_PATTERNS,
  MAX_DATA_PATTERN_LENGTH,
  MAX_MATCH_WORK,
  MAX_PATTERN_LENGTH,
  MAX_PATTERN_PROGRAM,
} from './limits.ts';
import { patternSize } from './pattern-size.ts';

export interface Match {
  readonly start: number;
  readonly end: number;
  /** The whole match, then the groups; undefined for a group that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** A pattern in RE2's syntax, which matches in linear time and finds the leftmost match, the first alternative before the others. */
export interface Pattern {
  /** By the groups' numbers, from 0 for the whole; '' for a group without a name. */
  readonly groupNames: readonly string[];
  test(text: string): boolean;
  find(text: string): Match | undefined;
  /** All matches that do not overlap; an empty one not right behind another. */
  findAll(text: string): Generator<Match>;
}

/** Throws an Error whose message ends a sentence about the pattern. */
export function compilePattern(source: string): Pattern {
  const expression = compile(withoutTwins(source));
  const size = expression.programSize();
  const checkWork = (text: string): void => {
    if (text.length * size > MAX_MATCH_WORK)
      throw new EvaluationError(
        `a text of ${text.length} characters is too long for a pattern of ${size} instructions`,
      );
  };
  const groupNames = Array.from({ length: expression.groupCount() + 1 }, () => '');
  for (const [name, index] of Object.entries(expression.namedGroups())) groupNames[index] = name.replace(TWIN, '');
  const pattern: Pattern = {
    groupNames,
    test(text) {
      checkWork(text);
      return expression.test(text);
    },
    find: (text) => pattern.findAll(text).next().value ?? undefined,
    *findAll(text) {
      checkWork(text);
      const matcher = expression.matcher(text);
      let from = 0;
      let lastEnd = -1;
      while (from <= text.length && matcher.find(from)) {
        const start = matcher.start();
        const end = matcher.end();
        from = end > start ? end : end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
        if (start === end && start === lastEnd) continue;
        lastEnd = end;
        yield { start, end, groups: groupNames.map((_, group) => matcher.group(group) ?? undefined) };
      }
    },
  };
  return pattern;
}

const GROUP = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P?<(\w+)>/gs;
const TWIN = /__twin\d+$/;

/** Go takes groups of the same name, as two references to one grok pattern make them; RE2 does not. */
function withoutTwins(source: string): string {
  const seen = new Set<string>();
  let count = 0;
  return source.replace(GROUP, (whole, name?: string) => {
    if (name === undefined || !seen.has(name)) {
      if (name !== undefined) seen.add(name);
      return whole;
    }
    return `(?P<${name}__twin${count++}>`;
  });
}

function compile(source: string): RE2JS {
  if (patternSize(source) > MAX_PATTERN_PROGRAM) throw tooLarge();
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(source);
  } catch (error) {
    throw new Error(`is invalid: ${whyInvalid(source, error as RE2JSException)}`, { cause: error });
  }
  if (expression.programSize() > MAX_PATTERN_PROGRAM) throw tooLarge();
  return expression;
}

function whyInvalid(source: string, { message }: RE2JSException): string {
  const around = /\(\?<?[=!]/.exec(source)?.[0];
  if (around !== undefined) return `RE2 looks neither ahead nor behind, as \`${around}\` would`;
  return message.replace('error parsing regexp: ', '');
}

function tooLarge(): Error {
  return new Error(`compiles to more than ${MAX_PATTERN_PROGRAM} instructions`);
}

/** What gives the pattern for a row: compiled once where it is a literal, else kept for the last few texts. */
export function patternGetter(functionName: string, index: number, argument: Argument): (row: Row) => Pattern {
  return compiledGetter(functionName, index, argument, compilePattern);
}

type Row = Parameters<Getter>[0];

export function compiledGetter<T>(
  functionName: string,
  index: number,
  argument: Argument,
  compileText: (text: string) => T,
): (row: Row) => T {
  const literal = literalOf<string>(argument);
  if (literal !== undefined) {
    const compiled = attempt(
      functionName,
      literal,
      (text) => compileText(atMost(MAX_PATTERN_LENGTH, text)),
      (message) => new InvalidArgument(index, message),
    );
    return () => compiled;
  }
  const cache = new Map<string, T>();
  const textOf = argument as Getter<string>;
  return (row) => {
    const text = textOf(row);
    const known = cache.get(text);
    if (known !== undefined) return known;
    const compiled = attempt(
      functionName,
      text,
      (known) => compileText(atMost(MAX_DATA_PATTERN_LENGTH, known)),
      (message) => new EvaluationError(message),
    );
    if (cache.size >= MAX_CACHED_PATTERNS) cache.delete(cache.keys().next().value!);
    cache.set(text, compiled);
    return compiled;
  };
}

function atMost(length: number, text: string): string {
  if (text.length > length) throw new Error(`is longer than ${length} characters`);
  return text;
}

function attempt<T>(
  functionName: string,
  text: string,
  compileText: (text: string) => T,
  failure: (message: string) => Error,
): T {
  try {
    return compileText(text);
  } catch (error) {
    throw failure(`${functionName}: the pattern ${JSON.stringify(text.slice(0, 200))} ${(error as Error).message}`);
  }
}
