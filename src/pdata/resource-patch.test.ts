import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arbitraryRequest,
  canonicalText,
  type DynamicMessage,
  decodeRequest,
  encodeMessage,
  encodeRequest,
  fillMessages,
  otlpMessage,
  requestDescriptor,
  scrambleFields,
} from '../../test/testkit/otlp-proto.ts';
import {
  type AttributeAction,
  type AttributeValue,
  compileResourceEdit,
  compileResourcePatch,
  SIGNALS,
  validateRequest,
} from './index.ts';

const seed = 20_261_122;
const environment = {
  sha256: (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest(),
};
const patchWith = (...actions: AttributeAction[]) => compileResourcePatch(actions, environment);
const RESOURCES = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' } as const;
const KEYS = ['service.name', 'a', '', 'é', 'new.key'];

const toProto = (value: AttributeValue): object => {
  if (value === null) return {};
  if (typeof value === 'string') return { case: 'stringValue', value };
  if (typeof value === 'boolean') return { case: 'boolValue', value };
  if (typeof value === 'bigint') return { case: 'intValue', value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { case: 'intValue', value: BigInt(value) } : { case: 'doubleValue', value };
  if (Array.isArray(value))
    return { case: 'arrayValue', value: { values: value.map((member) => ({ value: toProto(member) })) } };
  return {
    case: 'kvlistValue',
    value: { values: Object.entries(value).map(([key, member]) => ({ key, value: { value: toProto(member) } })) },
  };
};

/** The processor's rules on decoded messages, written a second time and plainly. */
function applyPlainly(attributes: DynamicMessage[], action: AttributeAction): void {
  const keyValue = otlpMessage('common.v1.KeyValue');
  const anyValue = otlpMessage('common.v1.AnyValue');
  const first = attributes.find((attribute) => attribute['key'] === action.key);
  if (action.action === 'delete') {
    const at = attributes.findIndex((attribute) => attribute['key'] === (action.key ?? ''));
    if (at >= 0) {
      attributes[at] = attributes[attributes.length - 1];
      attributes.pop();
    }
    const pattern = action.pattern;
    if (pattern !== undefined) {
      const kept = attributes.filter((attribute) => !new RegExp(pattern).test(attribute['key']));
      attributes.splice(0, attributes.length, ...kept);
    }
    return;
  }
  const source = attributes.find((attribute) => attribute['key'] === action.from_attribute);
  const fixed = action.value === undefined ? undefined : create(anyValue, { value: toProto(action.value) } as never);
  const value = fixed ?? (source === undefined ? undefined : (source['value'] ?? create(anyValue)));
  if (value === undefined) return;
  if (first === undefined && action.action !== 'update')
    attributes.push(create(keyValue, { key: action.key, value } as never) as DynamicMessage);
  if (first !== undefined && action.action !== 'insert') first['value'] = value;
}

const arbitraryValue: fc.Arbitrary<AttributeValue> = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
})).value;

const arbitraryAction: fc.Arbitrary<AttributeAction> = fc.oneof(
  fc.record({
    action: fc.constantFrom('insert', 'update', 'upsert'),
    key: fc.constantFrom(...KEYS).filter(Boolean),
    value: arbitraryValue,
  }),
  fc.record({
    action: fc.constantFrom('insert', 'update', 'upsert'),
    key: fc.constantFrom(...KEYS).filter(Boolean),
    from_attribute: fc.constantFrom(...KEYS).filter(Boolean),
  }),
  fc.record({ action: fc.constant('delete'), key: fc.constantFrom(...KEYS).filter(Boolean) }),
  fc.record({ action: fc.constant('delete'), pattern: fc.constantFrom('^service\\.', '.', '^$', 'é') }),
);

describe.each(SIGNALS)('compileResourcePatch on %s', (signal) => {
  const descriptor = requestDescriptor(signal);

  it('changes what decoding, modifying and encoding would change, and nothing else', () => {
    const actions = fc.array(arbitraryAction, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(arbitraryRequest(signal), actions, fc.option(fc.nat(1000)), (request, actionList, order) => {
        const encoded = encodeMessage(descriptor, request);
        const bytes = order === null ? encoded : scrambleFields(descriptor, encoded, order);
        const expected = decodeRequest(signal, bytes);
        for (const resource of expected[RESOURCES[signal]]) modifyPlainly(resource, actionList);

        const patched = patchWith(...actionList)(bytes);
        expect(validateRequest(signal, patched).ok).toBe(true);
        const fill = (message: DynamicMessage): DynamicMessage =>
          fillMessages(descriptor, message, { dropUnknown: false });
        expect(canonicalText(fill(decodeRequest(signal, patched)))).toBe(canonicalText(fill(expected)));
      }),
      { seed, numRuns: 400 },
    );
  });
});

function modifyPlainly(resource: DynamicMessage, actions: readonly AttributeAction[]): void {
  const attributes: DynamicMessage[] = resource['resource']?.attributes ?? [];
  for (const action of actions) applyPlainly(attributes, action);
  if (resource['resource'] === undefined && attributes.length > 0) {
    resource['resource'] = create(otlpMessage('resource.v1.Resource'), { attributes } as never);
  }
}

