/** An attribute value of OTLP in protobuf-es form. */
export interface AnyValueInit {
  readonly value?: { readonly case: string; readonly value: unknown };
}

export type Plain =
  | null
  | undefined
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly Plain[]
  | Entries
  | { readonly [key: string]: Plain };

/** Keys as they are, twice the same included. */
export class Entries {
  readonly list: readonly (readonly [string, Plain])[];

  constructor(list: readonly (readonly [string, Plain])[]) {
    this.list = list;
  }
}

/** bigint becomes an integer, number a double; null is a value without a type. */
export function anyValue(plain: Plain): AnyValueInit {
  if (plain === null || plain === undefined) return {};
  if (typeof plain === 'string') return { value: { case: 'stringValue', value: plain } };
  if (typeof plain === 'bigint') return { value: { case: 'intValue', value: plain } };
  if (typeof plain === 'number') return { value: { case: 'doubleValue', value: plain } };
  if (typeof plain === 'boolean') return { value: { case: 'boolValue', value: plain } };
  if (plain instanceof Uint8Array) return { value: { case: 'bytesValue', value: plain } };
  if (Array.isArray(plain)) return { value: { case: 'arrayValue', value: { values: plain.map(anyValue) } } };
  return { value: { case: 'kvlistValue', value: { values: keyValues(plain as Entries) } } };
}

export function keyValues(plain: Entries | { readonly [key: string]: Plain }): { key: string; value: AnyValueInit }[] {
  const entries = plain instanceof Entries ? plain.list : Object.entries(plain);
  return entries.map(([key, value]) => ({ key, value: anyValue(value) }));
}
