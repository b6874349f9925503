/** What stands behind a backslash, as in Go's double-quoted strings. */
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

export type ReadString =
  | { readonly value: string }
  /** From where to where in the text. */
  | { readonly message: string; readonly start: number; readonly end: number; readonly help?: string };

/**
 * What the string from its opening quote at `start` to behind its closing one means. `\xff` and `\377` are the character with
 * that number, as the Collector reads them, not a byte.
 */
export function readString(text: string, start: number, end: number): ReadString {
  const written = text.slice(start, end - 1);
  let value = '';
  let from = 1;
  for (let at = written.indexOf('\\', from); at !== -1; at = written.indexOf('\\', from)) {
    const read = readEscape(written, at);
    if ('message' in read) return { ...read, start: start + read.start, end: start + read.end };
    value += written.slice(from, at) + read.value;
    from = at + read.length;
  }
  return { value: value + written.slice(from) };
}

type Escape = { readonly value: string; readonly length: number } | Exclude<ReadString, { readonly value: string }>;

function readEscape(text: string, at: number): Escape {
  const letter = text[at + 1]!;
  const simple = ESCAPES[letter];
  if (simple !== undefined) return { value: simple, length: 2 };
  const digits = { x: 2, u: 4, U: 8 }[letter];
  if (digits !== undefined) return numbered(text, at, 2, digits, 16);
  if (letter >= '0' && letter <= '7') return numbered(text, at, 1, 3, 8);
  const end = at + (text.codePointAt(at + 1)! > 0xffff ? 3 : 2);
  const sequence = text.slice(at, end);
  return {
    message: `\`${sequence}\` is no escape of OTTL`,
    start: at,
    end,
    help:
      letter === "'" ? "a single quote needs no backslash: write `'`" : `for a backslash write two: \`\\${sequence}\``,
  };
}

function numbered(text: string, at: number, prefix: number, count: number, radix: number): Escape {
  const digits = text.slice(at + prefix, at + prefix + count);
  const isNumber = digits.length === count && (radix === 16 ? /^[0-9a-fA-F]+$/ : /^[0-7]+$/).test(digits);
  const point = Number.parseInt(digits, radix);
  const isPoint = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) && (radix === 16 || point <= 0xff);
  if (isNumber && isPoint) return { value: String.fromCodePoint(point), length: prefix + count };
  return {
    message: `\`${text.slice(at, at + prefix)}\` must be followed by ${count} ${radix === 16 ? 'hexadecimal' : 'octal'} digits of a character`,
    start: at,
    end: at + prefix,
    help: 'for a backslash write two: `\\\\`',
  };
}
