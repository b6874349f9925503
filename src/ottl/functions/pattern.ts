import * as pdata from '../../pdata/index.ts';
import { type Argument, EvaluationError, type Getter, InvalidArgument } from '../function.ts';
import { literalOf } from './argument.ts';
import { MAX_CACHED_PATTERNS, MAX_DATA_PATTERN_LENGTH, MAX_MATCH_WORK, MAX_PATTERN_LENGTH } from './limits.ts';

export type Pattern = pdata.Pattern;
export type Match = pdata.Match;

/** One that fails for a text that is too long for it. Throws an Error whose message ends a sentence about the pattern. */
export function compilePattern(source: string): Pattern {
  const { groupNames, size, test, find, findAll } = pdata.compilePattern(source);
  const checked = (text: string): string => {
    if (text.length * size > MAX_MATCH_WORK)
      throw new EvaluationError(
        `a text of ${text.length} characters is too long for a pattern of ${size} instructions`,
      );
    return text;
  };
  return {
    groupNames,
    size,
    test: (text) => test(checked(text)),
    find: (text) => find(checked(text)),
    findAll: (text) => findAll(checked(text)),
  };
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
