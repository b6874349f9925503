import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arbitraryRequest,
  canonicalText,
  type DynamicMessage,
  decodeRequest,
  encodeMessage as encodeElsewhere,
  encodeRequest,
  fillMessages,
  itemsOf,
  requestDescriptor,
  scrambleFields,
} from '../../../test/testkit/otlp-proto.ts';
import { ottlPlace } from '../../../test/testkit/ottl-place.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import type { ContextName, Row } from '../row.ts';
import type { MapValue, Value } from '../value.ts';
import { compileEditor, fieldNames, type RowStep } from './index.ts';

const seed = 20_261_122;
const LEVELS: Readonly<Record<Signal, readonly ContextName[]>> = {
  traces: ['resource', 'scope', 'span', 'spanevent'],
  metrics: ['resource', 'scope', 'metric', 'datapoint'],
  logs: ['resource', 'scope', 'log'],
};
const ITEM: Readonly<Record<Signal, ContextName>> = { traces: 'span', metrics: 'datapoint', logs: 'log' };

const LISTS = {
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' },
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' },
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' },
} as const;

/** A request as an SDK, or an odd but allowed encoder, writes it. */
function encodings(signal: Signal): fc.Arbitrary<Uint8Array> {
  return fc.tuple(arbitraryRequest(signal), fc.nat(7)).map(([message, order]) => {
    const bytes = encodeElsewhere(requestDescriptor(signal), message);
    return order === 0 ? bytes : scrambleFields(requestDescriptor(signal), bytes, order);
  });
}

function textOf(signal: Signal, bytes: Uint8Array): string {
  return canonicalText(decodeRequest(signal, bytes));
}

/** Members of a oneof, of which the other one may be there, what may be there or not, and a body, in whose maps values may be missing. */
const CHANGED_BY_SETTING = ['value_double', 'value_int', 'sum', 'body'];

const places = (context: ContextName, without: readonly string[] = []) =>
  fieldNames(context)
    .filter((name) => name !== 'event_index' && !without.includes(name))
    .map((name) => ottlPlace(context, `${context}.${name}`));

