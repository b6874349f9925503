import type { AnyValue, KeyValue } from '../../otlp/index.ts';
import type { AttributeDocument } from '../api.ts';

/** Values nested deeper than this are shown as an ellipsis. */
const MAX_DEPTH = 16;

export function attributeDocuments(attributes: readonly KeyValue[] | undefined): readonly AttributeDocument[] {
  return (attributes ?? []).map(({ key, value }) => ({ key: key ?? '', ...describeValue(value) }));
}

/** Type and text of a value, as people read it; compound values as JSON. */
export function describeValue(value: AnyValue | undefined): { readonly type: string; readonly value: string } {
  if (value?.stringValue !== undefined) return { type: 'string', value: value.stringValue };
  if (value?.boolValue !== undefined) return { type: 'bool', value: String(value.boolValue) };
  if (value?.intValue !== undefined) return { type: 'int', value: String(value.intValue) };
  if (value?.doubleValue !== undefined) return { type: 'double', value: String(value.doubleValue) };
  if (value?.bytesValue !== undefined) return { type: 'bytes', value: value.bytesValue };
  if (value?.arrayValue !== undefined) return { type: 'array', value: compoundText(value, 0) };
  if (value?.kvlistValue !== undefined) return { type: 'map', value: compoundText(value, 0) };
  return { type: 'empty', value: '' };
}

export function serviceName(attributes: readonly AttributeDocument[]): string {
  return attributes.find((attribute) => attribute.key === 'service.name')?.value ?? '';
}

/** Lower-case text of attributes in which a filter searches. */
export function searchText(attributes: readonly AttributeDocument[]): string {
  return attributes
    .map(({ key, value }) => `${key}=${value}`)
    .join('\n')
    .toLowerCase();
}

/** Written here because integers must stay exact and `JSON.stringify` has no way to print a string as a number. */
function compoundText(value: AnyValue | undefined, depth: number): string {
  if (depth > MAX_DEPTH) return '…';
  if (value?.arrayValue !== undefined) {
    return `[${(value.arrayValue.values ?? []).map((item) => compoundText(item, depth + 1)).join(',')}]`;
  }
  if (value?.kvlistValue !== undefined) {
    const entries = value.kvlistValue.values ?? [];
    return `{${entries.map((entry) => `${JSON.stringify(entry.key ?? '')}:${compoundText(entry.value, depth + 1)}`).join(',')}}`;
  }
  const { type, value: text } = describeValue(value);
  if (type === 'string' || type === 'bytes') return JSON.stringify(text);
  return type === 'empty' ? 'null' : text;
}
