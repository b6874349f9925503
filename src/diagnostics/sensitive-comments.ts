import { Lexer } from 'yaml';
import type { SourceSpan } from './issue.ts';
import { createTextLines } from './text-lines.ts';

/** A setting that was commented out, a credential in an address, or a scheme of the Authorization header. */
const TELLING =
  /(pass\w*|secret|token|auth\w*|credential|private|bearer|cookie|api.?key|\bkey|\bvalue|\bprefix)["']?\s*[:=]|:\/\/\S*@|\b(bearer|basic)\s+\S/i;

/** Comments that may hold a secret: a value that was commented out is shown no more than one that counts. */
export function sensitiveComments(text: string, file: string): SourceSpan[] {
  if (!text.includes('#')) return [];
  const lines = createTextLines(file, text);
  const spans: SourceSpan[] = [];
  let at = 0;
  for (const token of new Lexer().lex(text)) {
    if (MARKS.has(token)) continue;
    if (token.startsWith('#') && TELLING.test(token)) spans.push(lines.spanAt(at, at + token.length));
    at += token.length;
  }
  return spans;
}

/** Tokens that stand for no text. */
const MARKS = new Set(['\u0002', '\u0018', '\u001f']);
