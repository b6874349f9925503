import type { YAMLError } from 'yaml';
import type { Issue } from './issue.ts';
import type { TextLines } from './text-lines.ts';

interface Sentence {
  readonly message: string;
  readonly label?: string;
  readonly help?: string;
}

/** What each syntax error means to the one who wrote the file. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  TAB_AS_INDENT: {
    message: 'a tab must not be used for indentation',
    label: 'this is a tab',
    help: 'indent with spaces',
  },
  BAD_INDENT: {
    message: 'the indentation does not fit the lines above',
    help: 'align this line with its neighbours, or close the bracket that is still open',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a mapping must not start inside a value',
    label: 'second `: ` on this line',
    help: 'put the value in quotes, or start the mapping on the next line',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a key must be on one line',
    help: 'check for a missing `:` or wrong indentation on the line above',
  },
  BAD_SCALAR_START: { message: 'a value must not start with this character', help: 'put the value in quotes' },
  BAD_DQ_ESCAPE: {
    message: 'unknown escape in a double-quoted string',
    help: 'write `\\\\` for a backslash, or use single quotes',
  },
  MISSING_ANCHOR: { message: 'alias without an anchor', help: 'write `&name` at the value to repeat' },
  RESOURCE_EXHAUSTION: { message: 'values are nested too deeply' },
  MULTIPLE_DOCS: { message: 'a second document starts here', help: 'separate documents by a line `---`' },
};

/** Turns a parser's syntax error into an issue. The sentence is ours; the parser's own words follow as a note when ours are general. */
export function syntaxIssue(error: YAMLError, text: string, lines: TextLines): Issue {
  const place = placeOf(error, text);
  const sentence = sentenceOf(error, text, place);
  return {
    code: CODES[error.code] ?? 'SL0001',
    severity: 'error',
    ...sentence,
    span: lines.spanAt(place.start, place.end),
    ...(sentence === OTHER ? { notes: [withoutUserText(error.message)] } : {}),
  };
}

function sentenceOf({ code, message }: YAMLError, text: string, { start }: Place): Sentence {
  if (code === 'MISSING_CHAR') return missing(message);
  if (code === 'BLOCK_AS_IMPLICIT_KEY' && !/^[^\n]*:(?:\s|$)/.test(text.slice(start))) return CONTINUED;
  return SENTENCES[code] ?? OTHER;
}

/** A line below a plain value that is indented deeper than its key belongs to the value, whatever stands in it. */
const CONTINUED: Sentence = {
  message: 'a mapping must not start inside a value',
  label: 'the line below is indented deeper, so it belongs to this value',
  help: 'indent the line below as far as the key of this value',
};

/** Syntax errors with a code of their own. */
const CODES: Readonly<Record<string, string>> = { TAB_AS_INDENT: 'SL0003', RESOURCE_EXHAUSTION: 'SL0004' };

const OTHER: Sentence = { message: 'this is not valid YAML' };

function missing(message: string): Sentence {
  const quote = message.includes('"') ? 'double' : message.includes("'quote") ? 'single' : undefined;
  if (quote === undefined)
    return { message: 'something is not closed', help: 'close the bracket that was opened before this place' };
  return { message: `a ${quote}-quoted string is not closed`, label: 'opened here', help: 'add the closing quote' };
}

// The parser's messages may repeat a piece of the text, which may be a secret.
function withoutUserText(message: string): string {
  return message.replace(/["'`:].*$/s, '').trim();
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function placeOf(error: YAMLError, text: string): Place {
  const [start, end] = error.pos;
  const quote = error.code === 'MISSING_CHAR' ? /["'](?=quote)/.exec(error.message)?.[0] : undefined;
  const opened = quote === undefined ? -1 : openingQuote(text, quote, start);
  if (opened >= 0) return { start: opened, end: opened + 1 };
  return onOneLine(text, error.code === 'BAD_INDENT' ? skipBlanks(text, start) : start, end);
}

/** The parser points to where the text ends; what helps is where the string began. */
function openingQuote(text: string, quote: string, end: number): number {
  let at = text.lastIndexOf(quote, end - 1);
  while (at > 0 && quote === '"' && text[at - 1] === '\\') at = text.lastIndexOf(quote, at - 1);
  return at;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ') at++;
  return at < text.length && text[at] !== '\n' && text[at] !== '\r' ? at : start;
}

/** At least one character wide, and not past the end of its line unless it starts there. */
function onOneLine(text: string, start: number, end: number): Place {
  let from = Math.min(start, text.length);
  while (from > 0 && from >= text.length && (text[from - 1] === '\n' || text[from - 1] === '\r')) from--;
  const lineEnd = text.indexOf('\n', from);
  const limit = lineEnd < 0 ? text.length : lineEnd;
  return { start: from, end: Math.max(from, Math.min(Math.max(end, from + 1), limit)) };
}
