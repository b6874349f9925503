import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ottlPlace } from '../../../test/testkit/ottl-place.ts';
import { WireWriter } from '../../pdata/index.ts';
import { EvaluationError } from '../function.ts';
import type { ContextName, Row } from '../row.ts';
import { Duration, IdValue, isMap, type MapValue, Time, type Value } from '../value.ts';
import { enumsOf, fieldNames, type RowFields, resolvePath, rowOf } from './index.ts';
import { writeText } from './wire-text.ts';

const traceId = new IdValue(
  'trace',
  Uint8Array.from({ length: 16 }, (_, at) => at + 1),
);
const spanId = new IdValue(
  'span',
  Uint8Array.from({ length: 8 }, (_, at) => at + 1),
);
const TRACE_HEX = '0102030405060708090a0b0c0d0e0f10';
const INT64_EDGES = [0n, 1n, -1n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];

interface Sample {
  readonly path: string;
  readonly values: readonly Value[];
  /** What other types meet; silence where a field is absent. */
  readonly mismatch: 'refused' | 'ignored';
}

const times = INT64_EDGES.map((nanos) => new Time(nanos));
const counts = [0n, 1n, 2n ** 32n - 1n];
const enums = [0n, 2n, -1n, 2n ** 31n - 1n];
const texts = ['', 'a', 'é日😀', '\udcff\udc80 and text', 'x'.repeat(300)];
const bools = [true, false];
const doubles = [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY];

const sample = (path: string, values: readonly Value[], mismatch: Sample['mismatch'] = 'ignored'): Sample => ({
  path,
  values,
  mismatch,
});

const RESOURCE = [sample('resource.dropped_attributes_count', counts), sample('resource.schema_url', texts)];
const SCOPE = [
  ...RESOURCE,
  sample('scope.name', texts, 'refused'),
  sample('instrumentation_scope.version', texts, 'refused'),
  sample('scope.dropped_attributes_count', counts, 'refused'),
  sample('scope.schema_url', texts, 'refused'),
];
const SPAN = [
  ...SCOPE,
  sample('span.trace_id', [traceId, new IdValue('trace', new Uint8Array(16))]),
  sample('span.trace_id.string', [TRACE_HEX, '0'.repeat(32)]),
  sample('span.span_id', [spanId]),
  sample('span.span_id.string', ['0102030405060708']),
  sample('span.parent_span_id', [spanId]),
  sample('span.parent_span_id.string', ['0102030405060708']),
  sample('span.trace_state', ['a=1', '']),
  sample('span.trace_state["a"]', ['1', 'other']),
  sample('span.name', texts),
  sample('span.kind', enums),
  sample('span.kind.string', ['Unspecified', 'Server', 'Consumer']),
  sample('span.kind.deprecated_string', ['SPAN_KIND_UNSPECIFIED', 'SPAN_KIND_CLIENT']),
  sample('span.start_time_unix_nano', INT64_EDGES),
  sample('span.end_time_unix_nano', INT64_EDGES),
  sample('span.start_time', times),
  sample('span.end_time', times),
  sample('span.dropped_attributes_count', counts),
  sample('span.dropped_events_count', counts),
  sample('span.dropped_links_count', counts),
  sample('span.status.code', enums),
  sample('span.status.message', texts),
  sample('span.flags', counts, 'refused'),
];
const METRIC = [
  ...SCOPE,
  sample('metric.name', texts, 'refused'),
  sample('metric.description', texts, 'refused'),
  sample('metric.unit', texts, 'refused'),
  sample('metric.aggregation_temporality', enums, 'refused'),
  sample('metric.is_monotonic', bools, 'refused'),
];
const POINT = [
  ...METRIC,
  sample('datapoint.start_time_unix_nano', INT64_EDGES),
  sample('datapoint.time_unix_nano', INT64_EDGES),
  sample('datapoint.start_time', times),
  sample('datapoint.time', times),
  sample('datapoint.flags', counts),
];

