import { type FieldSpec, WIRE_TYPE, type WireWriter } from '../../pdata/index.ts';
import { fromBase64, hexDigit } from './binary-text.ts';
import { JsonFault, type JsonScanner, shorten } from './json-scanner.ts';

const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT32_MAX = 2n ** 32n - 1n;
const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

const DECIMAL = /^[+-]?\d+$/;
/** Digits can be matched in one way only: senders choose the text, and a second way would take quadratic time. */
const FLOAT = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
/** What is quoted of a wrong name: other strings are somebody's data, numbers are not. */
const ENUM_NAME = /^[A-Z_]{1,40}$/;
/** More than any number needs; conversion takes more than linear time. */
const LONGEST_NUMBER = 1024;

/** Turns JSON scalars into wire fields. Zero values of fields without presence are left out, as every encoder does. */
export class ScalarDecoder {
  readonly #scanner: JsonScanner;
  readonly #writer: WireWriter;

  constructor(scanner: JsonScanner, writer: WireWriter) {
    this.#scanner = scanner;
    this.#writer = writer;
  }

  field(field: FieldSpec): void {
    const writer = this.#writer;
    const keepsZero = field.label !== 'single';
    switch (field.type) {
      case 'string':
        this.#string(field.number, keepsZero);
        break;
      case 'traceId':
        this.#id(field.number, 32);
        break;
      case 'spanId':
        this.#id(field.number, 16);
        break;
      case 'bytes':
        this.#bytes(field.number);
        break;
      case 'bool': {
        const value = this.#boolean();
        if (value || keepsZero) writer.boolField(field.number, value);
        break;
      }
      case 'double': {
        const value = this.#double();
        if (!Object.is(value, 0) || keepsZero) writer.doubleField(field.number, value);
        break;
      }
      case 'enum': {
        const value = this.#enumeration(field);
        if (value !== 0 || keepsZero) writer.int32Field(field.number, value);
        break;
      }
      default: {
        const value = this.#integer(field.type as IntegerType);
        if (value !== 0n || keepsZero) this.#writeInteger(field.number, field.type as IntegerType, value);
      }
    }
  }

  packedElement(field: FieldSpec): void {
    if (field.type === 'double') this.#writer.double(this.#double());
    else if (field.type === 'fixed64') this.#writer.fixed64(this.#integer('fixed64'));
    else this.#writer.varint64(this.#integer('uint64'));
  }

