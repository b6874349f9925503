import type { PipelineKind } from '../pipeline/index.ts';
import { type Item, itemTitle, type OtlpObject, SUBJECT } from './item.ts';
import type { ItemOutcome } from './outcome.ts';
import { TEST_API_VERSION, TEST_KIND } from './pipeline-test.ts';

type Plain = Record<string, unknown>;

/** A test that says of one item what has just become of it, as `sluice test` reads it; undefined for what no test can say. */
export function testDocument(
  pipeline: { readonly kind: PipelineKind; readonly name: string },
  { before, after }: Pick<ItemOutcome, 'before' | 'after'>,
): unknown {
  const input = plainItem(before);
  const expect = after.map((item) => withoutNothing(plainItem(item)));
  if (input === undefined || expect.includes(undefined)) return undefined;
  const [only, ...others] = expect as Plain[];
  return {
    apiVersion: TEST_API_VERSION,
    kind: TEST_KIND,
    metadata: { name: nameOf(before) },
    spec: {
      pipeline: `${pipeline.kind}/${pipeline.name}`,
      input: [input],
      expect: only === undefined ? [] : [withMissing(only, withoutNothing(input)), ...others],
    },
  };
}

/** In what is expected null means that there must be nothing, not an attribute without a value. */
function withoutNothing<T>(plain: T): T {
  if (!isObject(plain)) return plain;
  const written = Object.entries(plain).filter(([, value]) => value !== null);
  return Object.fromEntries(written.map(([key, value]) => [key, withoutNothing(value)])) as T;
}

/** `span-get-checkout` */
function nameOf(item: Item): string {
  const words = itemTitle(item)
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return (words ?? []).join('-').slice(0, 60);
}

/** As people write it; undefined where that would say something else. */
function plainItem({ signal, resource, scope, subject }: Item): Plain | undefined {
  const ofResource = plainMap(resource['attributes']);
  const ofScope = plainMessage(scope);
  const ofSubject = plainMessage(subject);
  if (ofResource === undefined || ofScope === undefined || ofSubject === undefined) return undefined;
  return {
    [SUBJECT[signal]]: ofSubject,
    ...(Object.keys(ofResource).length > 0 && { resource: ofResource }),
    ...(Object.keys(ofScope).length > 0 && { scope: ofScope }),
  };
}

/** An attribute that a rule took away must be missing. */
function withMissing(after: Plain, before: Plain): Plain {
  const result: Plain = { ...after };
  for (const part of Object.keys(before)) {
    const isMap = part === 'resource';
    const attributes = (item: Plain) => ((isMap ? item[part] : (item[part] as Plain)?.['attributes']) ?? {}) as Plain;
    const gone = Object.keys(attributes(before)).filter((key) => !(key in attributes(after)));
    if (gone.length === 0) continue;
    const kept = { ...attributes(after), ...Object.fromEntries(gone.map((key) => [key, null])) };
    result[part] = isMap ? kept : { ...(after[part] as Plain), attributes: kept };
  }
  return result;
}

function plainMessage(message: OtlpObject): Plain | undefined {
  const plain: Plain = {};
  for (const [field, value] of Object.entries(message)) {
    const own = plainField(value);
    if (own === undefined) return undefined;
    if (!isObject(own) || Object.keys(own).length > 0) plain[field] = own;
  }
  return plain;
}

function plainField(value: unknown): unknown {
  if (isAttributes(value)) return plainMap(value);
  if (Array.isArray(value)) {
    const elements = value.map(plainField);
    return elements.includes(undefined) ? undefined : elements;
  }
  if (!isObject(value)) return value;
  return isAnyValue(value) ? plainValue(value) : plainMessage(value);
}

interface KeyValue {
  readonly key?: string;
  readonly value?: OtlpObject;
}

/** Undefined for a key that stands there twice: a map has it once. */
function plainMap(attributes: unknown): Plain | undefined {
  const plain: Plain = {};
  for (const { key = '', value = {} } of (attributes ?? []) as readonly KeyValue[]) {
    const own = plainValue(value);
    if (own === undefined || Object.hasOwn(plain, key) || key === '__proto__') return undefined;
    plain[key] = own;
  }
  return plain;
}

function plainValue(value: OtlpObject): unknown {
  const [member, content] = Object.entries(value)[0] ?? [];
  switch (member) {
    case undefined:
      return null;
    case 'stringValue':
    case 'boolValue':
      return content;
    case 'intValue':
      return Number.isSafeInteger(Number(content)) ? Number(content) : value;
    case 'doubleValue':
      return typeof content === 'number' && Number.isFinite(content) && !Number.isInteger(content) ? content : value;
    case 'arrayValue': {
      const elements = (((content as OtlpObject)['values'] ?? []) as OtlpObject[]).map(plainValue);
      return elements.includes(undefined) ? undefined : elements;
    }
    case 'kvlistValue': {
      const map = plainMap((content as OtlpObject)['values']);
      // A map of one such key would be read as a value of that type.
      return map !== undefined && Object.keys(map).some((key) => key.endsWith('Value')) ? undefined : map;
    }
    default:
      return value;
  }
}

const MEMBERS = ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'];

function isAnyValue(value: OtlpObject): boolean {
  const [member, ...others] = Object.keys(value);
  return member !== undefined && others.length === 0 && MEMBERS.includes(member);
}

function isAttributes(value: unknown): value is readonly KeyValue[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => isObject(one) && Object.keys(one).every((key) => key === 'key' || key === 'value'))
  );
}

function isObject(value: unknown): value is OtlpObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
