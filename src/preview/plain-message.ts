import { suggest } from '../diagnostics/index.ts';
import { type FieldSpec, type MessageName, SCHEMA } from '../pdata/index.ts';
import type { OtlpObject } from './item.ts';

type Path = readonly (string | number)[];

/** What stands in a message where it should not; the path starts at the message. */
export interface PlainProblem {
  readonly path: Path;
  readonly message: string;
  /** Where the mistake is; default: the value. */
  readonly part?: 'key';
}

/**
 * A message as people write it in YAML, as OTLP/JSON: fields in snake_case or lowerCamelCase, attributes as a map, values as
 * they are. A whole number is an integer; `{doubleValue: 2}` says what is meant where that matters.
 */
export function plainMessage(
  message: MessageName,
  value: unknown,
  problems: PlainProblem[],
  path: Path = [],
): OtlpObject {
  if (!isMap(value)) {
    problems.push({ path, message: 'must be a map of fields' });
    return {};
  }
  const written: Record<string, unknown> = {};
  for (const [key, content] of Object.entries(value)) {
    const field = SCHEMA[message].find(({ name }) => name === camelCase(key));
    const at = [...path, key];
    if (field === undefined) problems.push({ path: at, message: unknownField(key, message), part: 'key' });
    else if (content !== null) written[field.name] = plainField(field, content, problems, at);
  }
  return written;
}

function plainField(field: FieldSpec, value: unknown, problems: PlainProblem[], path: Path): unknown {
  if (field.message === 'KeyValue' && isMap(value)) return plainAttributes(value, problems, path);
  if (field.label !== 'repeated' && field.label !== 'packed') return plainElement(field, value, problems, path);
  if (Array.isArray(value)) return value.map((one, index) => plainElement(field, one, problems, [...path, index]));
  problems.push({ path, message: 'must be a list' });
  return [];
}

function plainElement(field: FieldSpec, value: unknown, problems: PlainProblem[], path: Path): unknown {
  if (field.message === 'AnyValue') return plainValue(value, problems, path);
  if (field.message !== undefined) return plainMessage(field.message, value, problems, path);
  if (field.type === 'enum' && typeof value === 'string' && field.names?.[value] === undefined) {
    return enumNumber(field, value, problems, path);
  }
  if (typeof value !== 'object') return value;
  problems.push({ path, message: 'must be a single value' });
  return undefined;
}

/** `SERVER` for `SPAN_KIND_SERVER`. */
function enumNumber({ names = {} }: FieldSpec, word: string, problems: PlainProblem[], path: Path): unknown {
  const found = Object.keys(names).find((name) => name.endsWith(`_${word.toUpperCase()}`));
  if (found !== undefined) return names[found];
  problems.push({ path, message: `must be one of ${Object.keys(names).join(', ')}` });
  return undefined;
}

export function plainAttributes(value: OtlpObject, problems: PlainProblem[], path: Path): readonly OtlpObject[] {
  return Object.entries(value).map(([key, content]) => ({
    key,
    value: plainValue(content, problems, [...path, key]),
  }));
}

const TYPED = ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'bytesValue'];

function plainValue(value: unknown, problems: PlainProblem[], path: Path): OtlpObject {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'bigint':
      return { intValue: String(value) };
    case 'number':
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    default:
      return plainCompound(value, problems, path);
  }
}

function plainCompound(value: unknown, problems: PlainProblem[], path: Path): OtlpObject {
  if (value === null || value === undefined) return {};
  if (Array.isArray(value)) {
    return { arrayValue: { values: value.map((one, index) => plainValue(one, problems, [...path, index])) } };
  }
  const [only, ...others] = Object.keys(value);
  if (only !== undefined && others.length === 0 && TYPED.includes(only)) return value as OtlpObject;
  return { kvlistValue: { values: plainAttributes(value as OtlpObject, problems, path) } };
}

function unknownField(key: string, message: MessageName): string {
  const names = SCHEMA[message].map(({ name }) => name);
  const near = suggest(camelCase(key), names);
  return `is no field of OTLP${near === undefined ? '' : `; did you mean \`${near}\`?`}`;
}

function isMap(value: unknown): value is OtlpObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
