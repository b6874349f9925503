import { EvaluationError, TooLongError } from '../function.ts';

/** What a function makes at most in one call, in characters: far above any attribute or log line, far below what hurts. */
export const MAX_TEXT_LENGTH = 4 * 1024 * 1024;

/** How deep maps and lists stand in each other at most in what is parsed; deeper ones would be more messages deep than OTLP here may be. */
export const MAX_NESTING = 30;

/** Values in one map or list that a function makes of a text. */
export const MAX_VALUES = 100_000;

/** Characters that replacing all matches by what a function gives may look at: each match looks at the whole text. */
export const MAX_REPLACE_WORK = 100_000_000;

/** Nodes and attributes of an XML document. */
export const MAX_XML_NODES = 20_000;

/** Nodes that one evaluation of an XPath may look at. */
export const MAX_XPATH_VISITS = 1_000_000;

export { MAX_PATTERN_PROGRAM } from '../../pdata/index.ts';

/** Characters of a pattern in a statement, and of one that comes from data. */
export const MAX_PATTERN_LENGTH = 8_192;
export const MAX_DATA_PATTERN_LENGTH = 4_096;

/** Instructions times characters of the text; one takes up to 20 ns. */
export const MAX_MATCH_WORK = 100_000_000;

/** Patterns that come from data and are kept compiled, for each statement. */
export const MAX_CACHED_PATTERNS = 64;

export function checkLength(functionName: string, length: number): void {
  if (length > MAX_TEXT_LENGTH)
    throw new TooLongError(`${functionName}: the result would be longer than ${MAX_TEXT_LENGTH} characters`);
}

export function checkNesting(functionName: string, depth: number): void {
  if (depth > MAX_NESTING)
    throw new EvaluationError(`${functionName}: maps and lists stand more than ${MAX_NESTING} deep in each other`);
}
