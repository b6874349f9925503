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
  MISSING_CHAR: {
    message: 'something is not closed',
    help: 'close the quote or bracket that was opened before this place',
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
  MULTIPLE_DOCS: { message: 'a second document starts here', help: 'separate documents by a line `---`' },
};

/** Turns a parser's syntax error into an issue. The sentence is ours; the parser's own words follow as a note when ours are general. */
export function syntaxIssue(error: YAMLError, text: string, lines: TextLines): Issue {
  const [start, end] = error.pos;
  const sentence = SENTENCES[error.code];
  const code = error.code === 'TAB_AS_INDENT' ? 'SL0003' : 'SL0001';
  const at = clampToLine(text, start, end);
  return {
    code,
    severity: 'error',
    message: error.code === 'MISSING_CHAR' ? missing(error.message) : (sentence?.message ?? 'this is not valid YAML'),
    span: lines.spanAt(at.start, at.end),
    ...(sentence?.label === undefined ? {} : { label: sentence.label }),
    ...(sentence?.help === undefined ? {} : { help: sentence.help }),
    ...(sentence === undefined ? { notes: [withoutUserText(error.message)] } : {}),
  };
}

function missing(message: string): string {
  if (message.includes('"')) return 'a double-quoted string is not closed';
  if (message.includes("'")) return 'a single-quoted string is not closed';
  return 'something is not closed';
}

// The parser's messages may repeat a piece of the text, which may be a secret.
function withoutUserText(message: string): string {
  return message.replace(/["'`:].*$/s, '').trim();
}

/** At least one character wide, and not past the end of its line unless it starts there. */
function clampToLine(text: string, start: number, end: number): { start: number; end: number } {
  let from = Math.min(start, text.length);
  while (from > 0 && from >= text.length && (text[from - 1] === '\n' || text[from - 1] === '\r')) from--;
  const lineEnd = text.indexOf('\n', from);
  const limit = lineEnd < 0 ? text.length : lineEnd;
  return { start: from, end: Math.max(from, Math.min(Math.max(end, from + 1), limit)) };
}
