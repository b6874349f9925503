import { readString } from './read-string.ts';
import type { Problem } from './syntax.ts';
import { KEYWORDS, type Token, type TokenKind } from './token.ts';

export interface Tokens {
  /** The last one is the end. */
  readonly tokens: readonly Token[];
  readonly problems: readonly Problem[];
}

/** In the order in which they are tried at a place: `0x1f` before `0`, `1.5` before `1`. */
const RULES: readonly (readonly [kind: TokenKind | 'space', rule: RegExp])[] = [
  ['space', /[\t\n\f\r ]+/y],
  ['word', /[A-Za-z][A-Za-z0-9_]*/y],
  ['bytes', /0x[a-fA-F0-9]+/y],
  ['float', /(?:\d+\.\d*|\d*\.\d+)(?:[eE][-+]?\d+)?/y],
  ['int', /\d+/y],
  ['comparison', /==|!=|>=|<=|>|</y],
  ['sum', /[+-]/y],
  ['product', /[/*]/y],
  ['sign', /[=(){}:,.[\]]/y],
];

/** What other languages write, and what OTTL writes for it. */
const FOREIGN: readonly (readonly [written: RegExp, help: string])[] = [
  [/&&?/y, 'write `and`'],
  [/\|\|?/y, 'write `or`'],
  [/!/y, 'write `not`'],
  [/~/y, 'to match a pattern, write `IsMatch(…, "…")`'],
  [/'[^']*'?/y, 'strings stand in double quotes'],
  [/`[^`]*`?/y, 'strings stand in double quotes'],
  [/[“”„][^“”]*[“”]?/y, 'strings stand in straight double quotes'],
];

/** The words and signs of a text. What is no OTTL is told and left out, so that all of it is told. */
export function readTokens(text: string): Tokens {
  const tokens: Token[] = [];
  const problems: Problem[] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] === '"') at = addString(text, at, tokens, problems);
    else at = addToken(text, at, tokens) ?? addForeign(text, at, problems);
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return { tokens, problems };
}

function addToken(text: string, at: number, tokens: Token[]): number | undefined {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = at;
    const found = rule.exec(text)?.[0];
    if (found === undefined) continue;
    const end = at + found.length;
    if (kind === 'space') return end;
    tokens.push({ kind: kind === 'word' ? (KEYWORDS.get(found) ?? kind) : kind, text: found, start: at, end });
    return end;
  }
  return undefined;
}

function addString(text: string, start: number, tokens: Token[], problems: Problem[]): number {
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  if (end >= text.length) {
    problems.push({
      code: 'SL0204',
      severity: 'error',
      message: 'unterminated string',
      start,
      end: text.length,
      label: 'this string is never closed',
      help: 'add `"` where it ends',
    });
    return text.length;
  }
  const read = readString(text, start, end + 1);
  if ('value' in read) tokens.push({ kind: 'string', text: read.value, start, end: end + 1 });
  else problems.push({ code: 'SL0204', severity: 'error', ...read });
  return end + 1;
}

function addForeign(text: string, start: number, problems: Problem[]): number {
  for (const [written, help] of FOREIGN) {
    written.lastIndex = start;
    const found = written.exec(text)?.[0];
    if (found !== undefined) return addUnknown(text, start, start + found.length, problems, help);
  }
  return addUnknown(text, start, start + (text.codePointAt(start)! > 0xffff ? 2 : 1), problems);
}

function addUnknown(text: string, start: number, end: number, problems: Problem[], help?: string): number {
  const sign = end - start > 20 ? text[start]! : text.slice(start, end);
  problems.push({
    code: 'SL0202',
    severity: 'error',
    message: `\`${sign}\` is not OTTL`,
    start,
    end,
    label: 'this means nothing here',
    ...(help !== undefined && { help }),
  });
  return end;
}
