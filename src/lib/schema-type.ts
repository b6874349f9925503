import type { TSchema, Type as TypeBox } from 'typebox';

/**
 * What this repository uses of typebox's `Type`, with its types: the same JSON Schemas. Only types are imported, as loading
 * typebox takes every process 80 ms and 16 MB, more than all else that `sluice up` loads before it knows what to run.
 */
export const Type = {
  String: (options?: object) => ({ type: 'string', ...options }),
  Boolean: (options?: object) => ({ type: 'boolean', ...options }),
  Integer: (options?: object) => ({ type: 'integer', ...options }),
  Number: (options?: object) => ({ type: 'number', ...options }),
  Array: (items: TSchema, options?: object) => ({ type: 'array', items, ...options }),
  Record: (_: TSchema, value: TSchema, options?: object) => {
    return { type: 'object', patternProperties: { '^.*$': value }, ...options };
  },
  Union: (anyOf: readonly TSchema[], options?: object) => ({ anyOf, ...options }),
  Object: objectSchema,
  Optional: optionalSchema,
  Partial: ({ properties }: { readonly properties: Properties }, options?: object) => {
    const optional = Object.entries(properties).map(([key, schema]) => [key, optionalSchema(schema)]);
    return { type: 'object', properties: Object.fromEntries(optional), ...options };
  },
  Unsafe: (schema: object) => schema,
} as unknown as Pick<
  typeof TypeBox,
  | 'String'
  | 'Boolean'
  | 'Integer'
  | 'Number'
  | 'Array'
  | 'Record'
  | 'Union'
  | 'Object'
  | 'Optional'
  | 'Partial'
  | 'Unsafe'
>;

type Properties = Readonly<Record<string, object>>;

/** Not part of the schema: whoever writes or spreads it does not see the mark. */
const OPTIONAL = '~optional';

function objectSchema(properties: Properties, options?: object) {
  const required = Object.keys(properties).filter((key) => !(OPTIONAL in properties[key]!));
  return { type: 'object', ...(required.length > 0 && { required }), properties, ...options };
}

function optionalSchema(schema: object): object {
  return Object.defineProperty({ ...schema }, OPTIONAL, { value: true, enumerable: false });
}
