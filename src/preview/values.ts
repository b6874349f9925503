import { type Item, type OtlpObject, SUBJECT } from './item.ts';

/** A value in an item by the path that a rule would name it with: `span.attributes["http.route"]` → `"/checkout"`. */
export type Values = ReadonlyMap<string, string>;

/** A value that a rule made, changed or took away. */
export interface Change {
  readonly path: string;
  /** Absent: there was none. */
  readonly before?: string;
  /** Absent: it is gone. */
  readonly after?: string;
}

/** Every value of an item, in the order of its fields. */
export function valuesOf({ signal, resource, scope, subject }: Item): Values {
  const values = new Map<string, string>();
  addMessage(values, 'resource', resource);
  addMessage(values, 'scope', scope);
  addMessage(values, SUBJECT[signal], subject);
  return values;
}

/** What differs, in the order of the paths before, then what is new. */
export function changesBetween(before: Values, after: Values): readonly Change[] {
  const changes: Change[] = [];
  for (const [path, old] of before) {
    const now = after.get(path);
    if (now !== old) changes.push({ path, before: old, ...(now === undefined ? {} : { after: now }) });
  }
  for (const [path, now] of after) if (!before.has(path)) changes.push({ path, after: now });
  return changes;
}

function addMessage(values: Map<string, string>, path: string, message: OtlpObject): void {
  for (const [field, value] of Object.entries(message)) addField(values, `${path}.${snakeCase(field)}`, value);
}

function addField(values: Map<string, string>, path: string, value: unknown): void {
  if (isAttributes(value)) {
    for (const { key, value: member } of value)
      values.set(`${path}[${JSON.stringify(key ?? '')}]`, anyValueText(member));
  } else if (Array.isArray(value)) {
    value.forEach((element, index) => {
      addField(values, `${path}[${index}]`, element);
    });
  } else if (isObject(value)) {
    if (isAnyValue(value)) values.set(path, anyValueText(value));
    else addMessage(values, path, value);
  } else values.set(path, JSON.stringify(value));
}

interface KeyValue {
  readonly key?: string;
  readonly value: OtlpObject;
}

function isAttributes(value: unknown): value is readonly KeyValue[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => isObject(one) && isObject(one['value']));
}

const MEMBERS = ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'];

function isAnyValue(value: OtlpObject): boolean {
  const [member, ...others] = Object.keys(value);
  return member !== undefined && others.length === 0 && MEMBERS.includes(member);
}

/** Text in quotes, a whole number bare, a double with its point, bytes in hexadecimal digits as OTTL writes them. */
export function anyValueText(value: OtlpObject): string {
  const [member, content] = Object.entries(value)[0] ?? [];
  switch (member) {
    case 'stringValue':
      return JSON.stringify(content);
    case 'intValue':
    case 'boolValue':
      return String(content);
    case 'doubleValue':
      return Number.isInteger(content) ? `${content}.0` : String(content);
    case 'bytesValue':
      return `0x${[...atob(String(content))].map((one) => one.charCodeAt(0).toString(16).padStart(2, '0')).join('')}`;
    case 'arrayValue':
      return `[${(((content as OtlpObject)['values'] ?? []) as OtlpObject[]).map(anyValueText).join(', ')}]`;
    case 'kvlistValue': {
      const members = ((content as OtlpObject)['values'] ?? []) as KeyValue[];
      return `{${members.map((one) => `${JSON.stringify(one.key ?? '')}: ${anyValueText(one.value)}`).join(', ')}}`;
    }
    default:
      return 'nil';
  }
}

function isObject(value: unknown): value is OtlpObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The values that a rule's text names, with undefined for those that the item lacks. */
export function valuesNamedIn(
  text: string,
  item: Item,
): readonly (readonly [path: string, value: string | undefined])[] {
  const values = valuesOf(item);
  const subject = SUBJECT[item.signal];
  const named = new Set(
    text.match(/\b(?:[a-z_]+\.)*[a-z_]+\["(?:[^"\\]|\\.)*"\]|\b(?:resource|scope|span|metric|log)\.[a-z_]+/g) ?? [],
  );
  return [...named].map((path) => [path, values.get(path) ?? values.get(`${subject}.${path}`)]);
}
