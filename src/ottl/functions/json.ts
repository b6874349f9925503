import { EvaluationError, type FunctionSpec } from '../function.ts';
import type { Value } from '../value.ts';
import { getterOf, parameters } from './argument.ts';
import { checkNesting } from './limits.ts';

export const JSON_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'ParseJSON',
    parameters: parameters(['target', 'StringGetter']),
    doc: 'Makes a map or a list of JSON; every number becomes a double.',
    example: 'ParseJSON("{\\"user\\":\\"jo\\"}")',
    create([target]) {
      const textOf = getterOf<string>(target);
      return (row) => {
        const value = parseJson(textOf(row));
        if (typeof value !== 'object')
          throw new EvaluationError('ParseJSON: the text is neither an object nor an array');
        return value;
      };
    },
  },
];

/** Unlike JSON.parse it keeps the order of all keys, and `__proto__` is a key as others are. */
export function parseJson(text: string): Value {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS = { true: true, false: false, null: undefined } as const;

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Value {
    checkNesting('ParseJSON', depth);
    const first = this.#peek();
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    for (const [word, value] of Object.entries(WORDS)) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number();
  }

  end(): void {
    if (this.#peek() !== undefined) throw this.#fault();
  }

  #object(depth: number): Value {
    const map = new Map<string, Value>();
    this.#expect('{');
    if (this.#skip('}')) return map;
    do {
      if (this.#peek() !== '"') throw this.#fault();
      const key = this.#string();
      this.#expect(':');
      map.set(key, this.value(depth + 1));
    } while (this.#skip(','));
    this.#expect('}');
    return map;
  }

  #array(depth: number): Value {
    const list: Value[] = [];
    this.#expect('[');
    if (this.#skip(']')) return list;
    do list.push(this.value(depth + 1));
    while (this.#skip(','));
    this.#expect(']');
    return list;
  }

  #string(): string {
    const start = this.#at;
    for (let at = start + 1; at < this.#text.length; at++) {
      if (this.#text[at] === '\\') at += 1;
      else if (this.#text[at] === '"') {
        this.#at = at + 1;
        return this.#unescaped(this.#text.slice(start, at + 1));
      }
    }
    throw this.#fault();
  }

  #unescaped(quoted: string): string {
    if (!quoted.includes('\\') && !CONTROL.test(quoted)) return quoted.slice(1, -1);
    try {
      const text = JSON.parse(quoted) as string;
      return quoted.includes('\\u') ? text.toWellFormed() : text;
    } catch {
      throw this.#fault();
    }
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const [digits] = NUMBER.exec(this.#text) ?? [];
    const value = Number(digits);
    if (digits === undefined || !Number.isFinite(value)) throw this.#fault();
    this.#at += digits.length;
    return value;
  }

  #peek(): string | undefined {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)![0].length;
    return this.#text[this.#at];
  }

  #skip(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#skip(character)) throw this.#fault();
  }

  #fault(): EvaluationError {
    return new EvaluationError(`ParseJSON: the text is no JSON, at character ${this.#at + 1}`);
  }
}

const CONTROL = /\p{Cc}/u;