const text = (key: string, value: string): object => ({ key, value: { value: { case: 'stringValue', value } } });

function requestWith(...attributes: object[]): Uint8Array {
  return encodeRequest('logs', {
    resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: [{ severityText: 'INFO' }] }] }],
  });
}

function attributesAfter(action: AttributeAction, ...attributes: object[]): [string, unknown][] {
  const patched = decodeRequest('logs', patchWith(action)(requestWith(...attributes)));
  return patched['resourceLogs'][0].resource.attributes.map((attribute: DynamicMessage) => [
    attribute['key'],
    attribute['value']?.value.value,
  ]);
}

describe('compileResourcePatch', () => {
  it('gives back the same object when nothing changes', () => {
    const bytes = requestWith(text('service.name', 'checkout'));
    expect(patchWith({ action: 'insert', key: 'service.name', value: 'other' })(bytes)).toBe(bytes);
    expect(patchWith({ action: 'upsert', key: 'service.name', value: 'checkout' })(bytes)).toBe(bytes);
    expect(patchWith({ action: 'delete', key: 'absent' })(bytes)).toBe(bytes);
  });

  it('gives every resource its own result, however often and in whatever order they come', () => {
    const patch = patchWith(
      { action: 'upsert', key: 'copy', from_attribute: 'service.name' },
      { action: 'delete', key: 'service.name' },
    );
    for (let round = 0; round < 3; round++) {
      for (let service = 0; service < 1000; service++) {
        const patched = decodeRequest('logs', patch(requestWith(text('service.name', `service-${service}`))));
        expect(patched['resourceLogs'][0].resource.attributes).toMatchObject([text('copy', `service-${service}`)]);
      }
    }
  });

  it('adds a resource where the sender left it out', () => {
    const bytes = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x' }] }] }] });
    const patched = decodeRequest('traces', patchWith({ action: 'insert', key: 'a', value: 'b' })(bytes));
    expect(patched['resourceSpans'][0].resource.attributes[0].key).toBe('a');
    expect(patched['resourceSpans'][0].scopeSpans[0].spans[0].name).toBe('x');
  });

  it('puts a resource together that came in pieces', () => {
    const piece = (name: string): Uint8Array =>
      encodeMessage(
        otlpMessage('logs.v1.ResourceLogs'),
        create(otlpMessage('logs.v1.ResourceLogs'), { resource: { attributes: [text(name, name)] } } as never),
      );
    const content = new Uint8Array([...piece('a'), ...piece('b')]);
    const bytes = new Uint8Array([0x0a, content.length, ...content]);
    const patched = decodeRequest('logs', patchWith({ action: 'insert', key: 'c', value: 'c' })(bytes));
    expect(patched['resourceLogs'][0].resource.attributes.map((attribute: DynamicMessage) => attribute['key'])).toEqual(
      ['a', 'b', 'c'],
    );
  });

  it('keeps int64 edges exactly', () => {
    expect(attributesAfter({ action: 'insert', key: 'n', value: -(2n ** 63n) })).toEqual([['n', -(2n ** 63n)]]);
    expect(attributesAfter({ action: 'insert', key: 'n', value: 2n ** 63n - 1n })).toEqual([['n', 2n ** 63n - 1n]]);
  });

  it('falls back to default_value when the attribute to copy is absent', () => {
    expect(attributesAfter({ action: 'insert', key: 'env', from_attribute: 'x', default_value: 'dev' })).toEqual([
      ['env', 'dev'],
    ]);
    expect(
      attributesAfter({ action: 'insert', key: 'env', from_attribute: 'x', default_value: 'dev' }, text('x', 'prod')),
    ).toEqual([
      ['x', 'prod'],
      ['env', 'prod'],
    ]);
  });

  it('takes action names in any case', () => {
    expect(attributesAfter({ action: 'UPSERT', key: 'a', value: true }, text('a', 'b'))).toEqual([['a', true]]);
  });

  it('extracts named groups, and nothing when the pattern does not match', () => {
    const action = { action: 'extract', key: 'image', pattern: '^(?P<name>[^:]+):(?P<tag>.+)?$' };
    expect(attributesAfter(action, text('image', 'nginx:1.27'))).toEqual([
      ['image', 'nginx:1.27'],
      ['name', 'nginx'],
      ['tag', '1.27'],
    ]);
    expect(attributesAfter(action, text('image', 'nginx:'))).toEqual([
      ['image', 'nginx:'],
      ['name', 'nginx'],
      ['tag', ''],
    ]);
    expect(attributesAfter(action, text('image', 'nginx'))).toEqual([['image', 'nginx']]);
  });

  it('hashes with SHA-256: text as it is, integers as eight little-endian bytes, lists to the empty text', () => {
    const sha = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
    const int = { key: 'n', value: { value: { case: 'intValue', value: 258n } } };
    const list = { key: 'l', value: { value: { case: 'arrayValue', value: { values: [] } } } };
    expect(attributesAfter({ action: 'hash', key: 'user' }, text('user', 'ada'))).toEqual([['user', sha('ada')]]);
    expect(attributesAfter({ action: 'hash', pattern: '^[nl]$' }, int, list)).toEqual([
      ['n', sha(Uint8Array.of(2, 1, 0, 0, 0, 0, 0, 0))],
      ['l', ''],
    ]);
  });

  it.each([
    ['int', { case: 'stringValue', value: '9223372036854775807' }, 2n ** 63n - 1n],
    ['int', { case: 'stringValue', value: '9223372036854775808' }, '9223372036854775808'],
    ['int', { case: 'doubleValue', value: -2.9 }, -2n],
    ['int', { case: 'boolValue', value: true }, 1n],
    ['double', { case: 'stringValue', value: '1e3' }, 1000],
    ['double', { case: 'stringValue', value: '-Infinity' }, Number.NEGATIVE_INFINITY],
    ['double', { case: 'stringValue', value: 'much' }, 'much'],
    ['double', { case: 'intValue', value: 3n }, 3],
    ['string', { case: 'intValue', value: -5n }, '-5'],
    ['string', { case: 'doubleValue', value: 1e21 }, '1e+21'],
    ['string', { case: 'bytesValue', value: Uint8Array.of(251, 255) }, '+/8='],
    [
      'string',
      { case: 'arrayValue', value: { values: [{ value: { case: 'stringValue', value: '<a>' } }, {}] } },
      '["\\u003ca\\u003e",null]',
    ],
    ['string', { case: 'kvlistValue', value: { values: [text('b', '2'), text('a', '1')] } }, '{"a":"1","b":"2"}'],
  ])('converts to %s from %o', (type, value, expected) => {
    expect(
      attributesAfter({ action: 'convert', key: 'a', converted_type: type }, { key: 'a', value: { value } }),
    ).toEqual([['a', expected]]);
  });

  it.each<[AttributeAction, string]>([
    [{ action: 'insert', value: 1 }, 'action "insert" needs a "key"'],
    [{ action: 'delete' }, 'action "delete" needs a "key" or a "pattern"'],
    [
      { action: 'insert', key: 'a' },
      'action "insert" of key "a" needs one of "value", "from_attribute", "from_context", "default_value"',
    ],
    [
      { action: 'insert', key: 'a', value: 1, from_attribute: 'b' },
      'action "insert" of key "a" has more than one of "value", "from_attribute", "from_context"',
    ],
    [{ action: 'upsert', key: 'a', value: 1, pattern: 'x' }, 'action "upsert" of key "a" may not have "pattern"'],
    [{ action: 'delete', pattern: '(' }, 'action "delete" has the pattern "(", which is invalid'],
    [
      { action: 'extract', key: 'a', pattern: '(.*)' },
      'action "extract" of key "a" has a "pattern" with an unnamed group',
    ],
    [
      { action: 'convert', key: 'a', converted_type: 'bool' },
      'action "convert" of key "a" needs a "converted_type" of string, int or double',
    ],
    [
      { action: 'rename', key: 'a' },
      'action "rename" of key "a" is none of insert, update, upsert, delete, hash, extract, convert',
    ],
  ])('refuses %o', (action, message) => {
    expect(() => patchWith(action)).toThrow(message);
  });
});

