import type { SourceSpan } from './issue.ts';
import { tells } from './sensitive.ts';

const END_OF_LINE = Number.MAX_SAFE_INTEGER;

/** Keys whose values are shown: what people write there is no secret. Any other key may be a secret's, misspelt or moved. */
const SHOWN_NAME =
  /^(metadata|spec|input|output|otlp|stdout|file|delivery|buffer|rotation|filter|transform|endpoint|protocol|path|compression|tls|insecure|insecureSkipVerify|enabled|guarantee|storage|maxSize|maxAge|maxBackups|onFull|verbosity|format|namespaces|include|exclude)$/;

const HARMLESS_NAME = /^(name|kind|apiVersion)$/;

const TELLING_TEXT =
  /[^\s]*@|[\w.-]*(pass|secret(?!KeyRef|Name)|token|auth|credential|private|header|\bkey\b|api.?key|bearer|cookie|stringData)/i;

/**
 * The places of a text that cannot be parsed which may hold secrets. Judged line by line, and rather once too often: what
 * follows a key that is not known to be harmless, everything below a telling one, and lines that begin with no key.
 */
export function sensitiveSpansOfText(text: string, file: string): SourceSpan[] {
  return text.split(/^(?=---)/m).reduce<{ spans: SourceSpan[]; line: number }>(
    ({ spans, line }, part) => ({
      spans: [...spans, ...spansOfDocument(part, file, line)],
      line: line + part.split('\n').length - 1,
    }),
    { spans: [], line: 1 },
  ).spans;
}

function spansOfDocument(text: string, file: string, firstLine: number): SourceSpan[] {
  const spans: SourceSpan[] = [];
  let secretIndent = /^\W*kind\W+Secret\b/m.test(text) ? EVERYWHERE : NOWHERE;
  let parent = '';
  for (const [index, line] of text.split('\n').entries()) {
    const { indent, isItem, name, rest } = splitLine(line);
    if (name !== '' && !isItem && indent <= secretIndent) secretIndent = NOWHERE;
    if (tells(name)) secretIndent = Math.min(secretIndent, indent);
    const isSecret = name === '' || secretIndent !== NOWHERE || !isShown(name, parent);
    const at = startOfSecret(line.slice(rest), name, isSecret);
    if (at >= 0 && rest < line.length && !line.startsWith('---')) {
      spans.push({
        file,
        line: firstLine + index,
        column: rest + at + 1,
        endLine: firstLine + index,
        endColumn: END_OF_LINE,
      });
      if (leavesOpen(line.slice(rest + at))) secretIndent = EVERYWHERE;
    }
    if (name !== '') parent = name;
  }
  return spans;
}

/** A name is shown, but not what a slip of the keyboard joined to its line. */
function startOfSecret(rest: string, name: string, isSecret: boolean): number {
  if (HARMLESS_NAME.test(name)) return rest.search(/(?<=\S\s+)\S+\s*:|[^\w\s."'/-]/);
  return isSecret ? 0 : rest.search(TELLING_TEXT);
}

const NOWHERE = Number.POSITIVE_INFINITY;
/** No line is indented less, so the rest of the document is hidden. */
const EVERYWHERE = -1;

function leavesOpen(text: string): boolean {
  return text.split(/[{[]/).length > text.split(/[}\]]/).length;
}

function isShown(name: string, parent: string): boolean {
  return SHOWN_NAME.test(name) || HARMLESS_NAME.test(name) || (name === 'value' && parent === 'endpoint');
}

interface Line {
  readonly indent: number;
  readonly isItem: boolean;
  /** The key the line begins with; empty when it begins with none. */
  readonly name: string;
  /** Where the text after the key begins. */
  readonly rest: number;
}

function splitLine(line: string): Line {
  const [, lead = '', key = ''] = /^([\s-]*)((?:"[^"]*"|[\w.$/-]+)\s*:(?=\s|$|["'{[]))?/.exec(line)!;
  return {
    indent: lead.replace(/-\s*$/, '').length,
    isItem: lead.includes('-'),
    name: key.replace(/["\s:]/g, ''),
    rest: line.length - line.slice(lead.length + key.length).trimStart().length,
  };
}