describe.each(SIGNALS)('an editor of %s', (signal) => {
  it('gives back the same object when its steps only read', () => {
    const steps = LEVELS[signal].map((context): RowStep => {
      const all = places(context);
      return {
        context,
        visit(row) {
          for (const place of all) place.get(row);
          return true;
        },
      };
    });
    const edit = compileEditor(signal, [steps, steps]);
    fc.assert(
      fc.property(encodings(signal), (bytes) => {
        expect(edit(bytes).bytes).toBe(bytes);
      }),
      { seed, numRuns: 100 },
    );
  });

  it('gives back the same object when its steps set every field to what it is', () => {
    const steps = LEVELS[signal].map((context): RowStep => {
      const all = places(context, CHANGED_BY_SETTING);
      return {
        context,
        visit(row) {
          for (const place of all) {
            const value = place.get(row);
            if (value !== undefined) place.set!(row, value);
          }
          return true;
        },
      };
    });
    const edit = compileEditor(signal, [steps]);
    fc.assert(
      fc.property(arbitraryRequest(signal), (message) => {
        const bytes = encodeElsewhere(requestDescriptor(signal), message);
        expect(edit(bytes).bytes).toBe(bytes);
      }),
      { seed, numRuns: 100 },
    );
  });

  it.each(LEVELS[signal].filter((context) => context !== 'metric'))(
    'changes attributes of each %s as a decoded request says, in one walk or in several, and nothing else',
    (context) => {
      fc.assert(
        fc.property(
          encodings(signal),
          fc.array(attributeOperation, { maxLength: 6 }),
          fc.boolean(),
          (bytes, list, apart) => {
            const attributes = ottlPlace(context, `${context}.attributes`);
            const steps = list.map(
              (operation): RowStep => ({
                context,
                visit(row) {
                  operation.onMap(attributes.get(row) as MapValue);
                  return true;
                },
              }),
            );
            const expected = decodeRequest(signal, bytes);
            for (const message of messagesOf(signal, context, expected)) {
              for (const operation of list) operation.onModel(message['attributes']);
            }
            const edit = compileEditor(signal, apart ? steps.map((step) => [step]) : [steps]);
            const filled = (request: DynamicMessage) =>
              canonicalText(fillMessages(requestDescriptor(signal), request, { dropUnknown: false }));
            const { bytes: edited } = edit(bytes);
            expect(filled(decodeRequest(signal, edited))).toBe(filled(expected));
            expect([...edit(bytes).bytes]).toEqual([...edited]);
          },
        ),
        { seed, numRuns: 100 },
      );
    },
  );

  it('drops what a step says, counts it, and removes what is empty only if asked to', () => {
    fc.assert(
      fc.property(
        encodings(signal),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
        fc.boolean(),
        (bytes, keeps, removesEmpty) => {
          let at = 0;
          const step: RowStep = { context: ITEM[signal], removesEmpty, visit: () => keeps[at++ % keeps.length]! };
          const { bytes: edited, dropped, droppedBy } = compileEditor(signal, [[step]])(bytes);
          const expected = decodeRequest(signal, bytes);
          const before = itemsOf(signal, expected).length;
          let index = 0;
          keepItems(signal, expected, () => keeps[index++ % keeps.length]!, removesEmpty);
          expect(textOf(signal, edited)).toBe(canonicalText(expected));
          expect(dropped).toBe(before - itemsOf(signal, expected).length);
          expect(droppedBy.get(step) ?? 0).toBe(dropped);
          expect(edited === bytes).toBe(textOf(signal, bytes) === canonicalText(expected));
        },
      ),
      { seed, numRuns: 150 },
    );
  });

  it('counts the items that go with a resource, a scope or a metric', () => {
    fc.assert(
      fc.property(encodings(signal), fc.constantFrom(...LEVELS[signal].slice(0, 3)), (bytes, context) => {
        const items = itemsOf(signal, decodeRequest(signal, bytes)).length;
        const touch: RowStep = {
          context: 'scope',
          visit(row) {
            ottlPlace('scope', 'scope.name').set!(row, 'touched');
            return true;
          },
        };
        const { dropped, bytes: edited } = compileEditor(signal, [[touch], [{ context, visit: () => false }]])(bytes);
        expect(dropped).toBe(items);
        expect(itemsOf(signal, decodeRequest(signal, edited))).toEqual([]);
      }),
      { seed, numRuns: 60 },
    );
  });

  it('ends on whatever bytes it is given', () => {
    const steps = LEVELS[signal].map((context): RowStep => {
      const all = places(context);
      return {
        context,
        visit(row) {
          for (const place of all) {
            const value = place.get(row);
            if (typeof value === 'object' && 'clear' in value) value.set('k', 1n);
          }
          return true;
        },
      };
    });
    const edit = compileEditor(signal, [steps]);
    const whole = encodings(signal);
    const damaged = fc.tuple(whole, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
      const copy = bytes.slice();
      if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), damaged), (bytes) => {
        try {
          edit(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed_protobuf' });
        }
      }),
      { seed, numRuns: 300 },
    );
  });
});

/** What stands for the rows of a context in a decoded request; resources and scopes that are absent are made. */
function messagesOf(signal: Signal, context: ContextName, request: DynamicMessage): DynamicMessage[] {
  if (context === ITEM[signal]) return itemsOf(signal, request);
  if (context === 'spanevent') return itemsOf(signal, request).flatMap((span) => span['events']);
  fillMessages(requestDescriptor(signal), request, { dropUnknown: false });
  const { resources, scopes } = LISTS[signal];
  const holders: DynamicMessage[] = request[resources];
  if (context === 'resource') return holders.map((holder) => holder['resource']);
  return holders.flatMap((holder) => holder[scopes].map((scope: DynamicMessage) => scope['scope']));
}

interface AttributeOperation {
  onMap(map: MapValue): void;
  onModel(list: DynamicMessage[]): void;
}

const keys = fc.constantFrom('', 'service.name', 'a', 'é', '日本', '😀', 'new', 'x'.repeat(200));
const values: fc.Arbitrary<readonly [Value, object]> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => [text, { case: 'stringValue', value: text }] as const),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((int) => [int, { case: 'intValue', value: int }] as const),
  fc.double().map((double) => [double, { case: 'doubleValue', value: double }] as const),
  fc.boolean().map((bool) => [bool, { case: 'boolValue', value: bool }] as const),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => [bytes, { case: 'bytesValue', value: bytes }] as const),
);