const CASES: readonly (readonly [ContextName, RowFields, readonly Sample[]])[] = [
  ['resource', {}, RESOURCE],
  ['scope', {}, SCOPE.filter(({ path }) => path !== 'resource.schema_url')],
  ['span', { span: { name: 'before', traceState: 'b=2' } }, SPAN],
  [
    'spanevent',
    { span: { name: 'before' }, spanevent: {} },
    [
      ...SPAN,
      sample('spanevent.time_unix_nano', INT64_EDGES),
      sample('spanevent.time', times),
      sample('spanevent.name', texts),
      sample('spanevent.dropped_attributes_count', counts),
    ],
  ],
  ['metric', { metric: { sum: {} } }, METRIC],
  [
    'datapoint',
    { metric: { sum: {} }, datapoint: { asInt: 7 } },
    [...POINT, sample('datapoint.value_int', INT64_EDGES), sample('datapoint.value_double', doubles)],
  ],
  [
    'datapoint',
    { metric: { histogram: {} }, datapoint: {} },
    [
      ...POINT.filter(({ path }) => path !== 'metric.is_monotonic'),
      sample('datapoint.count', INT64_EDGES),
      sample('datapoint.sum', doubles),
    ],
  ],
  [
    'datapoint',
    { metric: { exponentialHistogram: {} }, datapoint: {} },
    [
      sample('datapoint.count', INT64_EDGES),
      sample('datapoint.sum', doubles),
      sample('datapoint.scale', enums),
      sample('datapoint.zero_count', INT64_EDGES),
      sample('datapoint.positive.offset', enums),
      sample('datapoint.negative.offset', enums),
    ],
  ],
  [
    'datapoint',
    { metric: { summary: {} }, datapoint: {} },
    [sample('datapoint.count', INT64_EDGES), sample('datapoint.sum', doubles)],
  ],
  [
    'log',
    { log: { severityText: 'before' } },
    [
      ...SCOPE,
      sample('log.time_unix_nano', INT64_EDGES, 'refused'),
      sample('log.observed_time_unix_nano', INT64_EDGES, 'refused'),
      sample('log.time', times, 'refused'),
      sample('log.observed_time', times, 'refused'),
      sample('log.severity_number', enums, 'refused'),
      sample('log.severity_text', texts, 'refused'),
      sample('log.body.string', texts, 'refused'),
      sample('log.dropped_attributes_count', counts, 'refused'),
      sample('log.flags', counts, 'refused'),
      sample('log.trace_id', [traceId], 'refused'),
      sample('log.trace_id.string', [TRACE_HEX], 'refused'),
      sample('log.span_id', [spanId], 'refused'),
      sample('log.span_id.string', ['0102030405060708'], 'refused'),
      sample('log.event_name', texts, 'refused'),
    ],
  ],
];

function evaluate(run: () => void): string {
  try {
    run();
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(EvaluationError);
    return (error as Error).message;
  }
}

describe.each(CASES)('paths of %s of %j', (context, fields, samples) => {
  it.each(samples)('$path is what it was set to', ({ path, values }) => {
    const row = rowOf(context, fields);
    const place = ottlPlace(context, path);
    for (const value of values) {
      place.set!(row, value);
      expect(place.get(row)).toEqual(value);
    }
  });

  it.each(samples)('a value of another type is $mismatch by $path', ({ path, mismatch }) => {
    const row = rowOf(context, fields);
    const place = ottlPlace(context, path);
    const before = place.get(row);
    for (const other of [undefined, new Duration(1n), new Map(), [1n]]) {
      const message = evaluate(() => place.set!(row, other));
      expect(message).toMatch(mismatch === 'refused' ? /^expects \S+ but got \S+$/ : /^$/);
      expect(place.get(row)).toEqual(before);
    }
  });
});

