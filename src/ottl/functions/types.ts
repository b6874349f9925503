import { type Argument, EvaluationError, type FunctionSpec, InvalidArgument, WRITTEN_NIL } from '../function.ts';
import { isList, isMap, type Value } from '../value.ts';
import { getterOf, literalOf, parameters } from './argument.ts';
import { byteLength } from './utf8.ts';
import { typeName } from './value-text.ts';

/** Nil stays nil; what has no such form is an error, but for Int, where text that is no number becomes nil. */
function conversionSpec(name: string, type: string, doc: string, example: string): FunctionSpec {
  return { name, parameters: parameters(['target', type]), doc, example, create: ([target]) => getterOf(target) };
}

/** As upstream a literal that is something else is refused when the statement is compiled, but for IsList. */
function kindSpec(name: string, noun: string, example: string, isKind: (value: Value) => boolean): FunctionSpec {
  return {
    name,
    parameters: parameters(['target', 'Getter']),
    doc: `Says whether a value is ${noun}.`,
    example,
    create([target]) {
      checkLiteral(name, target, isKind);
      const read = getterOf(target);
      return (row) => isKind(read(row));
    },
  };
}

function checkLiteral(name: string, target: Argument, isKind: (value: Value) => boolean): void {
  const literal = literalOf(target);
  if (name === 'IsList' || (literal === undefined && target !== WRITTEN_NIL) || isKind(literal)) return;
  throw new InvalidArgument(0, `${name}: a literal ${typeName(literal)} is never that`);
}

export const TYPE_CONVERTERS: readonly FunctionSpec[] = [
  conversionSpec(
    'String',
    'StringLikeGetter',
    'Makes text of a value: bytes in hex, maps and lists as JSON.',
    'String(resource.attributes["process.pid"])',
  ),
  conversionSpec(
    'Int',
    'IntLikeGetter',
    'Makes a whole number of a number, of true and false, or of digits; nil of other text.',
    'Int(resource.attributes["process.pid"])',
  ),
  conversionSpec(
    'Double',
    'FloatLikeGetter',
    'Makes a double of a number, of true and false, or of text.',
    'Double(resource.attributes["ratio"])',
  ),
  conversionSpec(
    'Bool',
    'BoolLikeGetter',
    'Makes true or false of a number (0 is false) or of text such as "true" and "f".',
    'Bool(resource.attributes["sampled"])',
  ),
  kindSpec(
    'IsString',
    'a string',
    'IsString(resource.attributes["process.pid"])',
    (value) => typeof value === 'string',
  ),
  kindSpec(
    'IsInt',
    'a whole number',
    'IsInt(resource.attributes["process.pid"])',
    (value) => typeof value === 'bigint',
  ),
  kindSpec('IsDouble', 'a double', 'IsDouble(resource.attributes["ratio"])', (value) => typeof value === 'number'),
  kindSpec('IsBool', 'true or false', 'IsBool(resource.attributes["sampled"])', (value) => typeof value === 'boolean'),
  kindSpec('IsMap', 'a map', 'IsMap(resource.attributes)', isMap),
  kindSpec('IsList', 'a list', 'IsList(resource.attributes["tags"])', isList),
  {
    name: 'Len',
    parameters: parameters(['target', 'Getter']),
    doc: 'Gives the bytes of a string or of bytes, the keys of a map, or the elements of a list.',
    example: 'Len(resource.attributes)',
    create([target]) {
      const read = getterOf(target);
      return (row) => BigInt(lengthOf(read(row)));
    },
  },
];

function lengthOf(value: Value): number {
  if (typeof value === 'string') return byteLength(value);
  if (value instanceof Uint8Array || isList(value)) return value.length;
  if (isMap(value)) return value.size;
  throw new EvaluationError(`Len: ${typeName(value)} has no length`);
}
