import { decodeFields, encodeFields } from './codec.ts';

interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
}

export function readKeyValue(bytes: Uint8Array): KeyValue {
  return decodeFields<KeyValue>('KeyValue', bytes);
}

export function keyOf(bytes: Uint8Array): string {
  return readKeyValue(bytes).key;
}

/** With the AnyValue in place of the first of that key, or at the end. */
export function withAttribute(
  attributes: readonly Uint8Array[],
  key: string,
  value: Uint8Array,
): readonly Uint8Array[] {
  const made = encodeFields('KeyValue', { key, value });
  const at = attributes.findIndex((one) => keyOf(one) === key);
  return at < 0 ? [...attributes, made] : attributes.with(at, made);
}

/** The text of an AnyValue that is one, else ''. */
export function textOf(value: Uint8Array): string {
  const { stringValue = '' } = decodeFields<{ readonly stringValue?: string }>('AnyValue', value);
  return stringValue;
}
