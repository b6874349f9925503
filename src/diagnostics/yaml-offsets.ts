/**
 * Where each character of a text stands in the YAML that it was written as: quotes, escapes, folded and indented lines lie
 * between the two.
 * - Offsets count UTF-16 units, of the text on one side and of `source` on the other.
 * - What is decoded here is compared with what the YAML library read; where the two differ there is no answer, never a wrong one.
 */

export type ScalarStyle = 'PLAIN' | 'QUOTE_SINGLE' | 'QUOTE_DOUBLE' | 'BLOCK_LITERAL' | 'BLOCK_FOLDED';

/** For each unit of the text, where what it was written as starts and ends. */
export interface ScalarOffsets {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** `source` is the scalar as written, quotes or block header included. Undefined where it can't be told. */
export function scalarOffsets(source: string, text: string, style: ScalarStyle): ScalarOffsets | undefined {
  for (const decoded of decodings(source, style)) {
    if (decoded.text.startsWith(text)) return decoded;
  }
  return undefined;
}

/** A block may say itself how deep it is indented, in relation to what surrounds it: then several readings are possible. */
function decodings(source: string, style: ScalarStyle): Iterable<Decoded> {
  switch (style) {
    case 'PLAIN':
      return [decodeFlow(source, 0, source.length, undefined)];
    case 'QUOTE_SINGLE':
      return [decodeFlow(source, 1, source.length - 1, "'")];
    case 'QUOTE_DOUBLE':
      return [decodeFlow(source, 1, source.length - 1, '"')];
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED':
      return decodeBlocks(source, style === 'BLOCK_FOLDED');
  }
}

class Decoded implements ScalarOffsets {
  text = '';
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  add(text: string, start: number, end: number): void {
    this.text += text;
    for (let unit = 0; unit < text.length; unit++) {
      this.starts.push(start);
      this.ends.push(end);
    }
  }

  /** As it was written, unit by unit. */
  copy(source: string, start: number, end: number): void {
    for (let at = start; at < end; at++) this.add(source[at]!, at, at + 1);
  }
}

/** A line without its break. */
interface Line {
  readonly start: number;
  readonly end: number;
}

function linesOf(source: string, from: number, to: number): readonly Line[] {
  const lines: Line[] = [];
  let start = from;
  for (let at = source.indexOf('\n', from); at >= 0 && at < to; at = source.indexOf('\n', start)) {
    lines.push({ start, end: source[at - 1] === '\r' ? at - 1 : at });
    start = at + 1;
  }
  return [...lines, { start, end: to }];
}

/** Plain and quoted: a line break is a space, an empty line a line break, and spaces around them do not count. */
function decodeFlow(source: string, from: number, to: number, quote: '"' | "'" | undefined): Decoded {
  const decoded = new Decoded();
  const lines = linesOf(source, from, to);
  let glued = true;
  let empty = 0;
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    const start = index === 0 ? line.start : skipBlank(source, line.start, line.end);
    const end = isLast ? line.end : trimBlank(source, start, line.end, quote === '"');
    if (start === end && index > 0 && !isLast) {
      empty++;
      continue;
    }
    if (index > 0) addFold(decoded, { source, at: lines[index - 1]!, glued, empty });
    empty = 0;
    glued = decodeLine(decoded, { source, start, end, quote });
  }
  return decoded;
}

/** What stands for the breaks between two lines. `at` is the line before the second. */
function addFold(
  decoded: Decoded,
  { at, glued, empty }: { source: string; at: Line; glued: boolean; empty: number },
): void {
  if (empty > 0) decoded.add('\n'.repeat(empty), at.end, at.end + 1);
  else if (!glued) decoded.add(' ', at.end, at.end + 1);
}

/** Whether a backslash at the end glues the next line to it. */
function decodeLine(
  decoded: Decoded,
  { source, start, end, quote }: { source: string; start: number; end: number; quote: '"' | "'" | undefined },
): boolean {
  for (let at = start; at < end; ) {
    if (quote === "'" && source[at] === "'") {
      decoded.add("'", at, at + 2);
      at += 2;
    } else if (quote === '"' && source[at] === '\\') {
      if (at + 1 >= end) return true;
      const { text, length } = escapeAt(source, at);
      decoded.add(text, at, at + length);
      at += length;
    } else {
      decoded.copy(source, at, at + 1);
      at++;
    }
  }
  return false;
}

const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function escapeAt(source: string, at: number): { readonly text: string; readonly length: number } {
  const letter = source[at + 1]!;
  const digits = HEX_DIGITS[letter];
  if (digits === undefined) return { text: ESCAPES[letter] ?? letter, length: 2 };
  const code = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16);
  return { text: code <= 0x10ffff ? String.fromCodePoint(code) : '', length: 2 + digits };
}

function skipBlank(source: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(source[at])) at++;
  return at;
}

/** In double quotes a backslash keeps the blank behind it. */
function trimBlank(source: string, start: number, end: number, escapes: boolean): number {
  let at = end;
  while (at > start && isBlank(source[at - 1])) at--;
  if (!escapes || at === end) return at;
  let backslashes = 0;
  while (at - backslashes > start && source[at - backslashes - 1] === '\\') backslashes++;
  return backslashes % 2 === 1 ? at + 1 : at;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function* decodeBlocks(source: string, folded: boolean): Iterable<Decoded> {
  const header = source.indexOf('\n');
  if (header < 0) return;
  const lines = linesOf(source, header + 1, source.length);
  const first = lines.find(({ start, end }) => skipSpaces(source, start, end) < end);
  if (first === undefined) return;
  const deepest = skipSpaces(source, first.start, first.end) - first.start;
  for (let indent = deepest; indent > 0; indent--) {
    yield folded ? decodeFolded(source, lines, indent) : decodeLiteral(source, lines, indent);
  }
}

function decodeLiteral(source: string, lines: readonly Line[], indent: number): Decoded {
  const decoded = new Decoded();
  for (const { start, end } of lines) {
    decoded.copy(source, Math.min(start + indent, end), end);
    decoded.add('\n', end, end + 1);
  }
  return decoded;
}

/** A break between two lines is a space, unless one of them is empty or indented deeper. */
function decodeFolded(source: string, lines: readonly Line[], indent: number): Decoded {
  const decoded = new Decoded();
  let before: 'start' | 'text' | 'deeper' = 'start';
  let breaks: Line[] = [];
  for (const line of lines) {
    const from = Math.min(line.start + indent, line.end);
    if (from === line.end) {
      breaks.push(line);
      continue;
    }
    const deeper = isBlank(source[from]);
    const kept = before === 'text' && !deeper && breaks.length > 1 ? breaks.slice(1) : breaks;
    const folds = before === 'text' && !deeper && breaks.length === 1;
    for (const one of kept) decoded.add(folds ? ' ' : '\n', one.end, one.end + 1);
    decoded.copy(source, from, line.end);
    before = deeper ? 'deeper' : 'text';
    breaks = [line];
  }
  for (const one of breaks) decoded.add('\n', one.end, one.end + 1);
  return decoded;
}

function skipSpaces(source: string, start: number, end: number): number {
  let at = start;
  while (at < end && source[at] === ' ') at++;
  return at;
}
