import { type Entry, type Problem, problemAt, type Range } from './problem.ts';

export interface ParsedEntries {
  readonly entries: readonly Entry[];
  readonly problems: readonly Problem[];
}

const SYNTAX = 'SL0130';

/**
 * The lines of one section without its header, as they stand in a resource: indented as one likes, comments and empty lines
 * left out. Whatever could begin another section or read another file is a problem, never an entry.
 */
export function parseEntries(text: string): ParsedEntries {
  const entries: Entry[] = [];
  const problems: Problem[] = [];
  for (const line of linesOf(text)) {
    const first = text[line.start];
    if (line.start === line.end || first === '#') continue;
    const entry = first === '[' || first === '@' ? undefined : parseEntry(text, line);
    if (entry === undefined) problems.push(strayLine(text, line));
    else if (hasControl(entry.key) || hasControl(entry.value)) problems.push(controlCharacter(line));
    else entries.push(entry);
  }
  return { entries, problems };
}

/** Ranges of the lines without the white space around them. */
export function* linesOf(text: string): Generator<Range> {
  let start = 0;
  while (start <= text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    yield trimmed(text, { start, end });
    start = end + 1;
  }
}

export function trimmed(text: string, range: Range): Range {
  let { start, end } = range;
  while (start < end && isBlank(text[end - 1])) end--;
  while (start < end && isBlank(text[start])) start++;
  return { start, end };
}

/** A key, blanks, and a value; undefined where one is missing. */
export function parseEntry(text: string, line: Range): Entry | undefined {
  let keyEnd = line.start;
  while (keyEnd < line.end && !isBlank(text[keyEnd])) keyEnd++;
  const valueAt = trimmed(text, { start: keyEnd, end: line.end });
  if (valueAt.start === valueAt.end) return undefined;
  const keyAt = { start: line.start, end: keyEnd };
  return { key: slice(text, keyAt), value: slice(text, valueAt), keyAt, valueAt };
}

export function slice(text: string, { start, end }: Range): string {
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\r';
}

export function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what ends a line, or hides what it says
  return /[\u0000-\u0008\u000a-\u001f\u007f\u0085\u2028\u2029]/.test(text);
}

function strayLine(text: string, line: Range): Problem {
  switch (text[line.start]) {
    case '[':
      return problemAt(SYNTAX, line, 'must hold one section, without its header', {
        label: 'begins another section',
        help: 'remove this line; write a second filter as a second item of the list',
      });
    case '@':
      return problemAt(SYNTAX, line, 'must not hold commands of the whole configuration', {
        label: 'a command such as `@INCLUDE` or `@SET`',
        help: 'remove it; texts of Secrets are named under `variables`',
      });
    default:
      return problemAt(SYNTAX, line, 'must be lines of a key and a value', {
        label: 'no value',
        help: 'write a key, a space and its value, as in `Name grep`',
      });
  }
}

function controlCharacter(line: Range): Problem {
  return problemAt(SYNTAX, line, 'must not hold control characters', { label: 'one is in this line' });
}
