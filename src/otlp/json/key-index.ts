import { type FieldSpec, type MessageName, SCHEMA } from '../../pdata/index.ts';

const BUCKETS = 64;

/** Finds a message's field by the bytes of its JSON key, in lowerCamelCase or snake_case, without making a string. */
export class KeyIndex {
  readonly #buckets: { readonly key: Uint8Array; readonly field: FieldSpec }[][] = Array.from(
    { length: BUCKETS },
    () => [],
  );

  constructor(fields: readonly FieldSpec[]) {
    const encoder = new TextEncoder();
    for (const field of fields) {
      for (const spelling of new Set([field.name, snakeCase(field.name)])) {
        const key = encoder.encode(spelling);
        this.#buckets[bucketOf(key, 0, key.length)].push({ key, field });
      }
    }
  }

  find(bytes: Uint8Array, start: number, end: number): FieldSpec | undefined {
    if (start === end) return undefined;
    for (const { key, field } of this.#buckets[bucketOf(bytes, start, end)]) {
      if (key.length === end - start && equalsAt(key, bytes, start)) return field;
    }
    return undefined;
  }

  findText(key: string): FieldSpec | undefined {
    const bytes = new TextEncoder().encode(key);
    return this.find(bytes, 0, bytes.length);
  }
}

export const KEY_INDEXES: ReadonlyMap<MessageName, KeyIndex> = new Map(
  (Object.keys(SCHEMA) as MessageName[]).map((name) => [name, new KeyIndex(SCHEMA[name])]),
);

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function bucketOf(bytes: Uint8Array, start: number, end: number): number {
  return (bytes[start] * 5 + bytes[end - 1] * 3 + (end - start)) % BUCKETS;
}

function equalsAt(key: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < key.length; at++) if (bytes[start + at] !== key[at]) return false;
  return true;
}
