/**
 * Reads lines of Prometheus' text format, as far as the Collector and Fluent Bit write it, and of those only the wanted names.
 * A wanted line that cannot be read makes the whole text unusable: half of the figures would be judged as if they were all.
 */

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Largest text that is looked at, in characters, and most series that are taken from it. */
export const EXPOSITION_LIMITS = { characters: 4 * 1024 * 1024, series: 20_000 } as const;

export type Exposition =
  | { readonly status: 'read'; readonly series: readonly Series[] }
  | { readonly status: 'unreadable'; readonly problem: string };

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(,|(?=\}))/y;
const VALUE = /[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '\\': '\\', '"': '"' };

/** The series whose names are wanted, in the order of the text. */
export function readExposition(text: string, isWanted: (name: string) => boolean): Exposition {
  if (text.length > EXPOSITION_LIMITS.characters) return unreadable('it is too long');
  const series: Series[] = [];
  let at = 0;
  for (let lineNumber = 1; at < text.length; lineNumber++) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '');
    at = end < 0 ? text.length : end + 1;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const name = match(NAME, line, 0)?.[0];
    if (name === undefined) return unreadable(`line ${lineNumber} does not begin with a name`);
    if (!isWanted(name)) continue;
    const read = readLine(name, line);
    if (read === undefined) return unreadable(`line ${lineNumber} is no sample`);
    if (series.push(read) > EXPOSITION_LIMITS.series) return unreadable('it has too many series');
  }
  return { status: 'read', series };
}

function unreadable(problem: string): Exposition {
  return { status: 'unreadable', problem };
}

function readLine(name: string, line: string): Series | undefined {
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  let at = name.length;
  if (line[at] === '{') {
    for (at += 1; line[at] !== '}'; ) {
      const found = match(LABEL, line, at);
      if (found === null) return undefined;
      labels[found[1]!] = found[2]!.replace(/\\(.)/g, (_, escaped: string) => ESCAPES[escaped] ?? `\\${escaped}`);
      at += found[0].length;
    }
    at += 1;
  }
  const value = numberOf(match(VALUE, line, at)?.[1]);
  return value === undefined ? undefined : { name, labels, value };
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const WORDS: Readonly<Record<string, number>> = { NaN: Number.NaN, '+Inf': Infinity, '-Inf': -Infinity };

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return NUMBER.test(text) ? Number(text) : WORDS[text];
}