describe('an edit of resources', () => {
  const request = encodeRequest('traces', {
    resourceSpans: [
      { resource: { attributes: [{ key: 'a', value: { value: { case: 'stringValue', value: 'b' } } }] } },
    ],
  });
  const attributesOf = (bytes: Uint8Array) =>
    decodeRequest('traces', bytes)['resourceSpans'].flatMap(({ resource }: DynamicMessage) =>
      resource['attributes'].map(({ key, value }: DynamicMessage) => `${key}=${value['value'].value}`),
    );

  it('is made once for a state, and anew for another one', () => {
    const edited: string[] = [];
    const edit = compileResourceEdit<{ readonly peer: string }>(
      (attributes, { peer }) => {
        edited.push(peer);
        if (peer !== '') attributes.set('peer', peer);
      },
      (a, b) => a.peer === b.peer,
    );
    const send = (peer: string) => attributesOf(edit(request, { peer }));
    expect([send('x'), send('x'), send('y'), send('y'), send('x')]).toEqual(
      ['x', 'x', 'y', 'y', 'x'].map((peer) => ['a=b', `peer=${peer}`]),
    );
    expect(edit(request, { peer: '' })).toBe(request);
    expect(edit(request, { peer: '' })).toBe(request);
    expect(edited).toEqual(['x', 'y', 'x', '']);
  });

  it('tells texts from other values', () => {
    const number = { key: 'n', value: { value: { case: 'intValue', value: 7n } } };
    const bytes = encodeRequest('logs', { resourceLogs: [{ resource: { attributes: [number] } }, {}] });
    const seen: unknown[] = [];
    const look = compileResourceEdit<undefined>(
      (attributes) => seen.push([attributes.string('n'), attributes.text('n'), attributes.text('m')]),
      () => true,
    );
    expect(look(bytes, undefined)).toBe(bytes);
    expect(seen).toEqual([
      [undefined, '7', undefined],
      [undefined, undefined, undefined],
    ]);
  });
});
