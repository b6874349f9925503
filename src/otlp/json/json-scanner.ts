/** Where and why a text is no JSON, or no OTLP/JSON. Caught by decodeJson alone. */
export class JsonFault extends Error {
  /** A sentence without a subject when the path is to be put before it. */
  readonly withPath: boolean;

  constructor(message: string, withPath: boolean) {
    super(message);
    this.withPath = withPath;
  }
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const COLON = 0x3a;
const COMMA = 0x2c;
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Values that are skipped may nest this deep. */
const MAX_SKIPPED_DEPTH = 1000;

const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads JSON from its bytes, one token at a time, so that numbers keep all their digits and text needs no string.
 * Strings are given as a range of the source; `escaped` tells whether the range must be unescaped to be read.
 */
export class JsonScanner {
  readonly bytes: Uint8Array;
  position = 0;
  /** The string or number read last, without quotes. */
  start = 0;
  end = 0;
  escaped = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.position = 3;
  }

  /** The first byte of the next token, which stays unread; NaN at the end. */
  peek(): number {
    const { bytes } = this;
    let at = this.position;
    while (at < bytes.length && isSpace(bytes[at])) at++;
    this.position = at;
    return at < bytes.length ? bytes[at] : Number.NaN;
  }

  peekKind(): JsonKind {
    const byte = this.peek();
    switch (byte) {
      case 0x7b:
        return 'object';
      case 0x5b:
        return 'array';
      case 0x22:
        return 'string';
      case 0x74:
        return 'true';
      case 0x66:
        return 'false';
      case 0x6e:
        return 'null';
      default:
        if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return 'number';
        throw this.unexpected('a value');
    }
  }

  /** Reads `byte` if it's next. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.position++;
    return true;
  }

  expect(byte: number): void {
    if (!this.take(byte)) throw this.unexpected(`'${String.fromCharCode(byte)}'`);
  }

  literal(word: 'true' | 'false' | 'null'): void {
    this.peek();
    for (let at = 0; at < word.length; at++) {
      if (this.bytes[this.position + at] !== word.charCodeAt(at)) throw this.unexpected(word);
    }
    this.position += word.length;
  }

  string(): void {
    this.expect(0x22);
    const { bytes } = this;
    this.start = this.position;
    this.escaped = false;
    let at = this.position;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === 0x22) break;
      if (byte < 0x20) throw new JsonFault(`the body has ${byteName(byte)} at byte ${at}, inside a string`, false);
      if (byte === 0x5c) {
        this.escaped = true;
        at++;
      }
    }
    if (at >= bytes.length) throw new JsonFault('the body ends inside a string', false);
    this.end = at;
    this.position = at + 1;
  }

  number(): void {
    this.peek();
    const { bytes } = this;
    this.start = this.position;
    let at = this.position;
    while (at < bytes.length && isNumberByte(bytes[at])) at++;
    this.end = this.position = at;
    if (!JSON_NUMBER.test(this.ascii()))
      throw new JsonFault(`the body has ${this.ascii()} where a number is expected`, false);
  }

  /** The string or number read last, unescaped if need be. */
  text(): string {
    if (this.escaped) return this.#unescape();
    return this.end - this.start < 24 ? this.ascii() : textDecoder.decode(this.bytes.subarray(this.start, this.end));
  }

  /** The range read last if it's ASCII; else decoded all the same. */
  ascii(): string {
    let text = '';
    for (let at = this.start; at < this.end; at++) {
      if (this.bytes[at] >= 0x80) return textDecoder.decode(this.bytes.subarray(this.start, this.end));
      text += String.fromCharCode(this.bytes[at]);
    }
    return text;
  }

  /** Reads an opening bracket; true if something stands before the closing one, which is read if not. */
  open(opening: number, closing: number): boolean {
    this.expect(opening);
    return !this.take(closing);
  }

  /** After a member: true if another follows, else the closing bracket is read. */
  more(closing: number): boolean {
    if (this.take(COMMA)) return true;
    if (!this.take(closing)) throw this.unexpected(`',' or '${String.fromCharCode(closing)}'`);
    return false;
  }

  /** Reads a key and its colon. */
  key(): void {
    if (this.peek() !== 0x22) throw this.unexpected('a key');
    this.string();
  }

  /** Passes over one value of any kind. */
  skip(depth = 0): void {
    if (depth > MAX_SKIPPED_DEPTH)
      throw new JsonFault(`the body nests more than ${MAX_SKIPPED_DEPTH} levels deep`, false);
    const kind = this.peekKind();
    if (kind === 'object') {
      if (!this.open(OPEN_BRACE, CLOSE_BRACE)) return;
      do {
        this.key();
        this.expect(COLON);
        this.skip(depth + 1);
      } while (this.more(CLOSE_BRACE));
    } else if (kind === 'array') {
      if (!this.open(OPEN_BRACKET, CLOSE_BRACKET)) return;
      do this.skip(depth + 1);
      while (this.more(CLOSE_BRACKET));
    } else if (kind === 'string') this.string();
    else if (kind === 'number') this.number();
    else this.literal(kind);
  }

  unexpected(wanted: string): JsonFault {
    const byte = this.peek();
    if (Number.isNaN(byte))
      return new JsonFault(`the body ends at byte ${this.position} where ${wanted} is expected`, false);
    const got =
      byte > 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `byte 0x${byte.toString(16).padStart(2, '0')}`;
    return new JsonFault(`the body has ${got} at byte ${this.position} where ${wanted} is expected`, false);
  }

  #unescape(): string {
    const source = textDecoder.decode(this.bytes.subarray(this.start, this.end));
    try {
      return JSON.parse(`"${source}"`) as string;
    } catch {
      throw new JsonFault(`the body has an escape that JSON does not know in the string at byte ${this.start}`, false);
    }
  }
}

function byteName(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `0x${byte.toString(16).padStart(2, '0')}`;
}

/** A number or a name in a message: enough to find it, never a whole body. Other texts of a sender are not for messages. */
export function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Digits and `+-.eE`. */
function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x2b || (byte | 0x20) === 0x65;
}
