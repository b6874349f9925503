import { readInteger } from './read-integer.ts';
import type { Call, CallArgument, Expression, MapEntry, MathOperator, MathStep, Path, PathField } from './syntax.ts';
import { describe, type TokenReader } from './token-reader.ts';

/** A literal, path, converter, list, map or computation. */
export function parseValue(reader: TokenReader): Expression {
  const { next } = reader;
  const simple = parseSimple(reader);
  if (simple === undefined) return parseSum(reader);
  if (reader.is('sum') || reader.is('product'))
    reader.fail(`\`${reader.next.text}\` computes with numbers, times and durations, not with ${noun(simple)}`, {
      ...(simple.kind === 'string' && { help: 'to join texts, write `Concat([…, …], "")`' }),
      start: next.start,
      end: reader.next.end,
    });
  return simple;
}

/** What can't be computed with. */
function parseSimple(reader: TokenReader): Expression | undefined {
  const { kind, text, start, end } = reader.next;
  if (kind === 'nil') return { kind: 'nil', ...range(reader.take()) };
  if (kind === 'string') return { kind: 'string', value: reader.take().text, start, end };
  if (kind === 'boolean') return { kind: 'bool', value: reader.take().text === 'true', start, end };
  if (kind === 'bytes') return parseBytes(reader);
  if (kind === 'word' && isSymbol(text) && reader.afterNext.text !== '(')
    return { kind: 'symbol', name: reader.take().text, start, end };
  if (reader.is('sign', '[')) return reader.nested(() => parseList(reader));
  if (reader.is('sign', '{')) return reader.nested(() => parseMap(reader));
  return undefined;
}

/** `first` is given where the parser of conditions has read it already. */
export function parseSum(reader: TokenReader, first?: Expression): Expression {
  return parseChain(reader, 'sum', parseProduct(reader, first), () => parseProduct(reader));
}

function parseProduct(reader: TokenReader, first?: Expression): Expression {
  return parseChain(reader, 'product', first ?? parseFactor(reader), () => parseFactor(reader));
}

function parseChain(
  reader: TokenReader,
  kind: 'sum' | 'product',
  first: Expression,
  parseNext: () => Expression,
): Expression {
  const rest: MathStep[] = [];
  while (reader.is(kind)) {
    const operator = reader.take().text as MathOperator;
    rest.push({ operator, operand: parseNext() });
  }
  return rest.length === 0 ? first : { kind: 'math', first, rest, start: first.start, end: reader.position };
}

function parseFactor(reader: TokenReader): Expression {
  const sign = reader.takeIf('sum');
  const operand = reader.is('sign', '(') ? parseGroup(reader) : parseOperand(reader);
  if (sign === undefined) return operand;
  return { kind: 'sign', sign: sign.text as '+' | '-', operand, start: sign.start, end: operand.end };
}

function parseGroup(reader: TokenReader): Expression {
  return reader.nested(() => {
    const { start } = reader.take();
    const inner = parseSum(reader);
    const { end } = reader.takeSign(')', 'after the computation');
    return { kind: 'group', inner, start, end };
  });
}

/** What can be computed with: numbers, paths and converters. */
function parseOperand(reader: TokenReader): Expression {
  const token = reader.next;
  const { start, end } = token;
  if (token.kind === 'int') return { kind: 'int', value: readInteger(reader), start, end };
  if (token.kind === 'float') return { kind: 'float', value: readFloat(reader), start, end };
  if (token.kind !== 'word') return reader.fail(`expected a value, found ${describe(token)}`, valueHint(token.text));
  if (reader.afterNext.kind === 'sign' && reader.afterNext.text === '(') return parseCall(reader);
  return isUpper(token.text) ? failFunctionName(reader) : parsePath(reader);
}

function valueHint(text: string): { readonly help?: string } {
  return text === '=' ? { help: 'to compare, write `==`' } : {};
}

function failFunctionName(reader: TokenReader): never {
  return reader.fail(`expected a value, found ${describe(reader.next)}`, {
    help: `a converter is called with parentheses: \`${reader.next.text}(…)\`; fields of a path are written in small letters`,
  });
}

function readFloat(reader: TokenReader): number {
  const value = Number(reader.next.text);
  if (!Number.isFinite(value)) reader.fail('this number is too large', { code: 'SL0204' });
  reader.take();
  return value;
}

function parseBytes(reader: TokenReader): Expression {
  const { text, start, end } = reader.next;
  const digits = text.slice(2);
  if (digits.length % 2 === 1)
    reader.fail('bytes need an even number of hexadecimal digits', { code: 'SL0204', help: `write \`0x0${digits}\`` });
  reader.take();
  const value = Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
  return { kind: 'bytes', value, start, end };
}

