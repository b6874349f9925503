import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arbitraryRequest,
  decodeRequest,
  encodeMessage,
  encodeRequest,
  itemsOf,
  requestDescriptor,
  scrambleFields,
} from '../../test/testkit/otlp-proto.ts';
import { countItems, SIGNALS, type Signal, validateRequest, WireWriter } from './index.ts';

const seed = 20_261_122;
const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);
const span = (fields: object): Uint8Array =>
  encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{}, fields] }] }] });

function complaint(signal: Signal, bytes: Uint8Array): string {
  const result = validateRequest(signal, bytes);
  return result.ok ? 'accepted' : result.message;
}

describe.each(SIGNALS)('validateRequest of %s', (signal) => {
  const descriptor = requestDescriptor(signal);

  it('accepts whatever an independent encoder writes, in any order of fields, and counts its items', () => {
    fc.assert(
      fc.property(arbitraryRequest(signal), fc.nat(1000), (request, order) => {
        const bytes = encodeMessage(descriptor, request);
        const itemCount = itemsOf(signal, request).length;
        expect(validateRequest(signal, bytes)).toEqual({ ok: true, itemCount });
        expect(validateRequest(signal, scrambleFields(descriptor, bytes, order))).toEqual({ ok: true, itemCount });
        expect(countItems(signal, bytes)).toBe(itemCount);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('never throws on damaged requests, and accepts none that an independent decoder refuses', () => {
    const varint = fc.constantFrom(
      [0xff, 0xff, 0xff, 0xff, 0x0f],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
      [0x80, 0x00],
      [0xff, 0x7f],
    );
    const insertion = fc.option(fc.tuple(fc.nat(), varint));
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(
        arbitraryRequest(signal),
        flips,
        insertion,
        fc.option(fc.nat()),
        (request, changed, inserted, cut) => {
          const bytes = [...encodeMessage(descriptor, request)];
          for (const [at, value] of changed) if (bytes.length > 0) bytes[at % bytes.length] = value;
          if (inserted !== null) bytes.splice(inserted[0] % (bytes.length + 1), 0, ...inserted[1]);
          expectAgreement(signal, Uint8Array.from(cut === null ? bytes : bytes.slice(0, cut % (bytes.length + 1))));
        },
      ),
      { seed, numRuns: 2000 },
    );
  });

  it('never throws on random bytes, and accepts none that an independent decoder refuses', () => {
    const announced = fc.uint8Array({ maxLength: 60 }).map((tail) => Uint8Array.from([0x0a, tail.length, ...tail]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), announced), (bytes) => expectAgreement(signal, bytes)),
      { seed, numRuns: 3000 },
    );
  });
});

/** Messages in messages, one for each tag. */
function nested(tags: readonly number[]): Uint8Array {
  return tags.reduceRight<Uint8Array>((inner, tag) => {
    const writer = new WireWriter(inner.length + 8);
    writer.bytesField(tag >> 3, inner);
    return writer.finish();
  }, new Uint8Array(0));
}

/** Bytes we take must be readable by others; text that isn't UTF-8 is the one thing the Collector takes and they don't. */
function expectAgreement(signal: Signal, bytes: Uint8Array): void {
  // A view into a larger buffer: reading outside of it would show as another result.
  const surrounded = new Uint8Array(bytes.length + 64).fill(0x0a);
  surrounded.set(bytes, 32);
  expect(countItems(signal, bytes)).toBeGreaterThanOrEqual(0);
  const result = validateRequest(signal, surrounded.subarray(32, 32 + bytes.length));
  expect(result).toEqual(validateRequest(signal, bytes));
  if (!result.ok) {
    expect(result.offset).toBeLessThanOrEqual(bytes.length);
    return;
  }
  try {
    decodeRequest(signal, bytes);
  } catch (error) {
    if (!String(error).includes('utf-8')) throw error;
  }
}

describe('validateRequest', () => {
  it('takes the empty request as one of no items', () => {
    expect(validateRequest('logs', new Uint8Array(0))).toEqual({ ok: true, itemCount: 0 });
  });

  it('names the id of a wrong length and the byte where it begins', () => {
    const bytes = span({ traceId: new Uint8Array(15) });
    expect(validateRequest('traces', bytes)).toEqual({
      ok: false,
      message: 'resourceSpans[0].scopeSpans[0].spans[1].traceId is 15 bytes long, must be 16 or empty',
      offset: bytes.length - 17,
    });
  });

  it.each([
    ['spanId', { spanId: new Uint8Array(1) }, 'spans[1].spanId is 1 byte long, must be 8 or empty'],
    [
      'a link',
      { links: [{}, { traceId: new Uint8Array(8) }] },
      'spans[1].links[1].traceId is 8 bytes long, must be 16 or empty',
    ],
  ])('checks the ids of %s', (_, fields, expected) => {
    expect(complaint('traces', span(fields))).toBe(`resourceSpans[0].scopeSpans[0].${expected}`);
  });

  it('checks the ids of exemplars', () => {
    const exemplars = [{ spanId: new Uint8Array(3) }];
    const data = { case: 'gauge', value: { dataPoints: [{ exemplars }] } };
    expect(
      complaint(
        'metrics',
        encodeRequest('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ data }] }] }] }),
      ),
    ).toBe(
      'resourceMetrics[0].scopeMetrics[0].metrics[0].gauge.dataPoints[0].exemplars[0].spanId is 3 bytes long, must be 8 or empty',
    );
  });

  it.each([
    ['a group', bytesOf(0x0b, 0x0c), 'the request has a group in field 1, which OTLP does not use'],
    ['an unknown wire type', bytesOf(0x0f), 'the request has the unknown wire type 7 in field 1'],
    ['field number 0', bytesOf(0x02, 0x00), 'the request has a field with number 0, which protobuf does not allow'],
    ['a wrong wire type', bytesOf(0x08, 0x01), 'resourceLogs is a varint, must be length-delimited'],
    ['a truncated length', bytesOf(0x0a, 0x80), 'resourceLogs[0] is cut off in the middle of a varint'],
    ['content that is cut off', bytesOf(0x0a, 0x05, 0x00), 'resourceLogs[0] is cut off: 4 bytes are missing'],
    [
      'a length near 2^64',
      bytesOf(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
      'resourceLogs[0] is cut off:',
    ],
    [
      'a varint of 11 bytes',
      bytesOf(0x78, ...new Array(10).fill(0x80), 0x01),
      'field 15 has a varint of more than 10 bytes',
    ],
    [
      'a huge field number',
      bytesOf(0x80, 0x80, 0x80, 0x80, 0x10, 0x00),
      'the request has a field number above 536870911',
    ],
    ['a JSON body', new TextEncoder().encode('{}'), '(it looks like JSON: send it with content-type application/json)'],
    ['a gzip body', bytesOf(0x1f, 0x8b, 0x08), '(it looks like gzip: announce it with content-encoding gzip)'],
  ])('refuses %s and says so', (_, bytes, expected) => {
    expect(complaint('logs', bytes)).toContain(expected);
  });

  it('refuses packed fixed-width lists that end in the middle of a number', () => {
    const point = bytesOf(0x32, 0x07, 1, 2, 3, 4, 5, 6, 7);
    const wrap = (tag: number, inner: Uint8Array): Uint8Array => bytesOf(tag, inner.length, ...inner);
    const bytes = wrap(0x0a, wrap(0x12, wrap(0x12, wrap(0x4a, wrap(0x0a, point)))));
    expect(complaint('metrics', bytes)).toBe(
      'resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0].bucketCounts is 7 bytes long, must be a multiple of 8',
    );
  });

  it('refuses nesting beyond protobuf`s limit without using up the stack', () => {
    let value: object = { value: { case: 'boolValue', value: true } };
    for (let depth = 0; depth < 60; depth++) value = { value: { case: 'arrayValue', value: { values: [value] } } };
    const request = (body: object): Uint8Array =>
      encodeRequest('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }] }] }] });
    expect(complaint('logs', request(value))).toMatch(/is nested more than 100 messages deep$/);

    const levels = Array.from({ length: 6000 }, (_, level) => (level % 2 === 0 ? 0x2a : 0x0a));
    expect(complaint('logs', nested([0x0a, 0x12, 0x12, 0x2a, ...levels]))).toMatch(
      /is nested more than 100 messages deep$/,
    );
  });

  it('takes tags and lengths that are written in more bytes than they need', () => {
    const bytes = bytesOf(0x8a, 0x80, 0x00, 0x88, 0x00, 0x92, 0x00, 0x83, 0x80, 0x00, 0x12, 0x80, 0x00);
    expect(decodeRequest('logs', bytes)['resourceLogs'][0].scopeLogs[0].logRecords.length).toBe(1);
    expect(validateRequest('logs', bytes)).toEqual({ ok: true, itemCount: 1 });
    expect(countItems('logs', bytes)).toBe(1);
  });

  it('takes text that is not UTF-8, as the Collector does', () => {
    const bytes = span({ name: 'x' }).map((byte) => (byte === 0x78 ? 0xff : byte));
    expect(validateRequest('traces', bytes)).toEqual({ ok: true, itemCount: 2 });
  });
});
