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
  requestDescriptor,
  requestFromProtoJson,
  requestToProtoJson,
  scrambleFields,
} from '../../../test/testkit/otlp-proto.ts';
import { SIGNALS, type Signal, validateRequest } from '../../pdata/index.ts';
import { decodeJson } from './decode-json.ts';
import { decodeToObject } from './decode-to-object.ts';
import { encodeJson } from './encode-json.ts';

const seed = 20_261_122;
const ID_KEYS = new Set(['traceId', 'spanId', 'parentSpanId']);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** protobuf's JSON and OTLP's differ in how ids are written. */
function recodeIds(json: string, from: BufferEncoding, to: BufferEncoding): string {
  return JSON.stringify(
    JSON.parse(json, (key, value) =>
      ID_KEYS.has(key) && typeof value === 'string' ? Buffer.from(value, from).toString(to) : value,
    ),
  );
}

/** What JSON keeps of a request: no unknown fields, no difference between absent and empty messages, no negative zero, no zero ids. */
function kept(signal: Signal, message: DynamicMessage): string {
  const text = canonicalText(fillMessages(requestDescriptor(signal), message, { dropUnknown: true }));
  return text.replaceAll('"-0"', '0').replace(/"(traceId|spanId|parentSpanId)":\[0(,0)*\]/g, '"$1":[]');
}

function decoded(signal: Signal, json: string): DynamicMessage {
  const result = decodeJson(signal, utf8(json));
  if (!result.ok) throw new Error(result.message);
  expect(validateRequest(signal, result.bytes)).toEqual({ ok: true, itemCount: result.itemCount });
  return decodeRequest(signal, result.bytes);
}

describe.each(SIGNALS)('OTLP/JSON of %s', (signal) => {
  const descriptor = requestDescriptor(signal);

  it('reads what an independent encoder writes', () => {
    fc.assert(
      fc.property(arbitraryRequest(signal), (request) => {
        const json = recodeIds(JSON.stringify(requestToProtoJson(signal, request)), 'base64', 'hex');
        expect(kept(signal, decoded(signal, json))).toBe(
          kept(signal, decodeRequest(signal, encodeMessage(descriptor, request))),
        );
      }),
      { seed, numRuns: 200 },
    );
  });

  it('writes what an independent decoder reads, whatever the order of fields on the wire', () => {
    fc.assert(
      fc.property(arbitraryRequest(signal), fc.nat(1000), (request, order) => {
        const bytes = scrambleFields(descriptor, encodeMessage(descriptor, request), order);
        const json = recodeIds(encodeJson(signal, bytes), 'hex', 'base64');
        expect(kept(signal, requestFromProtoJson(signal, JSON.parse(json)))).toBe(
          kept(signal, decodeRequest(signal, bytes)),
        );
      }),
      { seed, numRuns: 200 },
    );
  });

  it('gives the same text again after reading it', () => {
    fc.assert(
      fc.property(arbitraryRequest(signal), (request) => {
        const json = encodeJson(signal, encodeMessage(descriptor, request));
        const result = decodeJson(signal, utf8(json));
        expect(result.ok && encodeJson(signal, result.bytes)).toBe(json);
        expect(JSON.stringify(decodeToObject(signal, encodeMessage(descriptor, request)))).toBe(
          json.replace(/:-0(?=[,}\]])/g, ':0').replace(/([[,])-0(?=[,\]])/g, '$10'),
        );
      }),
      { seed, numRuns: 200 },
    );
  });

  it('answers damaged JSON with a sentence or with a valid request, and never throws', () => {
    fc.assert(
      fc.property(
        arbitraryRequest(signal),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        fc.nat(),
        (request, flips, cut) => {
          const bytes = utf8(encodeJson(signal, encodeMessage(descriptor, request)));
          for (const [at, value] of flips) bytes[at % bytes.length] = value;
          const result = decodeJson(signal, flips.length === 0 ? bytes.subarray(0, cut % bytes.length) : bytes);
          if (result.ok)
            expect(validateRequest(signal, result.bytes)).toEqual({ ok: true, itemCount: result.itemCount });
          else expect(result.message).not.toBe('');
        },
      ),
      { seed, numRuns: 1000 },
    );
  });
});

