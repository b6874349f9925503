import { EvaluationError, type FunctionSpec, InvalidArgument } from '../function.ts';
import { parseFloat64 } from '../parse-float.ts';
import type { Value } from '../value.ts';
import { getterOf, parameters } from './argument.ts';
import { parseInteger } from './go-number.ts';
import { GROK_PATTERNS } from './grok-patterns.ts';
import { compiledGetter, compilePattern, type Pattern, patternGetter } from './pattern.ts';

interface Grok {
  readonly pattern: Pattern;
  /** `int` for the group `age` of `%{NUMBER:age:int}`. */
  readonly types: ReadonlyMap<string, string>;
}

const REFERENCE = /%\{(\w+(?::[\w+.]+(?::\w+)?)?)\}/g;
/** Stands for the dots of a name, which no group may have. */
const DOT = '___';
const MAX_EXPANDED = 32_768;
const NO_GROUP = 'at least one group of the pattern must have a name';

export const PATTERN_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'ExtractPatterns',
    parameters: parameters(['target', 'StringGetter'], ['pattern', 'StringGetter']),
    doc: 'Gives a map of the named groups of a pattern, empty where it does not match.',
    example: 'ExtractPatterns(resource.attributes["k8s.pod.name"], "^(?P<app>.+)-[^-]+$")',
    create([target, pattern]) {
      const textOf = getterOf<string>(target);
      const patternOf = patternGetter('ExtractPatterns', 1, pattern);
      return (row) => {
        const { groupNames, find } = patternOf(row);
        if (groupNames.every((name) => name === '')) throw new EvaluationError(`ExtractPatterns: ${NO_GROUP}`);
        const groups = find(textOf(row))?.groups;
        const found = new Map<string, Value>();
        if (groups === undefined) return found;
        for (const [i, name] of groupNames.entries()) if (name !== '') found.set(name, groups[i] ?? '');
        return found;
      };
    },
  },
  {
    name: 'ExtractGrokPatterns',
    parameters: parameters(
      ['target', 'StringGetter'],
      ['pattern', 'StringGetter'],
      ['named_captures_only?', 'bool'],
      ['pattern_definitions?', '[]string'],
    ),
    doc: 'Gives a map of what a grok pattern such as %{IP:client} finds, empty where it does not match.',
    example: 'ExtractGrokPatterns(resource.attributes["url"], "%{URIPROTO:url.scheme}://%{URIHOST:url.domain}", true)',
    create([target, pattern, namedOnly, definitions]) {
      const textOf = getterOf<string>(target);
      const known = withDefinitions((definitions as readonly string[] | undefined) ?? []);
      const compile = (source: string): Grok => compileGrok(source, known, namedOnly === true);
      const grokOf = compiledGetter('ExtractGrokPatterns', 1, pattern, compile);
      return (row) => {
        const { pattern: compiled, types } = grokOf(row);
        if (namedOnly === true && compiled.groupNames.every((name) => name === ''))
          throw new EvaluationError(`ExtractGrokPatterns: ${NO_GROUP}`);
        const groups = compiled.find(textOf(row))?.groups ?? [];
        const found = new Map<string, Value>();
        for (const [i, name] of compiled.groupNames.entries()) {
          const text = groups[i];
          if (name !== '' && text) found.set(name.replaceAll(DOT, '.'), convert(text, name, types.get(name)));
        }
        return found;
      };
    },
  },
];

type Definitions = ReadonlyMap<string, string>;

function withDefinitions(definitions: readonly string[]): Definitions {
  const known = new Map(Object.entries(GROK_PATTERNS));
  for (const definition of definitions) {
    const [, name, body] = /^([^=]*)=(.*)$/s.exec(definition) ?? [];
    if (name === undefined || body === undefined)
      throw new InvalidArgument(3, 'ExtractGrokPatterns: a definition is written NAME=pattern');
    if (name.includes(':')) throw new InvalidArgument(3, `ExtractGrokPatterns: the name ${name} has a colon`);
    known.set(name, body);
  }
  return known;
}

function compileGrok(source: string, known: Definitions, namedOnly: boolean): Grok {
  const types = new Map<string, string>();
  let expanded = source;
  for (;;) {
    const references = [...expanded.matchAll(REFERENCE)];
    if (references.length === 0) break;
    for (const [reference, content = ''] of references) {
      const [id = '', name, type] = content.split(':');
      const group = (name ?? id).replaceAll('.', DOT);
      if (type !== undefined) types.set(group, type);
      const body = known.get(id);
      if (body === undefined) throw new Error(`is invalid: there is no pattern ${id}`);
      const parts = expanded.split(reference);
      const by = namedOnly && name === undefined ? `(${body})` : `(?P<${group}>${body})`;
      if (expanded.length + parts.length * by.length > MAX_EXPANDED)
        throw new Error(`is invalid: with its parts it is longer than ${MAX_EXPANDED} characters`);
      expanded = parts.join(by);
    }
  }
  const pattern = compilePattern(expanded);
  if (namedOnly && pattern.groupNames.every((name) => name === '')) throw new Error(`is invalid: ${NO_GROUP}`);
  return { pattern, types };
}

function convert(text: string, name: string, type: string | undefined): Value {
  const value = type === undefined || type === 'string' ? text : CONVERSIONS[type]?.(text);
  if (value === undefined)
    throw new EvaluationError(`ExtractGrokPatterns: ${name} is no ${type}: ${JSON.stringify(text.slice(0, 100))}`);
  return value;
}

const toInteger = (text: string): Value => {
  const value = parseInteger(text, 10);
  return typeof value === 'string' ? undefined : value;
};
const toBoolean = (text: string): Value => {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
};

const CONVERSIONS: Readonly<Record<string, (text: string) => Value>> = {
  int: toInteger,
  long: toInteger,
  float: parseFloat64,
  double: parseFloat64,
  bool: toBoolean,
  boolean: toBoolean,
};
