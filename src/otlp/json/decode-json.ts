import {
  type FieldSpec,
  MAX_MESSAGE_DEPTH,
  type MessageName,
  REQUEST_MESSAGE,
  type Signal,
  WireWriter,
} from '../../pdata/index.ts';
import { CLOSE_BRACE, CLOSE_BRACKET, COLON, JsonFault, JsonScanner, OPEN_BRACE, OPEN_BRACKET } from './json-scanner.ts';
import { KEY_INDEXES, type KeyIndex } from './key-index.ts';
import { ScalarDecoder } from './scalar-decoder.ts';

export type JsonDecoding =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly itemCount: number }
  /** `message` names the place and what was got there. */
  | { readonly ok: false; readonly message: string };

/**
 * OTLP/JSON to an export request that validateRequest accepts. Takes what the Collector takes: keys in lowerCamelCase or
 * snake_case, unknown keys, null for absent, 64-bit integers as string or number without loss, enums by number or name.
 */
export function decodeJson(signal: Signal, json: Uint8Array): JsonDecoding {
  const decoder = new RequestDecoder(json);
  try {
    decoder.request(REQUEST_MESSAGE[signal]);
    return { ok: true, bytes: decoder.bytes(), itemCount: decoder.itemCount };
  } catch (error) {
    if (error instanceof JsonFault) return { ok: false, message: decoder.describe(error) };
    throw error;
  }
}

class RequestDecoder {
  itemCount = 0;
  readonly #scanner: JsonScanner;
  readonly #writer: WireWriter;
  readonly #scalars: ScalarDecoder;
  /** Keys and list indexes down to the value being read; left as they are when a fault is thrown. */
  readonly #path: (string | number)[] = [];

  constructor(json: Uint8Array) {
    this.#scanner = new JsonScanner(json);
    this.#writer = new WireWriter(json.length);
    this.#scalars = new ScalarDecoder(this.#scanner, this.#writer);
  }

  bytes(): Uint8Array {
    return this.#writer.finish();
  }

  describe(fault: JsonFault): string {
    const place = this.#path.reduce<string>(
      (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
      '',
    );
    if (fault.withPath) return `${place === '' ? 'the body' : place} ${fault.message}`;
    return place === '' ? fault.message : `${fault.message} (in ${place})`;
  }

  request(message: MessageName): void {
    const scanner = this.#scanner;
    if (Number.isNaN(scanner.peek())) throw new JsonFault('the body is empty, must be a JSON object', false);
    if (scanner.peekKind() !== 'object')
      throw new JsonFault(`must be a JSON object, got ${article(scanner.peekKind())}`, true);
    this.#message(message, 1);
    if (!Number.isNaN(scanner.peek())) throw scanner.unexpected('the end of the body');
  }

  #message(name: MessageName, depth: number): void {
    const scanner = this.#scanner;
    const keys = KEY_INDEXES.get(name) as KeyIndex;
    if (!scanner.open(OPEN_BRACE, CLOSE_BRACE)) return;
    do {
      scanner.key();
      const field = scanner.escaped
        ? keys.findText(scanner.text())
        : keys.find(scanner.bytes, scanner.start, scanner.end);
      scanner.expect(COLON);
      if (field === undefined) scanner.skip();
      else this.#field(field, depth);
    } while (scanner.more(CLOSE_BRACE));
  }

  #field(field: FieldSpec, depth: number): void {
    const scanner = this.#scanner;
    if (scanner.peekKind() === 'null') {
      scanner.literal('null');
      return;
    }
    this.#path.push(field.name);
    if (field.label === 'repeated') this.#list(field, depth);
    else if (field.label === 'packed') this.#packed(field);
    else if (field.message !== undefined) this.#nested(field, field.message, depth);
    else this.#scalars.field(field);
    this.#path.pop();
  }

  #list(field: FieldSpec, depth: number): void {
    const scanner = this.#scanner;
    this.#expectKind('array', 'a list');
    if (!scanner.open(OPEN_BRACKET, CLOSE_BRACKET)) return;
    const path = this.#path;
    let index = 0;
    do {
      path.push(index++);
      if (field.message === undefined) this.#scalars.field(field);
      else {
        this.#nested(field, field.message, depth);
        if (field.item) this.itemCount++;
      }
      path.pop();
    } while (scanner.more(CLOSE_BRACKET));
  }

  #packed(field: FieldSpec): void {
    const scanner = this.#scanner;
    this.#expectKind('array', 'a list');
    if (!scanner.open(OPEN_BRACKET, CLOSE_BRACKET)) return;
    const mark = this.#writer.beginMessage(field.number);
    let index = 0;
    do {
      this.#path.push(index++);
      this.#scalars.packedElement(field);
      this.#path.pop();
    } while (scanner.more(CLOSE_BRACKET));
    this.#writer.endMessage(mark);
  }

  /** A null in a list stands for an empty message. */
  #nested(field: FieldSpec, message: MessageName, depth: number): void {
    if (depth >= MAX_MESSAGE_DEPTH) throw new JsonFault(`is nested more than ${MAX_MESSAGE_DEPTH} messages deep`, true);
    const mark = this.#writer.beginMessage(field.number);
    if (this.#scanner.peekKind() === 'null') this.#scanner.literal('null');
    else {
      this.#expectKind('object', 'an object');
      this.#message(message, depth + 1);
    }
    this.#writer.endMessage(mark);
  }

  #expectKind(kind: 'object' | 'array', wanted: string): void {
    const got = this.#scanner.peekKind();
    if (got !== kind) throw new JsonFault(`must be ${wanted}, got ${article(got)}`, true);
  }
}

function article(kind: string): string {
  if (kind === 'object') return 'an object';
  if (kind === 'array') return 'a list';
  return kind === 'string' || kind === 'number' ? `a ${kind}` : kind;
}