const span = (fields: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{},{${fields}}]}]}]}`;
const spanOf = (json: string): DynamicMessage => decoded('traces', json)['resourceSpans'][0].scopeSpans[0].spans[1];
const complaint = (json: string): string => {
  const result = decodeJson('traces', utf8(json));
  return result.ok ? 'accepted' : result.message;
};

describe('decodeJson', () => {
  it('takes an empty object as no items', () => {
    expect(decodeJson('logs', utf8(' {} \n'))).toEqual({ ok: true, bytes: new Uint8Array(0), itemCount: 0 });
  });

  it.each([
    ['as numbers', '18446744073709551615', '9223372036854775807', '-9223372036854775808'],
    ['as strings', '"18446744073709551615"', '"9223372036854775807"', '"-9223372036854775808"'],
  ])('keeps 64-bit integers exactly when they come %s', (_, unsigned, highest, lowest) => {
    const attribute = (value: string): string => `{"key":"n","value":{"intValue":${value}}}`;
    const read = spanOf(
      span(`"endTimeUnixNano":${unsigned},"attributes":[${attribute(highest)},${attribute(lowest)}]`),
    );
    expect(read['endTimeUnixNano']).toBe(2n ** 64n - 1n);
    expect(read['attributes'].map((one: DynamicMessage) => one['value'].value.value)).toEqual([
      2n ** 63n - 1n,
      -(2n ** 63n),
    ]);
  });

  it('takes whole numbers in any spelling that a double holds exactly', () => {
    expect(spanOf(span('"startTimeUnixNano":1.5e3,"endTimeUnixNano":"2.0"'))).toMatchObject({
      startTimeUnixNano: 1500n,
      endTimeUnixNano: 2n,
    });
  });

  it('takes ids in either case, snake_case keys, enum names, null and unknown keys', () => {
    const read = spanOf(
      span(
        '"trace_id":"0AF7651916CD43DD8448EB211C80319c","parent_span_id":"","kind":"SPAN_KIND_SERVER","name":null,"x":{"y":[1,{"z":null}]},"status":{"code":"STATUS_CODE_ERROR"}',
      ),
    );
    expect(Buffer.from(read['traceId']).toString('hex')).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(read).toMatchObject({ kind: 2, name: '', parentSpanId: new Uint8Array(0), status: { code: 2 } });
  });

  it('takes doubles as numbers and as text, with NaN and the infinities', () => {
    const points = ['1.25', '"1.25"', '"NaN"', '"-Infinity"', '"Infinity"', '-0'].map(
      (value) => `{"asDouble":${value}}`,
    );
    const read = decoded(
      'metrics',
      `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[${points}]}}]}]}]}`,
    );
    const values = read['resourceMetrics'][0].scopeMetrics[0].metrics[0].data.value.dataPoints.map(
      (one: DynamicMessage) => one['value'].value,
    );
    expect(values).toEqual([1.25, 1.25, Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -0]);
  });

  it('unescapes text and keeps UTF-8', () => {
    expect(spanOf(span('"name":"a\\n\\u00e9\\ud83d\\ude00 日本"'))['name']).toBe('a\né😀 日本');
    expect(spanOf(span('"n\\u0061me":"x"'))['name']).toBe('x');
    expect(spanOf(span('"name":"\\ud800!"'))['name']).toBe('\ufffd!');
  });

  it('takes base64 with either alphabet, padded or not', () => {
    const bytes = ['"+/8="', '"-_8"'].map((text) => `{"key":"b","value":{"bytesValue":${text}}}`);
    expect(
      spanOf(span(`"attributes":[${bytes}]`))['attributes'].map((one: DynamicMessage) => one['value'].value.value),
    ).toEqual([Uint8Array.of(251, 255), Uint8Array.of(251, 255)]);
  });

  const place = 'resourceSpans[0].scopeSpans[0].spans[1]';
  it.each([
    [span('"traceId":"0af7651916cd43dd8448eb211c80319"'), `${place}.traceId must be 32 hex characters, got 31`],
    [span('"spanId":"zzzzzzzzzzzzzzzz"'), `${place}.spanId must be 16 hex characters, got others`],
    [span('"traceId":"CvdlGRbNQ92ESOshHIAxnA=="'), `${place}.traceId must be 32 hex characters, got base64`],
    [span('"traceId":7'), `${place}.traceId must be a string of 32 hex characters, got 7`],
    [span('"startTimeUnixNano":"-1"'), `${place}.startTimeUnixNano must be an unsigned 64-bit integer, got -1`],
    [span('"startTimeUnixNano":18446744073709551616'), 'must be an unsigned 64-bit integer, got 18446744073709551616'],
    [span('"startTimeUnixNano":1.5'), 'must be an unsigned 64-bit integer, got 1.5'],
    [span('"kind":"SERVER"'), `${place}.kind must be a number or a name such as SPAN_KIND_CONSUMER, got "SERVER"`],
    [
      span('"kind":"s3cret"'),
      `${place}.kind must be a number or a name such as SPAN_KIND_CONSUMER, got another string`,
    ],
    [
      span('"startTimeUnixNano":"s3cret"'),
      `${place}.startTimeUnixNano must be an unsigned 64-bit integer, got a string`,
    ],
    [span('"name":5'), `${place}.name must be a string, got 5`],
    [span('"status":[]'), `${place}.status must be an object, got a list`],
    [span('"events":{}'), `${place}.events must be a list, got an object`],
    [
      span('"attributes":[{"key":"b","value":{"boolValue":"yes"}}]'),
      `${place}.attributes[0].value.boolValue must be true or false, got a string`,
    ],
    [
      span('"attributes":[{"value":{"bytesValue":"*"}}]'),
      `${place}.attributes[0].value.bytesValue must be base64, got another string`,
    ],
    ['', 'the body is empty, must be a JSON object'],
    ['[]', 'the body must be a JSON object, got a list'],
    ['{"resourceSpans":[', 'the body ends at byte 18 where a value is expected (in resourceSpans[0])'],
    ['{"a":1,}', "the body has '}' at byte 7 where a key is expected"],
    ['{"a":01}', 'the body has 01 where a number is expected'],
    ['{} {}', "the body has '{' at byte 3 where the end of the body is expected"],
    ['{"a":"\t"}', 'the body has 0x09 at byte 6, inside a string'],
    [span('"name":"\\x"'), 'the body has an escape that JSON does not know in the string at byte '],
  ])('answers %s with the place and what was got', (json, expected) => {
    expect(complaint(json)).toContain(expected);
  });

  it.each([
    `"${'1'.repeat(300_000)}x"`,
    `"${'0'.repeat(300_000)}"`,
    '1'.repeat(300_000),
    `"1e${'0'.repeat(300_000)}x"`,
  ])('refuses endless numbers at once, not after a time that grows with their square', (number) => {
    for (const key of ['asDouble', 'asInt']) {
      const point = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"${key}":${number}}]}}]}]}]}`;
      const startedMs = performance.now();
      expect(decodeJson('metrics', utf8(point))).toMatchObject({ ok: false });
      expect(performance.now() - startedMs).toBeLessThan(2000);
    }
  });

  it('bounds nesting, of values and of what it skips', () => {
    const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);
    const value = deep('{"arrayValue":{"values":[', ']}}', 200);
    expect(complaint(span(`"attributes":[{"value":${value}}]`))).toContain('is nested more than 100 messages deep');
    expect(complaint(`{"x":${deep('[', ']', 100_000)}}`)).toBe('the body nests more than 1000 levels deep');
  });
});