const attributeOperation: fc.Arbitrary<AttributeOperation> = fc.oneof(
  fc.tuple(keys, values).map(
    ([key, [value, member]]): AttributeOperation => ({
      onMap: (map) => void map.set(key, value),
      onModel(list) {
        const found = list.find((attribute) => attribute['key'] === key);
        const content = message('traces', member);
        if (found === undefined) list.push({ ...content, key } as never);
        else found['value'] = content['value'];
      },
    }),
  ),
  keys.map(
    (key): AttributeOperation => ({
      onMap: (map) => void map.delete(key),
      onModel(list) {
        const at = list.findIndex((attribute) => attribute['key'] === key);
        if (at < 0) return;
        const last = list.pop()!;
        if (at < list.length) list[at] = last;
      },
    }),
  ),
  fc.constant<AttributeOperation>({
    onMap: (map) => map.clear(),
    onModel: (list) => void list.splice(0),
  }),
);

/** A KeyValue with that member of AnyValue, as the independent decoder makes it. */
function message(signal: Signal, member: object): DynamicMessage {
  const request = decodeRequest(
    signal,
    encodeRequest(signal, { resourceSpans: [{ resource: { attributes: [{ key: 'k', value: { value: member } }] } }] }),
  );
  return request['resourceSpans'][0].resource.attributes[0];
}

function keepItems(signal: Signal, request: DynamicMessage, keeps: () => boolean, removesEmpty: boolean): void {
  const { resources, scopes, items } = LISTS[signal];
  const filter = (owner: DynamicMessage, name: string, stays: (one: DynamicMessage) => boolean) => {
    owner[name] = owner[name].filter(stays);
  };
  filter(request, resources, (resource) => {
    filter(resource, scopes, (scope) => {
      filter(scope, items, (item) => {
        if (signal !== 'metrics') return keeps();
        const data = item['data'].value;
        if (data === undefined) return true;
        filter(data, 'dataPoints', keeps);
        return !removesEmpty || data.dataPoints.length > 0;
      });
      return !removesEmpty || scope[items].length > 0;
    });
    return !removesEmpty || resource[scopes].length > 0;
  });
}

