import { Type as TypeBox } from 'typebox';
import { describe, expect, it } from 'vitest';
import { Type } from './schema-type.ts';

describe('Type', () => {
  it('makes the schemas that typebox makes, with the keys in the same order', () => {
    expect(JSON.stringify(schemas(Type))).toBe(JSON.stringify(schemas(TypeBox)));
  });

  it('forgets that a field is optional where a schema is spread, as typebox does', () => {
    const spread = (type: typeof Type) => type.Object({ a: { ...type.Optional(type.String()), title: 'A' } });
    expect(JSON.stringify(spread(Type))).toBe(JSON.stringify(spread(TypeBox)));
    expect(spread(Type).required).toEqual(['a']);
  });
});

function schemas(type: typeof Type) {
  const object = type.Object(
    { name: type.String({ minLength: 1 }), size: type.Optional(type.Integer({ minimum: 0, description: 'bytes' })) },
    { additionalProperties: false, description: 'a file' },
  );
  return [
    object,
    type.Object({}),
    type.Object({ all: type.Optional(type.Boolean()) }),
    type.Partial(object, { title: 'some of a file' }),
    type.Partial(type.Object({ deep: type.Partial(object), rate: type.Number() }), { additionalProperties: false }),
    type.Array(type.String(), { maxItems: 3 }),
    type.Record(type.String(), type.Union([type.String(), type.Array(type.Boolean())], { description: 'one or many' })),
    type.Unsafe<'a' | 'b'>({ type: 'string', enum: ['a', 'b'] }),
    type.Optional(type.Unsafe<string>({ anyOf: [{ type: 'string' }], format: 'duration' })),
  ];
}
