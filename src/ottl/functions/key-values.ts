import { type Argument, EvaluationError, type FunctionSpec, InvalidArgument } from '../function.ts';
import type { Value } from '../value.ts';
import { getterOf, parameters } from './argument.ts';
import { trimSpace } from './cases.ts';

export interface Separators {
  readonly delimiter: string;
  readonly pairDelimiter: string;
}

/** Those of the second and third argument, `=` and a space where they are not given. */
export function separators(functionName: string, delimiter: Argument, pairDelimiter: Argument): Separators {
  const found = {
    delimiter: (delimiter as string | undefined) ?? '=',
    pairDelimiter: (pairDelimiter as string | undefined) ?? ' ',
  };
  if (found.delimiter === '') throw new InvalidArgument(1, `${functionName}: the delimiter is empty`);
  if (found.pairDelimiter === '') throw new InvalidArgument(2, `${functionName}: the pair delimiter is empty`);
  if (found.delimiter === found.pairDelimiter)
    throw new InvalidArgument(2, `${functionName}: the pair delimiter must differ from the delimiter`);
  return found;
}

export function escapeKeyValue(text: string, { delimiter, pairDelimiter }: Separators): string {
  const escaped = text.replaceAll('"', '\\"');
  return escaped.includes(delimiter) || escaped.includes(pairDelimiter) ? `"${escaped}"` : escaped;
}

export const KEY_VALUE_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'ParseKeyValue',
    parameters: parameters(['target', 'StringGetter'], ['delimiter?', 'string'], ['pair_delimiter?', 'string']),
    doc: 'Makes a map of text such as a=1 b="two words".',
    example: 'ParseKeyValue("user=jo action=login")',
    create([target, delimiter, pairDelimiter]) {
      const textOf = getterOf<string>(target);
      const between = separators('ParseKeyValue', delimiter, pairDelimiter);
      return (row) => parsePairs(textOf(row), between);
    },
  },
];

function parsePairs(text: string, { delimiter, pairDelimiter }: Separators): Map<string, Value> {
  if (text === '') throw new EvaluationError('ParseKeyValue: the text is empty');
  const map = new Map<string, Value>();
  for (const pair of splitPairs(text, pairDelimiter)) {
    const at = pair.indexOf(delimiter);
    if (at === -1)
      throw new EvaluationError(
        `ParseKeyValue: ${JSON.stringify(pair.slice(0, 100))} has no ${JSON.stringify(delimiter)}`,
      );
    map.set(trimSpace(pair.slice(0, at)), trimSpace(pair.slice(at + delimiter.length)));
  }
  return map;
}

/** Quotes keep delimiters together and go; a quote behind a backslash is text. */
function splitPairs(text: string, delimiter: string): readonly string[] {
  const pairs: string[] = [];
  let current = '';
  let quote = '';
  let isEscaped = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote === '' && text.startsWith(delimiter, i)) {
      if (current !== '') pairs.push(current);
      current = '';
      i += delimiter.length - 1;
      continue;
    }
    if (isEscaped) isEscaped = false;
    else if (character === quote) {
      quote = '';
      continue;
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      continue;
    } else isEscaped = character === '\\';
    current += character;
  }
  if (quote !== '') throw new EvaluationError('ParseKeyValue: a quote is not closed');
  if (current !== '') pairs.push(current);
  return pairs;
}