describe('a path', () => {
  it('reaches every field of every context', () => {
    for (const context of ['resource', 'scope', 'span', 'spanevent', 'metric', 'datapoint', 'log'] as const) {
      const row = rowOf(context, { metric: { sum: {} } });
      for (const name of fieldNames(context)) {
        if (name !== 'event_index') expect(() => ottlPlace(context, `${context}.${name}`).get(row)).not.toThrow();
      }
    }
  });

  it.each([
    ['span', 'span', ['atributes'], { step: 0, message: 'has no such field', didYouMean: 'attributes' }],
    ['span', 'span', ['status', 'cod'], { step: 1, message: 'has no such field', didYouMean: 'code' }],
    ['span', 'span', ['name', 'string'], { step: 1, message: 'has no such field' }],
    ['span', 'span', ['constructor'], { step: 0, message: 'has no such field' }],
    ['span', 'metric', ['name'], { step: 0, message: 'belongs to metric, which a span is not part of' }],
    ['resource', 'scope', ['name'], { step: 0, message: 'belongs to scope, which a resource is not part of' }],
    [
      'span',
      'resource',
      ['cache'],
      { step: 0, message: 'belongs to the row itself: write it without another context in front' },
    ],
  ] as const)('of %s to %s.%j is a problem', (context, of, names, problem) => {
    expect(resolvePath(context, { of, steps: names.map((name) => ({ name, keys: [] })) })).toEqual(problem);
  });

  it('with keys where there are none is a problem', () => {
    const steps = [{ name: 'name', keys: [{ literal: 'a' }] }];
    expect(resolvePath('span', { of: 'span', steps })).toEqual({ step: 0, message: 'cannot be indexed' });
    const state = [{ name: 'trace_state', keys: [{ literal: 'a' }, { literal: 'b' }] }];
    expect(resolvePath('span', { of: 'span', steps: state })).toEqual({ step: 0, message: 'takes exactly one key' });
  });

  it('takes the URL of the scope for that of the resource in context scope, as upstream does', () => {
    const row = rowOf('scope', { resourceSchemaUrl: 'r', scopeSchemaUrl: 's' });
    expect(ottlPlace('scope', 'resource.schema_url').get(row)).toBe('s');
    expect(ottlPlace('span', 'resource.schema_url').get(rowOf('span', { resourceSchemaUrl: 'r' }))).toBe('r');
  });

  it('to an id in text wants the right number of hex digits', () => {
    const row = rowOf('span', {});
    const place = ottlPlace('span', 'span.trace_id.string');
    expect(evaluate(() => place.set!(row, 'ab'))).toBe('trace ids must be 32 hex characters');
    expect(evaluate(() => place.set!(row, 'g'.repeat(32)))).toContain('invalid');
    expect(evaluate(() => ottlPlace('span', 'span.kind.string').set!(row, 'server'))).toBe(
      'unknown span kind string, server',
    );
  });

  it('to the flags of a span wants 32 bits', () => {
    const row = rowOf('span', {});
    expect(evaluate(() => ottlPlace('span', 'span.flags').set!(row, 2n ** 32n))).toBe(
      'value 4294967296 is out of range for uint32',
    );
  });

  it('to lists of messages only takes such lists, and counts', () => {
    const row = rowOf('span', { span: { events: [{ name: 'a' }, { name: 'b' }] } });
    const other = rowOf('span', { span: { events: [{ name: 'c' }], links: [{}] } });
    const events = ottlPlace('span', 'span.events');
    expect((events.get(row) as Value[]).length).toBe(2);
    events.set!(row, ottlPlace('span', 'span.links').get(other));
    expect((events.get(row) as Value[]).length).toBe(2);
    events.set!(row, events.get(other));
    expect((events.get(row) as Value[]).length).toBe(1);
    const status = ottlPlace('span', 'span.status');
    ottlPlace('span', 'span.status.code').set!(other, 2n);
    status.set!(row, status.get(other));
    expect(ottlPlace('span', 'span.status.code').get(row)).toBe(2n);
  });

  it('to numbers of buckets only takes such numbers', () => {
    const points = (datapoint: object) =>
      rowOf('datapoint', { metric: { histogram: {} }, datapoint: { ...datapoint } });
    const row = points({ bucketCounts: [1, 2n ** 64n - 1n], explicitBounds: [0.5] });
    const target = points({});
    const counts = ottlPlace('datapoint', 'datapoint.bucket_counts');
    const bounds = ottlPlace('datapoint', 'datapoint.explicit_bounds');
    expect([...(counts.get(row) as Value[])]).toEqual([1n, 2n ** 64n - 1n]);
    expect([...(bounds.get(row) as Value[])]).toEqual([0.5]);
    counts.set!(target, [1n]);
    counts.set!(target, bounds.get(row));
    expect([...(counts.get(target) as Value[])]).toEqual([]);
    counts.set!(target, counts.get(row));
    expect([...(counts.get(target) as Value[])]).toEqual([1n, 2n ** 64n - 1n]);
    const exponential = rowOf('datapoint', {
      metric: { exponentialHistogram: {} },
      datapoint: { positive: { offset: -3, bucketCounts: [300, 1] } },
    });
    const positive = ottlPlace('datapoint', 'datapoint.positive');
    const negative = ottlPlace('datapoint', 'datapoint.negative');
    negative.set!(exponential, positive.get(exponential));
    expect(ottlPlace('datapoint', 'datapoint.negative.offset').get(exponential)).toBe(-3n);
    const negatives = ottlPlace('datapoint', 'datapoint.negative.bucket_counts').get(exponential);
    expect([...(negatives as Value[])]).toEqual([300n, 1n]);
  });

  it('has no value where the kind of metric lacks the field', () => {
    const gauge = rowOf('datapoint', { metric: { gauge: {} }, datapoint: { asDouble: 1.5 } });
    for (const path of ['datapoint.count', 'datapoint.quantile_values', 'metric.is_monotonic', 'datapoint.positive']) {
      expect(ottlPlace('datapoint', path).get(gauge)).toBeUndefined();
    }
    expect(ottlPlace('datapoint', 'metric.type').get(gauge)).toBe(enumsOf('datapoint').get('METRIC_DATA_TYPE_GAUGE'));
    expect(ottlPlace('datapoint', 'datapoint.value_double').get(gauge)).toBe(1.5);
    expect(ottlPlace('datapoint', 'datapoint.value_int').get(gauge)).toBe(0n);
  });
});

