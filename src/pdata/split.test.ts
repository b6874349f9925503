import { equals, type Message } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arbitraryRequest,
  canonicalText,
  type DynamicMessage,
  decodeRequest,
  encodeMessage,
  encodeRequest,
  itemsOf,
  requestDescriptor,
  scrambleFields,
} from '../../test/testkit/otlp-proto.ts';
import { mergeRequests, SIGNALS, type Signal, type SplitLimits, splitRequest, validateRequest } from './index.ts';

const seed = 20_261_122;
const RESOURCES = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' } as const;
const SCOPES = { traces: 'scopeSpans', metrics: 'scopeMetrics', logs: 'scopeLogs' } as const;

/** Every item with all that surrounds it, which is what a split must keep. NaN and unknown fields compare by bytes. */
function itemsInContext(signal: Signal, request: DynamicMessage): string[] {
  return request[RESOURCES[signal]].flatMap((resource: DynamicMessage) =>
    resource[SCOPES[signal]].flatMap((scope: DynamicMessage) => {
      const around = [
        request.$unknown,
        resource['resource'],
        resource['schemaUrl'],
        resource.$unknown,
        scope['scope'],
        scope['schemaUrl'],
        scope.$unknown,
      ];
      if (signal === 'traces') return scope['spans'].map((span: DynamicMessage) => canonicalText([around, span]));
      if (signal === 'logs')
        return scope['logRecords'].map((record: DynamicMessage) => canonicalText([around, record]));
      return scope['metrics'].flatMap((metric: DynamicMessage) => {
        const { data, ...identity } = metric;
        const { dataPoints = [], ...kind } = data.value ?? {};
        return dataPoints.map((point: DynamicMessage) => canonicalText([around, identity, data.case, kind, point]));
      });
    }),
  );
}

describe.each(SIGNALS)('splitRequest of %s', (signal) => {
  const descriptor = requestDescriptor(signal);
  const wire = fc.tuple(arbitraryRequest(signal), fc.option(fc.nat(1000))).map(([request, order]) => {
    const bytes = encodeMessage(descriptor, request);
    return order === null ? bytes : scrambleFields(descriptor, bytes, order);
  });

  it('keeps every item with its surroundings, in order, in parts that are valid and within the item limit', () => {
    fc.assert(
      fc.property(wire, fc.integer({ min: 1, max: 12 }), (bytes, maxItems) => {
        const request = decodeRequest(signal, bytes);
        const parts = splitRequest(signal, bytes, { maxItems });
        for (const part of parts) {
          expect(validateRequest(signal, part.bytes)).toEqual({ ok: true, itemCount: part.itemCount });
          expect(part.itemCount).toBeLessThanOrEqual(maxItems);
        }
        const context = parts.flatMap((part) => itemsInContext(signal, decodeRequest(signal, part.bytes)));
        expect(context).toEqual(itemsInContext(signal, request));
        expect(itemsOf(signal, decodeRequest(signal, mergeRequests(parts.map((part) => part.bytes)))).length).toBe(
          context.length,
        );
        expect(parts.slice(0, -1).every((part) => part.itemCount === maxItems)).toBe(true);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('keeps the byte limit unless a part is one item', () => {
    fc.assert(
      fc.property(
        wire,
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 30 }),
        (bytes, maxBytes, maxItems) => {
          const parts = splitRequest(signal, bytes, { maxBytes, maxItems });
          if (parts.length > 1) expect(parts.map((part) => part.itemCount)).not.toContain(0);
          for (const part of parts) if (part.itemCount > 1) expect(part.bytes.length).toBeLessThanOrEqual(maxBytes);
          const context = parts.flatMap((part) => itemsInContext(signal, decodeRequest(signal, part.bytes)));
          expect(context).toEqual(itemsInContext(signal, decodeRequest(signal, bytes)));
        },
      ),
      { seed, numRuns: 300 },
    );
  });

  it('gives back the same bytes when nothing has to be cut', () => {
    fc.assert(
      fc.property(wire, (bytes) => {
        const parts = splitRequest(signal, bytes, { maxItems: 1e6, maxBytes: 1e9 });
        expect(parts).toHaveLength(1);
        expect(parts[0].bytes).toBe(bytes);
      }),
      { seed, numRuns: 50 },
    );
  });
});

describe('splitRequest', () => {
  it('repeats the kind, temporality and monotonicity of a sum on both sides of a cut', () => {
    const dataPoints = [1n, 2n, 3n].map((value) => ({ value: { case: 'asInt', value } }));
    const sum = { dataPoints, aggregationTemporality: 2, isMonotonic: true };
    const bytes = encodeRequest('metrics', {
      resourceMetrics: [
        { scopeMetrics: [{ metrics: [{ name: 'requests', unit: '1', data: { case: 'sum', value: sum } }] }] },
      ],
    });
    const cut = (points: object[]): Uint8Array =>
      encodeRequest('metrics', {
        resourceMetrics: [
          {
            scopeMetrics: [
              {
                metrics: [
                  { name: 'requests', unit: '1', data: { case: 'sum', value: { ...sum, dataPoints: points } } },
                ],
              },
            ],
          },
        ],
      });
    const parts = splitRequest('metrics', bytes, { maxItems: 2 });
    const same = (part: Uint8Array, expected: Uint8Array): boolean =>
      equals(
        requestDescriptor('metrics'),
        decodeRequest('metrics', part) as Message,
        decodeRequest('metrics', expected) as Message,
      );
    expect(parts.map((part) => part.itemCount)).toEqual([2, 1]);
    expect(same(parts[0].bytes, cut(dataPoints.slice(0, 2)))).toBe(true);
    expect(same(parts[1].bytes, cut(dataPoints.slice(2)))).toBe(true);
  });

  it('copies a resource that fits as it is, even when its neighbour is cut', () => {
    const resource = (count: number): object => ({
      scopeLogs: [{ logRecords: Array.from({ length: count }, () => ({ severityText: 'INFO' })) }],
    });
    const first = encodeRequest('logs', { resourceLogs: [resource(2)] });
    const bytes = mergeRequests([first, encodeRequest('logs', { resourceLogs: [resource(5)] })]);
    const parts = splitRequest('logs', bytes, { maxItems: 4 });
    expect(parts.map((part) => part.itemCount)).toEqual([4, 3]);
    expect(parts[0].bytes.subarray(0, first.length)).toEqual(first);
  });

  it('makes no part of resources without items', () => {
    const resource = (key: string, count: number): object => ({
      resource: { attributes: [{ key: key.repeat(200) }] },
      scopeLogs: [{ logRecords: Array.from({ length: count }, () => ({ severityText: 'INFO' })) }],
    });
    const resourceLogs = [resource('a', 0), resource('b', 0), resource('c', 2), resource('d', 0), resource('e', 1)];
    const parts = splitRequest('logs', encodeRequest('logs', { resourceLogs }), { maxBytes: 100 });
    expect(parts.map((part) => part.itemCount)).toEqual([1, 1, 1]);
  });

  it('gives the first part a limit of its own, to fill up what is there already', () => {
    const logRecords = Array.from({ length: 10 }, (_, i) => ({ severityText: `${i}` }));
    const bytes = encodeRequest('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
    const counts = (limits: SplitLimits) => splitRequest('logs', bytes, limits).map((part) => part.itemCount);
    expect(counts({ maxItems: 6, firstMaxItems: 1 })).toEqual([1, 6, 3]);
    expect(counts({ maxItems: 10, firstMaxItems: 4 })).toEqual([4, 6]);
    expect(counts({ maxItems: 4, firstMaxItems: 10 })).toEqual([10]);
  });
});
