import { CodedError } from '../lib/index.ts';

/** What the pure set can't do by itself. */
export interface PatternEnvironment {
  /** An expression whose matching takes linear time, whatever the text; throws where there is none. */
  linearRegExp(source: string, flags: string): RegExp;
}

/** What the shorthands of RE2 stand for inside a class; JavaScript's `\s` knows more kinds of space. */
const CLASS_CONTENT: Readonly<Record<string, string>> = {
  s: '\\t\\n\\f\\r ',
  S: '\\0-\\x08\\x0b\\x0e-\\x1f!-\\uffff',
};

/** Source: re2 doc/syntax.txt, "ASCII character classes". */
const POSIX_CLASS: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\0-\\x7f',
  blank: '\\t ',
  cntrl: '\\0-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/** Letters that mean the same after a backslash in RE2 and in JavaScript. */
const SAME_ESCAPE = /^[dDwWbBfnrtv]$/;

/**
 * A pattern in RE2's spelling as an expression that matches in linear time. Throws a CodedError whose message ends a sentence
 * about the pattern, where it is invalid or says what has no such expression: back references, look-around, `(?i)`, `\p{…}`.
 */
export function compilePattern(pattern: string, { linearRegExp }: PatternEnvironment): RegExp {
  const [, flags = '', body = ''] = /^(?:\(\?([a-zA-Z]+)\))?(.*)$/s.exec(pattern) ?? [];
  if (/[^ms]/.test(flags)) throw unsupported(`has the flag (?${flags}), of which the engine only knows m and s`);
  const source = toJavaScript(body, { newlineIsAny: flags.includes('s'), linesApart: flags.includes('m') });
  try {
    return linearRegExp(source, flags.replace(/(.)\1+/g, '$1'));
  } catch (cause) {
    throw new CodedError('invalid_pattern', 'which is invalid, or cannot be matched in linear time', { cause });
  }
}

function toJavaScript(body: string, flags: { readonly newlineIsAny: boolean; readonly linesApart: boolean }): string {
  let source = '';
  let at = 0;
  while (at < body.length) {
    const character = body[at]!;
    if (character === '[') {
      const end = classEnd(body, at);
      source += classSource(body.slice(at, end));
      at = end;
    } else if (character === '\\') {
      source += escapeSource(body[at + 1] ?? '', flags.linesApart);
      at += 2;
    } else if (character === '.') {
      source += flags.newlineIsAny ? '[^]' : '[^\\n]';
      at += 1;
    } else if (body.startsWith('(?', at)) {
      const [opening, name] = /^\(\?(?:P?<(\w+)>|:)/.exec(body.slice(at)) ?? [];
      if (opening === undefined) throw unsupported('has a group that is neither (…), (?:…) nor (?P<name>…)');
      source += name === undefined ? opening : `(?<${name}>`;
      at += opening.length;
    } else {
      source += character;
      at += 1;
    }
  }
  return source;
}

function escapeSource(letter: string, linesApart: boolean): string {
  if (letter === 's') return `[${CLASS_CONTENT['s']}]`;
  if (letter === 'S') return `[^${CLASS_CONTENT['s']}]`;
  if (letter === 'A' && !linesApart) return '^';
  if (letter === 'z' && !linesApart) return '$';
  return plainEscape(letter);
}

function plainEscape(letter: string): string {
  if (SAME_ESCAPE.test(letter) || /^[^A-Za-z0-9]$/.test(letter)) return `\\${letter}`;
  throw unsupported(`has \\${letter}, which the engine does not know`);
}

/** Where the class that begins at `start` is over; `]` first in it, and what stands in `[:…:]`, does not end it. */
function classEnd(body: string, start: number): number {
  let at = start + (body[start + 1] === '^' ? 2 : 1);
  if (body[at] === ']') at += 1;
  for (; at < body.length; at++) {
    if (body[at] === '\\') at += 1;
    else if (body.startsWith('[:', at)) at = Math.max(at, body.indexOf(':]', at) + 1);
    else if (body[at] === ']') return at + 1;
  }
  throw unsupported('which has a [ without its ]');
}

function classSource(text: string): string {
  const inner = text
    .slice(1, -1)
    .replace(/^(\^?)\]/, '$1\\]')
    .replace(/\\(.)|\[:(\w+):\]|\[/gs, (whole, escaped?: string, posix?: string) => {
      if (escaped !== undefined) return CLASS_CONTENT[escaped] ?? plainEscape(escaped);
      if (posix === undefined) return `\\${whole}`;
      const content = POSIX_CLASS[posix];
      if (content === undefined) throw unsupported(`has [:${posix}:], which is no class`);
      return content;
    });
  return `[${inner}]`;
}

function unsupported(complaint: string): CodedError {
  return new CodedError('invalid_pattern', complaint.startsWith('which') ? complaint : `which ${complaint}`);
}
