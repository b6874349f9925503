import { EvaluationError, type FunctionSpec, InvalidArgument, WRITTEN_NIL } from '../function.ts';
import { IdValue, type Value } from '../value.ts';
import { getterOf, getterOr, literalOf, parameters } from './argument.ts';
import { BASE64_VARIANTS, decodeBase64, encodeBase64 } from './base64.ts';
import { toHex } from './hashes.ts';
import { checkLength } from './limits.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { typeName } from './value-text.ts';

/** Text in other spellings, and ids. */
export const ENCODING_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'Base64Decode',
    parameters: parameters(['target', 'StringGetter']),
    doc: 'Gives the text that base64 stands for.',
    example: 'Base64Decode("c2x1aWNl")',
    create([target]) {
      const textOf = getterOf<string>(target);
      return (row) => fromBase64('Base64Decode', textOf(row), 'base64');
    },
  },
  {
    name: 'Base64Encode',
    parameters: parameters(['target', 'StringGetter'], ['variant?', 'StringGetter']),
    doc: 'Writes a text in base64; variants are base64, base64-raw, base64-url and base64-raw-url.',
    example: 'Base64Encode(resource.attributes["service.name"], "base64-url")',
    create([target, variant]) {
      const textOf = getterOf<string>(target);
      const variantOf = getterOr<string>(variant, 'base64');
      return (row) => {
        const text = textOf(row);
        const name = variantOf(row);
        const found = Object.hasOwn(BASE64_VARIANTS, name) ? BASE64_VARIANTS[name] : undefined;
        if (found === undefined) throw new EvaluationError(`Base64Encode: ${name} is no variant of base64`);
        checkLength('Base64Encode', text.length);
        return encodeBase64(encodeUtf8(text), found);
      };
    },
  },
  {
    name: 'Decode',
    parameters: parameters(['target', 'Getter'], ['encoding', 'StringGetter']),
    doc: 'Gives the text of bytes, or of a text, in an encoding: a variant of base64, or a character set such as utf-16 or iso-8859-1.',
    example: 'Decode("c2x1aWNl", "base64")',
    create([target, encoding]) {
      const read = getterOf(target);
      const encodingOf = getterOf<string>(encoding);
      return (row) => {
        const value = read(row);
        const name = encodingOf(row);
        if (typeof value !== 'string' && !(value instanceof Uint8Array))
          throw new EvaluationError(`Decode: ${typeName(value)} cannot be decoded`);
        if (!Object.hasOwn(BASE64_VARIANTS, name)) return fromCharset(value, name);
        return fromBase64('Decode', typeof value === 'string' ? value : decodeUtf8(value), name);
      };
    },
  },
  {
    name: 'Hex',
    parameters: parameters(['target', 'ByteSliceLikeGetter']),
    doc: 'Writes the bytes of a value in hex: those of a text, or the eight of a number.',
    example: 'Hex(resource.attributes["service.name"])',
    create([target]) {
      const bytesOf = getterOf<Uint8Array | undefined>(target);
      return (row) => {
        const bytes = bytesOf(row) ?? new Uint8Array();
        checkLength('Hex', 2 * bytes.length);
        return toHex(bytes);
      };
    },
  },
  idSpec('TraceID', 'trace', 16),
  idSpec('SpanID', 'span', 8),
  idSpec('ProfileID', 'profile', 16),
  {
    name: 'UUID',
    parameters: [],
    doc: 'Makes a random UUID (version 4).',
    example: 'UUID()',
    create:
      (_, { randomBytes }) =>
      () =>
        uuid(randomBytes(16), 4),
  },
  {
    name: 'UUIDv7',
    parameters: [],
    doc: 'Makes a UUID that begins with the time (version 7), so that later ones sort behind.',
    example: 'UUIDv7()',
    create:
      (_, { randomBytes, now }) =>
      () => {
        const bytes = randomBytes(16);
        const milliseconds = now() / 1_000_000n;
        for (let i = 0; i < 6; i++) bytes[i] = Number((milliseconds >> BigInt(8 * (5 - i))) & 0xffn);
        return uuid(bytes, 7);
      },
  },
];

function idSpec(name: string, kind: IdValue['kind'], size: number): FunctionSpec {
  const toId = (bytes: Uint8Array | undefined): IdValue | string => {
    const length = bytes?.length ?? 0;
    if (bytes !== undefined && length === size) return new IdValue(kind, bytes.slice());
    if (bytes === undefined || length !== 2 * size)
      return `${name}: ${size} bytes or ${2 * size} hex digits are needed, not ${length}`;
    const text = decodeUtf8(bytes);
    if (!/^[0-9a-fA-F]+$/.test(text)) return `${name}: ${JSON.stringify(text)} is no hex`;
    return new IdValue(
      kind,
      Uint8Array.from({ length: size }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)),
    );
  };
  const zeros = '0'.repeat(2 * size - 1);
  return {
    name,
    parameters: parameters(['target', 'ByteSliceLikeGetter']),
    doc: `Makes a ${kind} id of ${size} bytes or of ${2 * size} hex digits.`,
    example: `${name}("${zeros}1")`,
    create([target]) {
      const literal = literalOf<Uint8Array>(target);
      if (literal !== undefined || target === WRITTEN_NIL) {
        const id = toId(literal);
        if (typeof id === 'string') throw new InvalidArgument(0, id);
        return () => id;
      }
      const bytesOf = getterOf<Uint8Array | undefined>(target);
      return (row) => {
        const id = toId(bytesOf(row));
        if (typeof id === 'string') throw new EvaluationError(id);
        return id;
      };
    },
  };
}

function uuid(bytes: Uint8Array, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function fromBase64(functionName: string, text: string, variant: string): string {
  const bytes = decodeBase64(text, BASE64_VARIANTS[variant]!);
  if (bytes === undefined) throw new EvaluationError(`${functionName}: the text is no ${variant}`);
  return decodeUtf8(bytes);
}

/** Names that mean something else here than for the WHATWG, whose tables the runtime has. */
const CHARSETS: Readonly<Record<string, string>> = {
  '': 'utf-8',
  utf8: 'utf-8',
  ascii: 'utf-8',
  'us-ascii': 'utf-8',
  utf16: 'utf-16le',
  'utf-16': 'utf-16le',
};

function fromCharset(value: string | Uint8Array, name: string): Value {
  const lower = name.toLowerCase();
  const bytes = typeof value === 'string' ? encodeUtf8(value) : value;
  if (/^(?:nop|utf-?8-raw)$/.test(lower)) return decodeUtf8(bytes);
  if (/^(?:iso-8859-1|iso_8859-1|latin1|l1)$/.test(lower))
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  try {
    return new TextDecoder(CHARSETS[lower] ?? lower, { ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new EvaluationError(`Decode: ${name} is no encoding that is known`, { cause });
  }
}
