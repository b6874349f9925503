import { EvaluationError, type FunctionSpec, InvalidArgument } from '../function.ts';
import type { Value } from '../value.ts';
import { getterOf, parameters } from './argument.ts';
import { MAX_VALUES } from './limits.ts';

const MODES = ['strict', 'lazyQuotes', 'ignoreQuotes'];

export const CSV_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'ParseCSV',
    parameters: parameters(
      ['target', 'StringGetter'],
      ['header', 'StringGetter'],
      ['delimiter?', 'string'],
      ['header_delimiter?', 'string'],
      ['mode?', 'string'],
    ),
    doc: 'Makes a map of a row of CSV, with the names of a header; the mode is strict, lazyQuotes or ignoreQuotes.',
    example: 'ParseCSV("GET,/cart,200", "method,path,status")',
    create([target, header, delimiter = ',', headerDelimiter = delimiter, mode = 'strict']) {
      const textOf = getterOf<string>(target);
      const headerOf = getterOf<string>(header);
      for (const [index, one] of [delimiter, headerDelimiter].entries())
        if ([...(one as string)].length !== 1)
          throw new InvalidArgument(2 + index, 'ParseCSV: a delimiter is one character');
      if (!MODES.includes(mode as string))
        throw new InvalidArgument(4, `ParseCSV: the mode is one of ${MODES.join(', ')}, not ${mode}`);
      return (row) => {
        const text = textOf(row);
        const names = headerOf(row);
        if (names === '') throw new EvaluationError('ParseCSV: the header is empty');
        const fields =
          mode === 'ignoreQuotes'
            ? text.split(delimiter as string)
            : readFields(text, delimiter as string, mode === 'lazyQuotes');
        return toMap(names.split(headerDelimiter as string), fields);
      };
    },
  },
];

function toMap(names: readonly string[], fields: readonly string[]): Map<string, Value> {
  if (fields.length !== names.length)
    throw new EvaluationError(`ParseCSV: the header has ${names.length} names and the row ${fields.length} fields`);
  if (names.length > MAX_VALUES) throw new EvaluationError(`ParseCSV: more than ${MAX_VALUES} fields`);
  return new Map(names.map((name, i) => [name, fields[i]]));
}

/** All lines are one row: the first field of a line goes on where the last of the line before it ended. */
function readFields(text: string, delimiter: string, isLazy: boolean): readonly string[] {
  if (/["\r\n\ufffd]/.test(delimiter)) throw new EvaluationError('ParseCSV: this delimiter cannot delimit');
  const reader = new CsvReader(text, delimiter, isLazy);
  const joined: string[] = [];
  let lines = 0;
  for (let line = reader.record(); line !== undefined; line = reader.record()) {
    if (lines > 0) joined.push(`${joined.pop() ?? ''}\n${line[0]}`, ...line.slice(1));
    else joined.push(...line);
    lines += 1;
  }
  if (lines === 0) throw new EvaluationError('ParseCSV: there is no row');
  return joined;
}

/** As Go's encoding/csv; as upstream a fault behind the first field ends the line there and is no error. */
class CsvReader {
  readonly #lines: readonly string[];
  readonly #delimiter: string;
  readonly #isLazy: boolean;
  #next = 0;

  constructor(text: string, delimiter: string, isLazy: boolean) {
    this.#lines = text.match(/[^\n]*\n|[^\n]+$/g)?.map((line) => line.replace(/\r(\n?)$/, '$1')) ?? [];
    this.#delimiter = delimiter;
    this.#isLazy = isLazy;
  }

  record(): string[] | undefined {
    while (this.#lines[this.#next] === '\n') this.#next += 1;
    let rest = this.#lines[this.#next++];
    if (rest === undefined) return undefined;
    const fields: string[] = [];
    for (;;) {
      const field = rest.startsWith('"') ? this.#quoted(rest.slice(1)) : this.#bare(rest);
      if (field === undefined) {
        if (fields.length === 0) throw new EvaluationError('ParseCSV: a quote stands where none may');
        return fields;
      }
      fields.push(field.text);
      if (field.rest === undefined) return fields;
      rest = field.rest;
    }
  }

  #bare(line: string): Field | undefined {
    const at = line.indexOf(this.#delimiter);
    const text = at === -1 ? line.replace(/\n$/, '') : line.slice(0, at);
    if (!this.#isLazy && text.includes('"')) return undefined;
    return { text, rest: at === -1 ? undefined : line.slice(at + this.#delimiter.length) };
  }

  #quoted(line: string): Field | undefined {
    let text = '';
    let rest = line;
    for (;;) {
      const at = rest.indexOf('"');
      if (at === -1) {
        text += rest;
        const next = this.#lines[this.#next];
        if (next === undefined) return this.#isLazy ? { text, rest: undefined } : undefined;
        this.#next += 1;
        rest = next;
        continue;
      }
      text += rest.slice(0, at);
      rest = rest.slice(at + 1);
      if (rest.startsWith('"')) {
        text += '"';
        rest = rest.slice(1);
      } else if (rest.startsWith(this.#delimiter)) return { text, rest: rest.slice(this.#delimiter.length) };
      else if (rest === '' || rest === '\n') return { text, rest: undefined };
      else if (this.#isLazy) text += '"';
      else return undefined;
    }
  }
}

interface Field {
  readonly text: string;
  /** Undefined at the line's end. */
  readonly rest: string | undefined;
}