describe('an editor', () => {
  const two = encodeRequest('traces', {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'env', value: { value: { case: 'stringValue', value: 'prod' } } }] },
        scopeSpans: [{ spans: [{ name: 'a' }, { name: 'b' }] }],
      },
    ],
  });
  const resourceKey = (key: string) => ottlPlace('span', `resource.attributes["${key}"]`);
  const name = ottlPlace('span', 'span.name');

  it('runs later steps on what earlier ones left, and none on what they dropped', () => {
    const seen: Value[] = [];
    const first: RowStep = { context: 'span', visit: (row) => name.get(row) !== 'a' };
    const second: RowStep = {
      context: 'span',
      visit(row) {
        seen.push(name.get(row));
        name.set!(row, 'c');
        return true;
      },
    };
    const third: RowStep = { context: 'span', visit: (row) => seen.push(name.get(row)) > 0 };
    const { dropped, droppedBy } = compileEditor('traces', [[first, second], [third]])(two);
    expect(seen).toEqual(['b', 'c']);
    expect(dropped).toBe(1);
    expect([...droppedBy]).toEqual([[first, 1]]);
  });

  it('shows what a span did to its resource to the spans after it, and keeps it for the next walk', () => {
    const count = resourceKey('count');
    const step: RowStep = {
      context: 'span',
      visit(row) {
        count.set!(row, ((count.get(row) as bigint | undefined) ?? 0n) + 1n);
        return true;
      },
    };
    const { bytes } = compileEditor('traces', [[step], [step]])(two);
    const resource = decodeRequest('traces', bytes)['resourceSpans'][0].resource;
    expect(resource.attributes.at(-1).value.value).toEqual({ case: 'intValue', value: 4n });
  });

  it('gives every step of a row a cache of its own, empty at first', () => {
    const cached = ottlPlace('span', 'span.cache["k"]');
    const seen: Value[] = [];
    const visit = (row: Row) => {
      seen.push(cached.get(row));
      cached.set!(row, 1n);
      return true;
    };
    compileEditor('traces', [
      [
        { context: 'span', visit },
        { context: 'span', visit },
      ],
    ])(two);
    expect(seen).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('writes maps in attributes and bodies back among whatever else is set, from a row and from those below it', () => {
    const nested = { value: { case: 'kvlistValue', value: { values: [] } } };
    const spans = encodeRequest('traces', {
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'm', value: nested }] },
          scopeSpans: [
            {
              spans: [{ name: 'a', attributes: [{ key: 'm', value: nested }], events: [{ name: 'e' }, { name: 'f' }] }],
            },
          ],
        },
      ],
    });
    const maps = ['span.attributes["m"]', 'resource.attributes["m"]'].map((path) => ottlPlace('spanevent', path));
    const event = ottlPlace('spanevent', 'spanevent.name');
    const step: RowStep = {
      context: 'spanevent',
      visit(row) {
        const name = event.get(row) as string;
        for (const place of maps) {
          const map = place.get(row) as MapValue;
          map.set(name, 1n);
          map.set(`${name}2`, new Map());
        }
        event.set!(row, `${name}!`);
        ottlPlace('spanevent', 'span.name').set!(row, name);
        ottlPlace('spanevent', 'span.status.code').set!(row, 1n);
        (maps[0]!.get(row) as MapValue).delete(`${name}2`);
        return true;
      },
    };
    const { bytes } = compileEditor('traces', [[step]])(spans);
    const [holder] = decodeRequest('traces', bytes)['resourceSpans'];
    const [span] = holder.scopeSpans[0].spans;
    const keysOf = (owner: DynamicMessage) =>
      owner['attributes'][0].value.value.value.values.map((one: DynamicMessage) => one['key']);
    expect(keysOf(span)).toEqual(['e', 'f']);
    expect(keysOf(holder.resource)).toEqual(['e', 'e2', 'f', 'f2']);
    expect(span.name).toBe('f');
    expect(span.status.code).toBe(1);
    expect(span.events.map((one: DynamicMessage) => one['name'])).toEqual(['e!', 'f!']);
  });

  it('is as new after a step has thrown', () => {
    let fails = true;
    const edit = compileEditor('traces', [
      [
        {
          context: 'span',
          visit(row) {
            name.set!(row, 'x');
            if (fails) throw new Error('no');
            return true;
          },
        },
      ],
    ]);
    expect(() => edit(two)).toThrow('no');
    fails = false;
    const spans = decodeRequest('traces', edit(two).bytes)['resourceSpans'][0].scopeSpans[0].spans;
    expect(spans.map((span: DynamicMessage) => span['name'])).toEqual(['x', 'x']);
  });

  it('reads a resource that comes in pieces as one, and writes it as one', () => {
    const piece = (key: string) =>
      encodeRequest('traces', {
        resourceSpans: [{ resource: { attributes: [{ key, value: { value: { case: 'boolValue', value: true } } }] } }],
      }).subarray(2);
    const both = Uint8Array.of(0x0a, piece('a').length * 2, ...piece('a'), ...piece('b'));
    const place = ottlPlace('resource', 'resource.attributes["c"]');
    const seen: Value[] = [];
    const { bytes } = compileEditor('traces', [
      [
        {
          context: 'resource',
          visit(row) {
            for (const key of ['a', 'b']) seen.push(ottlPlace('resource', `resource.attributes["${key}"]`).get(row));
            place.set!(row, 'new');
            return true;
          },
        },
      ],
    ])(both);
    expect(seen).toEqual([true, true]);
    const { attributes } = decodeRequest('traces', bytes)['resourceSpans'][0].resource;
    expect(attributes.map((one: DynamicMessage) => one['key'])).toEqual(['a', 'b', 'c']);
  });

  it('leaves nothing of a request of which every span is dropped, if what is empty goes', () => {
    const { bytes, dropped } = compileEditor('traces', [[{ context: 'span', removesEmpty: true, visit: () => false }]])(
      two,
    );
    expect(bytes.length).toBe(0);
    expect(dropped).toBe(2);
  });
});
