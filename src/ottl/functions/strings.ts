import { EvaluationError, type FunctionSpec } from '../function.ts';
import type { Value } from '../value.ts';
import { getterOf, gettersOf, parameters } from './argument.ts';
import { formatValues } from './go-format.ts';
import { checkLength, MAX_VALUES } from './limits.ts';
import { patternGetter } from './pattern.ts';
import { byteLength, decodeUtf8, encodeUtf8, isAscii } from './utf8.ts';

/** Text from a text and another one. */
function pairSpec(
  spec: Pick<FunctionSpec, 'name' | 'doc' | 'example'> & { readonly second: string },
  compute: (text: string, second: string) => Value,
): FunctionSpec {
  const { second, ...named } = spec;
  return {
    ...named,
    parameters: parameters(['target', 'StringGetter'], [second, 'StringGetter']),
    create([target, other]) {
      const textOf = getterOf<string>(target);
      const otherOf = getterOf<string>(other);
      return (row) => compute(textOf(row), otherOf(row));
    },
  };
}

export const STRING_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'IsMatch',
    parameters: parameters(['target', 'StringLikeGetter'], ['pattern', 'StringGetter']),
    doc: 'Says whether a pattern matches somewhere in a value as text; nil never matches.',
    example: 'IsMatch(resource.attributes["service.name"], "^shop-.*")',
    create([target, pattern]) {
      const patternOf = patternGetter('IsMatch', 1, pattern);
      const textOf = getterOf<string | undefined>(target);
      return (row) => {
        const compiled = patternOf(row);
        const text = textOf(row);
        return text !== undefined && compiled.test(text);
      };
    },
  },
  {
    name: 'Concat',
    parameters: parameters(['vals', '[]StringLikeGetter'], ['delimiter', 'StringGetter']),
    doc: 'Joins values as text, with a delimiter between them.',
    example: 'Concat([resource.attributes["service.namespace"], resource.attributes["service.name"]], ".")',
    create([vals, delimiter]) {
      const textsOf = gettersOf<string | undefined>(vals);
      const delimiterOf = getterOf<string>(delimiter);
      return (row) => {
        const between = delimiterOf(row);
        const texts = textsOf.map((textOf) => textOf(row) ?? '<nil>');
        checkLength(
          'Concat',
          texts.reduce((sum, text) => sum + text.length + between.length, 0),
        );
        return texts.join(between);
      };
    },
  },
  {
    name: 'Format',
    parameters: parameters(['format', 'string'], ['vals', '[]Getter']),
    doc: "Writes values into a text at Go's verbs, such as %s, %d and %v.",
    example: 'Format("%s-%04d", [resource.attributes["service.name"], 7])',
    create([format, vals]) {
      const valuesOf = gettersOf(vals);
      return (row) =>
        formatValues(
          format as string,
          valuesOf.map((read) => read(row)),
        );
    },
  },
  pairSpec(
    {
      name: 'Split',
      second: 'delimiter',
      doc: 'Cuts a text at every delimiter; an empty delimiter cuts between all characters.',
      example: 'Split(resource.attributes["k8s.pod.name"], "-")',
    },
    (text, delimiter) => {
      const parts = delimiter === '' ? [...text] : text.split(delimiter);
      if (parts.length > MAX_VALUES) throw new EvaluationError(`Split: more than ${MAX_VALUES} parts`);
      return parts;
    },
  ),
  {
    name: 'Substring',
    parameters: parameters(['target', 'StringGetter'], ['start', 'IntGetter'], ['length', 'IntGetter']),
    doc: 'Gives so many bytes of a text from a start, which counts from 0; both must lie within the text.',
    example: 'Substring(resource.attributes["k8s.pod.uid"], 0, 8)',
    create([target, start, length]) {
      const textOf = getterOf<string>(target);
      const startOf = getterOf<bigint>(start);
      const lengthOf = getterOf<bigint>(length);
      return (row) => {
        const from = startOf(row);
        if (from < 0n) throw new EvaluationError(`Substring: the start ${from} is negative`);
        const size = lengthOf(row);
        if (size <= 0n) throw new EvaluationError(`Substring: the length ${size} is not positive`);
        return substring(textOf(row), from, size);
      };
    },
  },
  pairSpec(
    {
      name: 'HasPrefix',
      second: 'prefix',
      doc: 'Says whether a text begins with another.',
      example: 'HasPrefix(resource.attributes["service.name"], "shop-")',
    },
    (text, prefix) => text.startsWith(prefix),
  ),
  pairSpec(
    {
      name: 'HasSuffix',
      second: 'suffix',
      doc: 'Says whether a text ends with another.',
      example: 'HasSuffix(resource.attributes["service.name"], "-canary")',
    },
    (text, suffix) => text.endsWith(suffix),
  ),
  {
    name: 'Trim',
    parameters: parameters(['target', 'StringGetter'], ['replacement?', 'string']),
    doc: 'Removes these characters, spaces unless others are given, from both ends of a text.',
    example: 'Trim(resource.attributes["service.name"], "-_ ")',
    create([target, replacement]) {
      const textOf = getterOf<string>(target);
      const cut = new Set((replacement as string | undefined) ?? ' ');
      return (row) => trim(textOf(row), cut);
    },
  },
  pairSpec(
    {
      name: 'TrimPrefix',
      second: 'prefix',
      doc: 'Removes a text from the beginning of another, once.',
      example: 'TrimPrefix(resource.attributes["k8s.pod.name"], "shop-")',
    },
    (text, prefix) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
  ),
  pairSpec(
    {
      name: 'TrimSuffix',
      second: 'suffix',
      doc: 'Removes a text from the end of another, once.',
      example: 'TrimSuffix(resource.attributes["k8s.pod.name"], "-canary")',
    },
    (text, suffix) => (text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text),
  ),
];

function substring(text: string, from: bigint, size: bigint): string {
  const end = from + size;
  const length = byteLength(text);
  if (end > BigInt(length))
    throw new EvaluationError(`Substring: ${end} is behind the end of the text, which has ${length} bytes`);
  if (isAscii(text)) return text.slice(Number(from), Number(end));
  return decodeUtf8(encodeUtf8(text).subarray(Number(from), Number(end)));
}

function trim(text: string, cut: ReadonlySet<string>): string {
  const characters = [...text];
  let start = 0;
  let end = characters.length;
  while (start < end && cut.has(characters[start]!)) start += 1;
  while (end > start && cut.has(characters[end - 1]!)) end -= 1;
  return characters.slice(start, end).join('');
}