  #writeInteger(number: number, type: IntegerType, value: bigint): void {
    switch (type) {
      case 'fixed64':
      case 'sfixed64':
        this.#writer.fixed64Field(number, value);
        break;
      case 'fixed32':
        this.#writer.fixed32Field(number, Number(value));
        break;
      case 'sint32':
        this.#writer.int64Field(number, value < 0n ? -value * 2n - 1n : value * 2n);
        break;
      default:
        this.#writer.int64Field(number, value);
        break;
    }
  }

  #string(number: number, keepsEmpty: boolean): void {
    const scanner = this.#scanner;
    this.#expectString('a string');
    if (scanner.escaped) {
      this.#writer.stringField(number, scanner.text());
      return;
    }
    if (scanner.end === scanner.start && !keepsEmpty) return;
    this.#writer.lengthPrefix(number, scanner.end - scanner.start);
    this.#writer.rawRange(scanner.bytes, scanner.start, scanner.end);
  }

  #id(number: number, digits: number): void {
    const scanner = this.#scanner;
    this.#expectString(`a string of ${digits} hex characters`);
    const { bytes, start, end } = scanner;
    if (end === start) return;
    if (end - start !== digits || scanner.escaped) throw this.#wrongId(digits);
    this.#writer.tag(number, WIRE_TYPE.lengthDelimited);
    this.#writer.varint(digits / 2);
    for (let at = start; at < end; at += 2) {
      const byte = hexDigit(bytes[at]) * 16 + hexDigit(bytes[at + 1]);
      if (hexDigit(bytes[at]) < 0 || hexDigit(bytes[at + 1]) < 0) throw this.#wrongId(digits);
      this.#writer.byte(byte);
    }
  }

  #wrongId(digits: number): JsonFault {
    const text = this.#scanner.text();
    const decoded = fromBase64(text);
    const isHex = /^[0-9a-f]*$/i.test(text);
    if (!isHex && decoded !== undefined && decoded.length === digits / 2) {
      return new JsonFault(
        `must be ${digits} hex characters, got base64 (OTLP/JSON writes ids in hex, unlike protobuf's own JSON)`,
        true,
      );
    }
    const got = isHex || text.length !== digits ? String(text.length) : 'others';
    return new JsonFault(`must be ${digits} hex characters, got ${got}`, true);
  }

  #bytes(number: number): void {
    this.#expectString('a base64 string');
    const decoded = fromBase64(this.#scanner.text());
    if (decoded === undefined) throw new JsonFault('must be base64, got another string', true);
    this.#writer.bytesField(number, decoded);
  }

  #boolean(): boolean {
    const kind = this.#scanner.peekKind();
    if (kind !== 'true' && kind !== 'false') throw this.#wrongType('true or false');
    this.#scanner.literal(kind);
    return kind === 'true';
  }

  #double(): number {
    const kind = this.#scanner.peekKind();
    const text = this.#numberText('a number');
    if (kind === 'number' || FLOAT.test(text)) return Number(text);
    switch (text.toLowerCase().replace(/^\+/, '')) {
      case 'nan':
        return Number.NaN;
      case 'inf':
      case 'infinity':
        return Number.POSITIVE_INFINITY;
      case '-inf':
      case '-infinity':
        return Number.NEGATIVE_INFINITY;
      default:
        throw new JsonFault('must be a number, got a string', true);
    }
  }

  #enumeration(field: FieldSpec): number {
    if (this.#scanner.peekKind() === 'number') return Number(this.#integer('int32'));
    const names = field.names ?? {};
    this.#expectString('a number or a name');
    const name = this.#scanner.text();
    const value = Object.hasOwn(names, name) ? names[name] : undefined;
    if (value !== undefined) return value;
    const example = Object.keys(names).at(-1);
    const got = ENUM_NAME.test(name) ? `"${shorten(name)}"` : 'another string';
    throw new JsonFault(`must be a number or a name such as ${example}, got ${got}`, true);
  }

  #integer(type: IntegerType): bigint {
    const { wanted, min, max } = INTEGERS[type];
    const text = this.#numberText(wanted);
    const value = DECIMAL.test(text) ? BigInt(text.replace(/^\+/, '')) : wholeNumber(text);
    if (value === undefined || value < min || value > max)
      throw new JsonFault(`must be ${wanted}, got ${FLOAT.test(text) ? shorten(text) : 'a string'}`, true);
    return value;
  }

  /** Text of a number, which may stand in quotes. */
  #numberText(wanted: string): string {
    const scanner = this.#scanner;
    const isNumber = scanner.peekKind() === 'number';
    if (isNumber) scanner.number();
    else this.#expectString(wanted);
    if (scanner.end - scanner.start > LONGEST_NUMBER) {
      throw new JsonFault(`must be ${wanted}, got ${scanner.end - scanner.start} characters`, true);
    }
    return isNumber ? scanner.ascii() : scanner.text();
  }

  #expectString(wanted: string): void {
    if (this.#scanner.peekKind() !== 'string') throw this.#wrongType(wanted);
    this.#scanner.string();
  }

  #wrongType(wanted: string): JsonFault {
    const scanner = this.#scanner;
    const kind = scanner.peekKind();
    if (kind === 'object') return new JsonFault(`must be ${wanted}, got an object`, true);
    if (kind === 'array') return new JsonFault(`must be ${wanted}, got a list`, true);
    if (kind === 'string') scanner.string();
    else if (kind === 'number') scanner.number();
    else return new JsonFault(`must be ${wanted}, got ${kind}`, true);
    const got = kind === 'string' ? 'a string' : shorten(scanner.ascii());
    return new JsonFault(`must be ${wanted}, got ${got}`, true);
  }
}

type IntegerType = 'uint32' | 'int32' | 'sint32' | 'int64' | 'uint64' | 'fixed32' | 'fixed64' | 'sfixed64';

const unsigned64 = { wanted: 'an unsigned 64-bit integer', min: 0n, max: UINT64_MAX };
const signed64 = { wanted: 'a 64-bit integer', min: INT64_MIN, max: INT64_MAX };
const unsigned32 = { wanted: 'an unsigned 32-bit integer', min: 0n, max: UINT32_MAX };
const signed32 = { wanted: 'a 32-bit integer', min: INT32_MIN, max: INT32_MAX };

const INTEGERS: Readonly<Record<IntegerType, { readonly wanted: string; readonly min: bigint; readonly max: bigint }>> =
  {
    uint32: unsigned32,
    fixed32: unsigned32,
    int32: signed32,
    sint32: signed32,
    uint64: unsigned64,
    fixed64: unsigned64,
    int64: signed64,
    sfixed64: signed64,
  };

/** `1e3` and `2.0` are integers to JSON; only where a double holds them exactly. */
function wholeNumber(text: string): bigint | undefined {
  const value = FLOAT.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? BigInt(value) : undefined;
}