describe('attributes', () => {
  const of = (attributes: object): Row => rowOf('span', { span: { attributes } });
  const get = (row: Row, path: string) => ottlPlace('span', `span.${path}`).get(row);
  const set = (row: Row, path: string, value: Value) =>
    evaluate(() => ottlPlace('span', `span.${path}`).set!(row, value));

  it('make maps and lists on the way to what is set, as the Collector does', () => {
    const row = of({ list: [1n, { a: 'x' }], text: 'x' });
    expect(set(row, 'attributes["new"]["a"][2]["b"]', true)).toBe('');
    expect(get(row, 'attributes["new"]["a"][2]["b"]')).toBe(true);
    expect(get(row, 'attributes["new"]["a"][0]')).toBeUndefined();
    expect(set(row, 'attributes["list"][1]["a"]', 'y')).toBe('');
    expect(get(row, 'attributes["list"][1]["a"]')).toBe('y');
    expect(set(row, 'attributes["list"][2]', 1n)).toBe('index 2 out of bounds');
    expect(set(row, 'attributes["text"]["a"]', 1n)).toBe('type Str does not support string indexing');
    expect(evaluate(() => get(row, 'attributes["text"][0]'))).toBe('type Str does not support string indexing');
    expect(evaluate(() => get(row, 'attributes[0]'))).toBe(
      'cannot get map value: unable to resolve a string index in map: invalid key type',
    );
    expect(get(row, 'attributes["absent"]["a"]')).toBeUndefined();
  });

  it('are written through by maps inside them', () => {
    const row = of({ m: { a: 1n, inner: { b: 2n } } });
    const map = get(row, 'attributes["m"]') as MapValue;
    map.delete('a');
    (map.get('inner') as MapValue).set('c', 'x');
    expect(get(row, 'attributes["m"]["a"]')).toBeUndefined();
    expect(get(row, 'attributes["m"]["inner"]["c"]')).toBe('x');
  });

  it('are copied when they are put somewhere else', () => {
    const row = of({ m: { a: 1n } });
    set(row, 'attributes["copy"]', get(row, 'attributes["m"]'));
    set(row, 'cache["m"]', get(row, 'attributes["m"]'));
    set(row, 'attributes["m"]["a"]', 2n);
    expect(get(row, 'attributes["copy"]["a"]')).toBe(1n);
    expect(get(row, 'cache["m"]["a"]')).toBe(1n);
  });

  it('keep what is there, or are nil, when set to what no attribute can hold', () => {
    const row = of({ a: 1n });
    expect(set(row, 'attributes["a"]', new Time(0n))).toBe('');
    expect(get(row, 'attributes["a"]')).toBe(1n);
    expect(set(row, 'attributes["t"]', traceId)).toBe('');
    expect(set(row, 'attributes["a"]', get(row, 'status'))).toBe('');
    expect(set(row, 'attributes["a"]', get(row, 'events'))).toBe('');
    expect(get(row, 'attributes["a"]')).toBe(1n);
    expect((get(row, 'attributes') as MapValue).has('t')).toBe(true);
    expect(get(row, 'attributes["t"]')).toBeUndefined();
  });

  it('hold an empty map in their own place in a copy that is put into them, as in the Collector', () => {
    const row = of({ a: 1n });
    set(row, 'attributes["self"]', get(row, 'attributes'));
    expect(get(row, 'attributes["self"]["a"]')).toBe(1n);
    expect((get(row, 'attributes["self"]["self"]') as MapValue).size).toBe(0);
  });

  it('do not grow without end by what is put into itself', () => {
    const row = of({ a: 1n });
    let message = '';
    for (let times = 0; times < 64 && message === ''; times++)
      message = set(row, `cache["${times}"]`, get(row, 'cache'));
    expect(message).toBe('a value has more than 1000000 elements');
  });

  it('are replaced as a whole by a map and by nothing else', () => {
    const row = of({ a: 1n });
    set(row, 'attributes', 'text');
    expect((get(row, 'attributes') as MapValue).size).toBe(1);
    set(row, 'attributes', new Map<string, Value>([['b', new Map<string, Value>([['c', [1n]]])]]));
    expect(get(row, 'attributes["b"]["c"][0]')).toBe(1n);
    expect(get(row, 'attributes["a"]')).toBeUndefined();
  });

  it('are read and set by keys that are computed', () => {
    const place = resolvePath('span', {
      of: 'span',
      steps: [{ name: 'attributes', keys: [{ get: () => 'é' }, { get: () => 1n }] }],
    });
    if ('message' in place) throw new Error(place.message);
    const row = of({});
    place.set!(row, 'x');
    expect(place.get(row)).toBe('x');
    expect(get(row, 'attributes["é"][1]')).toBe('x');
  });

  it('hold every text, also what is no UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'binary' }), (key, text) => {
        const row = of({});
        const attributes = get(row, 'attributes') as MapValue;
        attributes.set(key, text);
        expect(attributes.get(key)).toBe(text);
        expect([...attributes.entries()]).toEqual([[key, text]]);
      }),
    );
  });
});

