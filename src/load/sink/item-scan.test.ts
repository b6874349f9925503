import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { FieldReader, SIGNALS, type Signal } from '../../pdata/index.ts';
import { runOfSeed } from '../identity.ts';
import { createRandom } from '../random.ts';
import { SHAPE_NAMES, SHAPES, shapeTemplates } from '../shape/index.ts';
import { scanItems } from './item-scan.ts';
import { SeenItems } from './seen-items.ts';

const CASES = SHAPE_NAMES.flatMap((name) =>
  SIGNALS.filter((signal) => signal in SHAPES[name]).map((signal) => ({ name, signal })),
);

describe('scanItems', () => {
  it.each(CASES)('finds every item of $name, $signal once, and again as duplicates', ({ name, signal }) => {
    const [template] = shapeTemplates(name, signal, { random: createRandom(3), service: 'test', resource: {} })!;
    const { stride, sizeBytes } = template!;
    const seen = new SeenItems();
    const send = (round: number) => {
      const bytes = new Uint8Array(sizeBytes);
      template!.write(bytes, {
        run: runOfSeed(3),
        round,
        firstTrace: round * stride.traces,
        firstSpan: round * stride.spans,
        firstItem: round * stride.items,
        timeNs: 1_790_000_000_000_000_000n + BigInt(round),
        startTimeNs: 1_790_000_000_000_000_000n,
      });
      scanItems(signal, bytes, 0, seen);
    };
    for (let round = 0; round < 5; round++) send(round);
    expect(seen.unique).toBe(5 * stride.items);
    send(2);
    expect([seen.unique, seen.duplicates]).toEqual([5 * stride.items, stride.items]);
  });

  it.each(CASES)(
    'knows every item of $name, $signal when a Collector wrote its fields the other way round',
    ({ name, signal }) => {
      const [template] = shapeTemplates(name, signal, { random: createRandom(3), service: 'test', resource: {} })!;
      const { stride, sizeBytes } = template!;
      const bytes = new Uint8Array(sizeBytes);
      const moment = { timeNs: 1_790_000_000_000_000_000n, startTimeNs: 1_790_000_000_000_000_000n };
      template!.write(bytes, { run: runOfSeed(3), round: 0, firstTrace: 0, firstSpan: 0, firstItem: 0, ...moment });
      const known = (request: Uint8Array) => {
        const sequences: string[] = [];
        const addHash = () => void sequences.push('unknown');
        scanItems(signal, request, 0, {
          addSequence: (run, sequence) => void sequences.push(`${run} ${sequence}`),
          addHash,
        });
        return sequences.sort();
      };
      const turned = known(turnedAround(bytes, MESSAGES[signal]));
      expect(turned).toHaveLength(stride.items);
      expect(turned).toEqual(known(bytes));
    },
  );

  it('skips the items a partial success rejects', () => {
    const seen = new SeenItems();
    scanItems('traces', spans([1, 2, 3, 4]), 3, seen);
    expect(seen.unique).toBe(1);
  });

  it('tells spans of other senders apart by trace id and span id', () => {
    const seen = new SeenItems();
    scanItems('traces', spans([1, 2, 3]), 0, seen);
    scanItems('traces', spans([3, 4]), 0, seen);
    expect([seen.unique, seen.duplicates]).toEqual([4, 1]);
  });

  it('tells points of other senders apart by resource, metric, attributes and time', () => {
    const gauge = (service: string, name: string, time: bigint) =>
      encodeRequest('metrics', {
        resourceMetrics: [
          {
            resource: {
              attributes: [{ key: 'service.name', value: { value: { case: 'stringValue', value: service } } }],
            },
            scopeMetrics: [
              { metrics: [{ name, data: { case: 'gauge', value: { dataPoints: [{ timeUnixNano: time }] } } }] },
            ],
          },
        ],
      });
    const seen = new SeenItems();
    for (const bytes of [gauge('a', 'm', 1n), gauge('b', 'm', 1n), gauge('a', 'n', 1n), gauge('a', 'm', 2n)])
      scanItems('metrics', bytes, 0, seen);
    expect([seen.unique, seen.duplicates]).toEqual([4, 0]);
    scanItems('metrics', gauge('a', 'n', 1n), 0, seen);
    expect([seen.unique, seen.duplicates]).toEqual([4, 1]);
  });
});

describe('SeenItems', () => {
  it('counts like a set, whatever the order and the runs', () => {
    const item = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat({ max: 200_000 }));
    fc.assert(
      fc.property(fc.array(item, { maxLength: 300 }), (items) => {
        const seen = new SeenItems();
        for (const [run, sequence] of items) seen.addSequence(run, sequence);
        const expected = new Set(items.map(String)).size;
        expect([seen.unique, seen.duplicates, seen.exact]).toEqual([expected, items.length - expected, true]);
      }),
    );
  });

  it('counts hashes like a set while it grows', () => {
    const seen = new SeenItems();
    for (let pass = 0; pass < 2; pass++) for (let i = 0; i < 20_000; i++) seen.addHash(i, Math.imul(i, 0x9e3779b1));
    expect([seen.unique, seen.duplicates, seen.exact]).toEqual([20_000, 20_000, true]);
  });

  it('stays exact over two million items of a run and frees full chunks', () => {
    const seen = new SeenItems();
    for (let i = 0; i < 2_000_000; i++) seen.addSequence(9, i);
    for (let i = 0; i < 1000; i++) seen.addSequence(9, i * 100);
    expect([seen.unique, seen.duplicates, seen.exact]).toEqual([2_000_000, 1000, true]);
  });
});

/** Field numbers of messages, with the messages in them. */
interface Messages {
  readonly [field: number]: Messages;
}

const KEY_VALUE: Messages = {};
const POINTS = (attributes: number): Messages => ({ 1: { [attributes]: KEY_VALUE } });
const MESSAGES: Readonly<Record<Signal, Messages>> = {
  traces: { 1: { 2: { 2: { 9: KEY_VALUE } } } },
  metrics: { 1: { 2: { 2: { 5: POINTS(7), 7: POINTS(7), 9: POINTS(9), 10: POINTS(1), 11: POINTS(7) } } } },
  logs: { 1: { 2: { 2: { 6: KEY_VALUE } } } },
};

/** The same message with the fields of each message that is named in the other order, as the Collector writes them at 0.149. */
function turnedAround(bytes: Uint8Array, messages: Messages): Uint8Array {
  const fields: Uint8Array[] = [];
  const reader = new FieldReader(bytes);
  let from = 0;
  while (reader.next()) {
    const inner = messages[reader.number];
    const whole = bytes.subarray(from, reader.end);
    from = reader.end;
    if (inner === undefined) fields.push(whole);
    else {
      // Turning around changes no lengths, so the field keeps its head.
      const content = bytes.subarray(reader.start, reader.end);
      const head = whole.subarray(0, whole.length - content.length);
      fields.push(Buffer.concat([head, turnedAround(content, inner)]));
    }
  }
  return Buffer.concat(fields.reverse());
}

function spans(ids: readonly number[]): Uint8Array {
  const list = ids.map((id) => ({
    traceId: new Uint8Array(16).fill(7),
    spanId: new Uint8Array(8).fill(id),
    name: 's',
  }));
  return encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: list }] }] });
}