/** Commas may be missing before the first one, as in the Collector's grammar. */
function parseList(reader: TokenReader): Expression {
  const { start } = reader.take();
  const items: Expression[] = [];
  while (!reader.is('sign', ']') && !reader.is('sign', ',')) items.push(parseListItem(reader));
  while (reader.takeIf('sign', ',')) items.push(parseListItem(reader));
  const { end } = reader.takeSign(']', 'at the end of the list');
  return { kind: 'list', items, start, end };
}

function parseListItem(reader: TokenReader): Expression {
  if (reader.is('end')) reader.fail('expected `]` at the end of the list, found the end');
  return parseValue(reader);
}

/** Commas may be missing, and one may stand at the end. */
function parseMap(reader: TokenReader): Expression {
  const { start } = reader.take();
  const entries: MapEntry[] = [];
  while (!reader.is('sign', '}')) {
    const key =
      reader.takeIf('string') ??
      reader.fail(`expected a key in double quotes or \`}\`, found ${describe(reader.next)}`);
    reader.takeSign(':', 'after the key');
    entries.push({ key: key.text, value: parseValue(reader) });
    reader.takeIf('sign', ',');
  }
  return { kind: 'map', entries, start, end: reader.take().end };
}

/** A function with its arguments; whether an editor or a converter may stand here, the checker says. */
export function parseCall(reader: TokenReader): Call {
  const name = reader.take();
  return reader.nested(() => {
    reader.takeSign('(', `after \`${name.text}\``);
    const args: CallArgument[] = [];
    while (!reader.is('sign', ')')) {
      if (args.length > 0) reader.takeSign(',', 'or `)` after an argument');
      args.push(parseArgument(reader));
    }
    reader.take();
    const keys = parseKeys(reader);
    const { start, end, text } = name;
    return { kind: 'call', name: text, nameRange: { start, end }, arguments: args, keys, start, end: reader.position };
  });
}

function parseArgument(reader: TokenReader): CallArgument {
  const { start, kind, text } = reader.next;
  const { afterNext } = reader;
  const isNamed = kind === 'word' && !isUpper(text) && afterNext.kind === 'sign' && afterNext.text === '=';
  if (isNamed) {
    reader.take();
    reader.take();
  }
  const value = parseFunctionName(reader) ?? parseValue(reader);
  return { ...(isNamed && { name: text }), value, start, end: value.end };
}

function parseFunctionName(reader: TokenReader): Expression | undefined {
  const { kind, text, start, end } = reader.next;
  const isName = kind === 'word' && isUpper(text) && !isSymbol(text) && reader.afterNext.text !== '(';
  return isName ? { kind: 'function', name: reader.take().text, start, end } : undefined;
}

function parsePath(reader: TokenReader): Path {
  const { start } = reader.next;
  const fields = [parseField(reader)];
  while (reader.takeIf('sign', '.')) fields.push(parseField(reader));
  return { kind: 'path', fields, start, end: reader.position };
}

function parseField(reader: TokenReader): PathField {
  const { kind, text, start, end } = reader.next;
  if (kind !== 'word') reader.fail(`expected the name of a field, found ${describe(reader.next)}`);
  if (/[A-Z]/.test(text)) {
    const spelt = text.replace(/(?<=[a-z0-9])[A-Z]/g, '_$&').toLowerCase();
    reader.fail(`\`${text}\` is no name of a field`, {
      help: `names of fields are written in small letters: \`${spelt}\``,
    });
  }
  reader.take();
  return { name: text, keys: parseKeys(reader), start, end };
}

/** `["a"][0][Len(x) - 1]`. A number that begins a computation must stand in parentheses, as in the Collector's grammar. */
function parseKeys(reader: TokenReader): readonly Expression[] {
  const keys: Expression[] = [];
  while (reader.is('sign', '[')) {
    reader.nested(() => {
      reader.take();
      keys.push(parseKey(reader));
      reader.takeSign(']', 'after the key');
    });
  }
  return keys;
}

function parseKey(reader: TokenReader): Expression {
  const { kind, text, start, end } = reader.next;
  if (kind === 'string') return { kind: 'string', value: reader.take().text, start, end };
  if (kind === 'int') return { kind: 'int', value: readInteger(reader), start, end };
  if (kind === 'word' && isSymbol(text) && reader.afterNext.text !== '(') return failFunctionName(reader);
  return parseSum(reader);
}

export function isUpper(word: string): boolean {
  return word[0]! >= 'A' && word[0]! <= 'Z';
}

function isSymbol(word: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(word);
}

function noun(value: Expression): string {
  return (
    { string: 'text', bool: 'booleans', symbol: 'symbols', map: 'maps', list: 'lists' }[value.kind as string] ??
    value.kind
  );
}

function range({ start, end }: { readonly start: number; readonly end: number }) {
  return { start, end };
}