describe('a comparison with text', () => {
  it('agrees with the value', () => {
    const texts = ['', 'a', 'é', '\udc80', 'x'.repeat(127), 'x'.repeat(128), 'x'.repeat(20_000)];
    for (const value of [...texts, undefined, 1n, Uint8Array.of(0x61), ['a']]) {
      const row = rowOf('span', {
        span: { attributes: { k: value }, ...(typeof value === 'string' && { name: value }) },
      });
      for (const text of texts) {
        const writer = new WireWriter(16);
        writeText(writer, text);
        const utf8 = writer.finish();
        expect(ottlPlace('span', 'span.attributes["k"]').equalsText!(row, utf8)).toBe(value === text);
        expect(ottlPlace('span', 'span.attributes["absent"]').equalsText!(row, utf8)).toBe(false);
        const { get, equalsText } = ottlPlace('span', 'span.name');
        expect(equalsText!(row, utf8)).toBe(get(row) === text);
      }
    }
  });
});

describe('a log body', () => {
  const body = (value: unknown): Row => rowOf('log', { log: { body: value } });
  const get = (row: Row, path: string) => ottlPlace('log', `log.${path}`).get(row);

  it('is indexed if it is a map or a list', () => {
    const row = body({ a: [1n] });
    ottlPlace('log', 'log.body["b"]').set!(row, 'x');
    expect(get(row, 'body["a"][0]')).toBe(1n);
    expect(get(row, 'body.string')).toBe('{"a":[1],"b":"x"}');
    expect(evaluate(() => get(body('text'), 'body["a"]'))).toBe('log bodies of type Str cannot be indexed');
    expect(evaluate(() => get(body(undefined), 'body[0]'))).toBe('log bodies of type Empty cannot be indexed');
  });

  it('is written through by the map that it is', () => {
    const row = body({ a: 1n });
    const map = get(row, 'body');
    if (!isMap(map)) throw new Error('no map');
    map.set('b', 2n);
    ottlPlace('log', 'log.severity_text').set!(row, 'x'.repeat(300));
    map.set('c', 3n);
    ottlPlace('log', 'log.trace_id.string').set!(row, TRACE_HEX);
    expect(get(row, 'body["b"]')).toBe(2n);
    expect(get(row, 'body["c"]')).toBe(3n);
    expect(get(row, 'severity_text')).toBe('x'.repeat(300));
  });

  it('has a text whatever it is', () => {
    expect(get(body(1.5), 'body.string')).toBe('1.5');
    expect(get(body(Uint8Array.of(1, 2)), 'body.string')).toBe('AQI=');
    expect(get(rowOf('log', {}), 'body.string')).toBe('');
  });
});