describe('encodeJson', () => {
  it('writes fields as the Collector does: ids in hex, 64 bits as text, enums as numbers, defaults left out', () => {
    const bytes = encodeRequest('traces', {
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId: new Uint8Array(16).fill(0xab),
                  kind: 3,
                  endTimeUnixNano: 2n ** 64n - 1n,
                  attributes: [
                    { key: 'i', value: { value: { case: 'intValue', value: -(2n ** 63n) } } },
                    { key: 'd', value: { value: { case: 'doubleValue', value: -0 } } },
                    { key: 'n', value: { value: { case: 'doubleValue', value: Number.NaN } } },
                    { key: 'b', value: { value: { case: 'bytesValue', value: Uint8Array.of(251, 255) } } },
                    { key: 'e' },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
    expect(encodeJson('traces', bytes)).toBe(
      `{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[{"traceId":"${'ab'.repeat(16)}","kind":3,` +
        '"endTimeUnixNano":"18446744073709551615","attributes":[{"key":"i","value":{"intValue":"-9223372036854775808"}},' +
        '{"key":"d","value":{"doubleValue":-0}},{"key":"n","value":{"doubleValue":"NaN"}},{"key":"b","value":{"bytesValue":"+/8="}},' +
        '{"key":"e","value":{}}],"status":{}}]}]}]}',
    );
  });

  it('writes text that is not UTF-8 with replacement characters', () => {
    const bytes = encodeRequest('logs', { resourceLogs: [{ schemaUrl: 'x' }] }).map((byte) =>
      byte === 0x78 ? 0xff : byte,
    );
    expect(decodeToObject('logs', bytes).resourceLogs?.[0]?.schemaUrl).toBe('\ufffd');
  });
});
