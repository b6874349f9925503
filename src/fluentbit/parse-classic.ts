import { hasControl, linesOf, parseEntry, slice } from './parse-entries.ts';
import { type Entry, type Problem, problemAt, type Range } from './problem.ts';

export interface Section {
  /** As written: `INPUT`, `filter`. */
  readonly name: string;
  readonly at: Range;
  readonly entries: readonly Entry[];
}

/** `@SET KEY=VALUE` or `@INCLUDE path`. */
export interface Command {
  readonly name: string;
  readonly argument: string;
  readonly at: Range;
}

export interface FluentBitConfig {
  readonly sections: readonly Section[];
  readonly commands: readonly Command[];
}

export interface ParsedConfig extends FluentBitConfig {
  readonly problems: readonly Problem[];
}

const SYNTAX = 'SL0130';

/**
 * Fluent Bit's classic format as its own reader takes it: headers and commands at the beginning of a line, entries indented
 * all alike, one space after the key. What that reader would guess at is a problem here.
 */
export function parseClassic(text: string): ParsedConfig {
  const reader = new ClassicReader(text);
  let start = 0;
  for (const line of linesOf(text)) {
    if (line.start < line.end) reader.read(line, text.slice(start, line.start));
    const newline = text.indexOf('\n', line.end);
    start = newline < 0 ? text.length : newline + 1;
  }
  return reader.result();
}

class ClassicReader {
  readonly #text: string;
  readonly #sections: { name: string; at: Range; entries: Entry[] }[] = [];
  readonly #commands: Command[] = [];
  readonly #problems: Problem[] = [];
  #indent: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  result(): ParsedConfig {
    return { sections: this.#sections, commands: this.#commands, problems: this.#problems };
  }

  /** `line` is not empty; `indent` is what stands in front of it. */
  read(line: Range, indent: string): void {
    const first = this.#text[line.start];
    if (first === '#') return;
    if (hasControl(slice(this.#text, line))) this.#report(line, 'a line holds control characters');
    else if (indent === '' && first === '[') this.#readHeader(line);
    else if (indent === '' && first === '@') this.#readCommand(line);
    else this.#readEntry(line, indent);
  }

  #readHeader(line: Range): void {
    const close = this.#text.indexOf(']', line.start);
    const name = slice(this.#text, { start: line.start + 1, end: close });
    if (close !== line.end - 1 || name.trim() === '') this.#report(line, 'the header of a section is not `[NAME]`');
    else this.#sections.push({ name, at: line, entries: [] });
  }

  #readCommand(line: Range): void {
    const [, name, argument] = /^@(\w+)[ \t]+(\S.*)$/.exec(slice(this.#text, line)) ?? [];
    const isKnown = /^(set|include)$/i.test(name ?? '');
    if (name === undefined || argument === undefined || !isKnown) {
      this.#report(line, 'a command is not `@SET KEY=VALUE` or `@INCLUDE path`');
    } else if (name.toLowerCase() === 'set' && !/^[^=\s]+\s*=/.test(argument)) {
      this.#report(line, '`@SET` takes `KEY=VALUE`');
    } else this.#commands.push({ name: name.toLowerCase(), argument, at: line });
  }

  #readEntry(line: Range, indent: string): void {
    const section = this.#sections.at(-1);
    const entry = parseEntry(this.#text, line);
    this.#indent ??= indent === '' ? undefined : indent;
    if (section === undefined) this.#report(line, 'an entry stands in no section');
    else if (indent === '') this.#report(line, 'an entry is not indented');
    else if (indent !== this.#indent) this.#report(line, 'an entry is indented otherwise than the first one');
    else if (entry === undefined) this.#report(line, 'an entry has no value');
    else if (this.#text[entry.keyAt.end] !== ' ') this.#report(line, 'a tab follows a key, where a space must stand');
    else section.entries.push(entry);
  }

  #report(at: Range, message: string): void {
    this.#problems.push(problemAt(SYNTAX, at, message));
  }
}
