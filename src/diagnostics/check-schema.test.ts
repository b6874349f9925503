import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CheckSchemaOptions, checkSchema } from './check-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { parseYamlDocuments } from './yaml.ts';

function check(text: string, schema: JsonSchema, options: CheckSchemaOptions = {}) {
  const { documents, issues } = parseYamlDocuments(text, 'f.yaml');
  expect(issues).toEqual([]);
  return checkSchema(documents[0]!.value, schema, { document: documents[0]!, ...options });
}

const messages = (text: string, schema: JsonSchema) =>
  check(text, schema).map((issue) => `${issue.code} ${issue.message}`);

const field = (schema: JsonSchema): JsonSchema => ({ type: 'object', properties: { a: schema } });

describe('checkSchema', () => {
  it('accepts what fits', () => {
    const schema: JsonSchema = {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 3, pattern: '^[a-z]+$' },
        count: { type: 'integer', minimum: 0, maximum: 5 },
        share: { type: 'number', exclusiveMinimum: 0 },
        on: { type: 'boolean' },
        list: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 2 },
        map: { type: 'object', additionalProperties: { type: 'integer' } },
        open: { type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true },
        size: { 'x-kubernetes-int-or-string': true },
        nothing: { type: 'string', nullable: true },
        any: {},
      },
    };
    expect(
      messages(
        '{name: abc, count: 5, share: 0.1, "on": true, list: [x, "1"], map: {x: 1}, open: {y: 1}, size: 1Mi, nothing: null, any: [1]}',
        schema,
      ),
    ).toEqual([]);
  });

  it('reports everything that is wrong at once', () => {
    const schema = field({
      type: 'object',
      required: ['x', 'm'],
      properties: { x: { type: 'string' }, m: { type: 'integer' }, z: { enum: ['p', 'q'], type: 'string' } },
    });
    expect(messages('a: { m: 1.5, z: r, w: 1 }\nb: 2\n', schema)).toEqual([
      'SL0103 `a.m` must be an integer',
      "SL0104 `a.z` must be one of 'p', 'q'",
      'SL0101 unknown field `a.w`',
      'SL0102 `a.x` is required',
      'SL0101 unknown field `b`',
    ]);
  });

  it('points at the key of an unknown field and at the value of a wrong one', () => {
    const schema = field({ type: 'string' });
    expect(check('a: 1\nbee: 2\n', schema)).toMatchObject([
      { span: { line: 1, column: 4, endColumn: 5 }, path: ['a'] },
      { span: { line: 2, column: 1, endColumn: 4 }, path: ['bee'] },
    ]);
  });

  it('points at the parent of a missing field, at the key of an empty one', () => {
    const schema = field({ type: 'object', required: ['x'], properties: { x: { type: 'string' } } });
    expect(check('a: {}\n', schema)).toMatchObject([
      { code: 'SL0102', span: { column: 1 }, label: '`x` is missing here', help: 'add `x: …`' },
    ]);
    expect(check('a:\n  x:\n', schema)).toMatchObject([
      { code: 'SL0102', span: { line: 2, column: 3 }, label: 'has no value' },
    ]);
  });

  it('treats an empty field as absent, but not an empty list item', () => {
    expect(messages('a:\n', field({ type: 'string' }))).toEqual([]);
    expect(messages('a: [null]\n', field({ type: 'array', items: { type: 'string' } }))).toEqual([
      'SL0103 `a[0]` must be a string',
    ]);
  });

  it.each<[string, JsonSchema, string | undefined]>([
    ['a: "true"', { type: 'boolean' }, 'remove the quotes'],
    ['a: sure', { type: 'boolean' }, "write 'true' or 'false' without quotes"],
    ['a: "5"', { type: 'integer' }, 'remove the quotes'],
    ['a: five', { type: 'integer' }, undefined],
    ['a: 8080', { type: 'string' }, 'put quotes around it: "8080"'],
    ['a: yes', { type: 'string' }, 'put the word in quotes: YAML reads it as a boolean'],
    ['a: x', { type: 'array' }, 'start each item of the list with `- `'],
    ['a: {x: 1}', { type: 'array' }, 'start each item of the list with `- `'],
    ['a: 1.5', { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true }, undefined],
  ])('helps with the type of %j', (text, schema, help) => {
    const [issue] = check(text, field(schema));
    expect(issue?.code).toBe('SL0103');
    expect(issue?.help).toBe(help);
  });

  it('names both types where either will do', () => {
    expect(messages('a: [1]', field({ 'x-kubernetes-int-or-string': true }))).toEqual([
      'SL0103 `a` must be an integer or a string',
    ]);
  });

  it.each<[string, JsonSchema, string]>([
    ['a: ""', { type: 'string', minLength: 1 }, '`a` must not be empty'],
    ['a: abc', { type: 'string', maxLength: 2 }, '`a` must have at most 2 characters'],
    ['a: "🙂🙂"', { type: 'string', maxLength: 1 }, '`a` must have at most 1 characters'],
    ['a: A', { type: 'string', pattern: '^[a-z]$' }, '`a` is not written as it must be'],
    ['a: 0', { type: 'integer', minimum: 1 }, '`a` must be at least 1'],
    ['a: 9', { type: 'integer', maximum: 8 }, '`a` must be at most 8'],
    ['a: 0', { type: 'number', exclusiveMinimum: 0 }, '`a` must be greater than 0'],
    ['a: 1', { type: 'number', maximum: 1, exclusiveMaximum: true }, '`a` must be less than 1'],
    ['a: []', { type: 'array', minItems: 1 }, '`a` must have at least 1 item'],
    ['a: [1, 2, 3]', { type: 'array', maxItems: 2 }, '`a` must have at most 2 items'],
    ['a: {}', { type: 'object', minProperties: 1 }, '`a` must have at least 1 entry'],
  ])('bounds %j', (text, schema, message) => {
    expect(check(text, field(schema))).toMatchObject([{ code: 'SL0105', message }]);
  });

  it('complains about the alternative whose type was written', () => {
    const schema = field({
      anyOf: [
        { type: 'integer', maximum: 3 },
        { type: 'string', pattern: '^[0-9]+%$' },
      ],
    });
    expect(messages('a: 3', schema)).toEqual([]);
    expect(messages('a: 50%', schema)).toEqual([]);
    expect(messages('a: 4', schema)).toEqual(['SL0105 `a` must be at most 3']);
    expect(messages('a: half', schema)).toEqual(['SL0105 `a` is not written as it must be']);
  });

  it('suggests a name, offers it as a fix, and lists what is allowed', () => {
    const schema: JsonSchema = { type: 'object', properties: { protocol: { type: 'string' }, endpoint: {} } };
    expect(check('protocl: grpc', schema)).toMatchObject([
      {
        help: 'did you mean `protocol`?',
        notes: ['allowed here: endpoint, protocol'],
        fix: { applicability: 'MaybeIncorrect', newText: 'protocol', span: { column: 1, endColumn: 8 } },
      },
    ]);
  });

  it('lists at most twelve names', () => {
    const named = (count: number): JsonSchema => ({
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: count }, (_, i) => [`name${i}`, {}])),
    });
    expect(check('zzzzzzzz: 1', named(12))[0]?.notes).toHaveLength(1);
    expect(check('zzzzzzzz: 1', named(13))[0]?.notes).toBeUndefined();
  });

  it('speaks of settings and starts at a path when told to', () => {
    const { documents } = parseYamlDocuments('exporters: { otlp: { endpont: x } }', 'f');
    const path = ['exporters', 'otlp'];
    expect(
      checkSchema(
        { endpont: 'x' },
        { type: 'object', properties: { endpoint: {} } },
        { document: documents[0]!, path, noun: 'setting' },
      ),
    ).toMatchObject([
      {
        message: 'unknown setting `exporters.otlp.endpont`',
        label: 'this setting does not exist',
        span: { column: 22 },
      },
    ]);
  });

  it('works without a document', () => {
    const [issue] = checkSchema({ a: 1 }, field({ type: 'string' }));
    expect(issue).toMatchObject({ code: 'SL0103', path: ['a'] });
    expect(issue?.span).toBeUndefined();
  });

  it('is not fooled by names that every object has', () => {
    expect(messages('toString: 1\n__proto__: 2\n', { type: 'object', properties: {} })).toEqual([
      'SL0101 unknown field `toString`',
      'SL0101 unknown field `__proto__`',
    ]);
    expect(messages('{}', { type: 'object', required: ['constructor'], properties: {} })).toEqual([
      'SL0102 `constructor` is required',
    ]);
  });

  it('never repeats a secret', () => {
    const secret: JsonSchema = { type: 'string', format: 'password', maxLength: 3, pattern: '^x$', enum: ['CANARY2'] };
    const holder = field({
      type: 'object',
      properties: { value: { type: 'string', format: 'password' }, valueFrom: { type: 'object', properties: {} } },
    });
    for (const text of ['a: CANARY', 'a: [CANARY]', 'a: { value: [CANARY] }', 'a: { value: 9753 }']) {
      const issues = [...check(text, field(secret)), ...check(text, holder)];
      expect(issues.length, text).toBeGreaterThan(0);
      expect(JSON.stringify(issues.map(({ path: _, ...issue }) => issue)), text).not.toMatch(/CANARY(?!2)|9753/);
    }
  });

  it('reports a thousand mistakes in a moment', () => {
    const text = Array.from({ length: 1000 }, (_, i) => `- { nmae: ${i}, protocl: x }`).join('\n');
    const schema: JsonSchema = {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, protocol: { type: 'string' } } },
    };
    const started = performance.now();
    expect(check(text, schema)).toHaveLength(2000);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('finds fault with any value of another type', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom('string', 'boolean', 'integer', 'object', 'array'),
        (value, type) => {
          const kind = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
          const fits = value !== null && kind === type;
          expect(checkSchema(value, { type })).toHaveLength(fits ? 0 : 1);
        },
      ),
    );
  });
});
