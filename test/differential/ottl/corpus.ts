/** The data that every case runs over: each kind of value, and of each its edges. */
import fc from 'fast-check';
import type { Signal } from '../../../src/pdata/index.ts';
import {
  arbitraryRequest,
  type DynamicMessage,
  encodeRequest,
  fillMessages,
  requestDescriptor,
} from '../../testkit/otlp-proto.ts';
import { anyValue, Entries, keyValues, type Plain } from './any-value.ts';
import { METRICS } from './corpus-metrics.ts';

/** Of the same length as the bytes that take its place, which are no UTF-8. */
const PLACEHOLDER = 'not-utf8';
const NOT_UTF8 = Uint8Array.of(0x61, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80);

const STRINGS: readonly string[] = [
  'hello world',
  '',
  'a',
  'Ünïcödé 日本 😀 ß İ ǅ',
  'true',
  '42',
  '-7',
  '3.14',
  '1e3',
  '0x1F',
  'NaN',
  PLACEHOLDER,
  '{"a":1,"b":[1,2.5,"x",null],"c":{"d":true}}',
  '[1,"two",{"three":3}]',
  '<a x="1"><b>text</b><b>more</b><!-- note --><c/></a>',
  'k1=v1 k2=v2 k3="v 3"',
  'one,two,three',
  'http://user:pw@www.example.com:8080/a/b.html?q=1&r=2#part',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0.4896.127 Safari/537.36',
  '2023-05-26 12:34:56',
  `long ${'x'.repeat(3000)} end`,
  '\u0000"\\\n\t',
  '192.168.1.77',
  'someCamelCase_and snake-kebab HTTPServer2',
  '17893729974',
  'aGVsbG8gd29ybGQ=',
  '  padded  ',
  'user=alice password=secret123 id=77',
];

const INTS: readonly bigint[] = [0n, 1n, -1n, 42n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 1_672_527_600n];
const DOUBLES: readonly number[] = [
  0,
  -0,
  1.5,
  -2.5,
  1e21,
  1e-7,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  5e-324,
  1.7e308,
  100,
  2 ** 63,
];
const BYTES: readonly Uint8Array[] = [
  new Uint8Array(0),
  new TextEncoder().encode('hello'),
  Uint8Array.of(0xff, 0, 0x7f),
  Uint8Array.from({ length: 16 }, (_, i) => i),
  Uint8Array.from({ length: 8 }, (_, i) => 255 - i),
];
const MAPS: readonly (Entries | { readonly [key: string]: Plain })[] = [
  {},
  { a: 1n, b: 'x', c: { d: [1n, 2n], e: { f: 'deep' } } },
  new Entries([
    ['twice', 1n],
    ['twice', 'again'],
    ['', 'no key'],
  ]),
  {
    password: 'p',
    user_password: 'q',
    'http.version': '1.1',
    n: null,
    empty: '',
    t: true,
    x: 1.5,
    y: Uint8Array.of(1),
  },
  { name: 'foo', value: 'bar', list: [{ name: 'in', value: 1n }] },
];
const LISTS: readonly (readonly Plain[])[] = [
  [],
  [1n, 2n, 3n],
  ['banana', 'apple', 'Cherry', 'apple'],
  [3n, 'a', true, 2.5, null, { k: 'v' }, [1n]],
  [2.5, -1, Number.NaN, 0],
  [
    { name: 'x', value: 1n },
    { name: 'y', value: 'two' },
  ],
  [Uint8Array.of(1), Uint8Array.of(0)],
  [true, false],
];

export const VALUES: readonly Plain[] = [
  ...STRINGS,
  ...INTS,
  ...DOUBLES,
  true,
  false,
  ...BYTES,
  ...MAPS,
  ...LISTS,
  null,
];

function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length]!;
}

/** Row `index`: one value of any kind, one of each kind. */
function attributesOf(index: number): ReturnType<typeof keyValues> {
  const row: Record<string, Plain> = {
    row: BigInt(index),
    v: VALUES[index]!,
    s: at(STRINGS, index),
    i: at(INTS, index),
    d: at(DOUBLES, index),
    b: index % 2 === 0,
    y: at(BYTES, index),
    m: at(MAPS, index),
    l: at(LISTS, index),
    n: null,
    'http.method': at(['GET', 'POST', ''], index),
  };
  const entries = Object.entries(row).filter((_, i) => (index * 7 + i) % 13 !== 12);
  if (index % 9 === 4) entries.push(['s', 'second']);
  return keyValues(new Entries(entries));
}

const RESOURCES: readonly (object | undefined)[] = [
  {
    attributes: keyValues({ 'service.name': 'shop', 'k8s.pod.name': 'shop-1', n: 5n, tags: ['a', 'b'], m: { x: 1n } }),
    droppedAttributesCount: 3,
  },
  undefined,
  {},
  { attributes: keyValues({ 'service.name': '', password: 'x', empty: null }) },
];
const SCOPES: readonly (object | undefined)[] = [
  { name: 'lib', version: '1.2', attributes: keyValues({ scoped: true, s: 'x' }), droppedAttributesCount: 1 },
  undefined,
  { name: '', version: '' },
];

const TRACE_ID = Uint8Array.from({ length: 16 }, (_, i) => i * 3 + 1);
const SPAN_ID = Uint8Array.from({ length: 8 }, (_, i) => i * 5 + 2);
const T0 = 1_700_000_000_123_456_789n;

/** Rows in resources and scopes of four each. */
function grouped<T>(rows: readonly T[], resource: (scopes: readonly T[][], index: number) => object): object[] {
  const groups: object[] = [];
  for (let start = 0; start < rows.length; start += 8) {
    const part = rows.slice(start, start + 8);
    groups.push(resource([part.slice(0, 4), part.slice(4)], start / 8));
  }
  return groups;
}

function resourceFields(index: number): object {
  const resource = at(RESOURCES, index);
  return { ...(resource !== undefined && { resource }), schemaUrl: index % 3 === 0 ? 'https://schema/1' : '' };
}

function scopeFields(index: number): object {
  const scope = at(SCOPES, index);
  return { ...(scope !== undefined && { scope }), schemaUrl: index % 2 === 0 ? 'https://schema/2' : '' };
}

function logRecord(index: number): object {
  const none = index % 11 === 5;
  return {
    timeUnixNano: none ? 0n : T0 + BigInt(index) * 1_000_000_007n,
    observedTimeUnixNano: index % 5 === 0 ? 2n ** 64n - 1n : T0,
    severityNumber: index % 26,
    severityText: at(['INFO', '', 'warn', 'Fehler'], index),
    ...(index % 12 !== 7 && { body: anyValue(VALUES[index]!) }),
    attributes: none ? [] : attributesOf(index),
    droppedAttributesCount: index % 3,
    flags: index % 4 === 0 ? 1 : 0,
    traceId: index % 3 === 0 ? TRACE_ID : new Uint8Array(index % 3 === 1 ? 0 : 16),
    spanId: index % 3 === 0 ? SPAN_ID : new Uint8Array(0),
    eventName: index % 6 === 0 ? 'event.name' : '',
  };
}

function span(index: number): object {
  return {
    traceId: index % 4 === 3 ? new Uint8Array(0) : TRACE_ID,
    spanId: SPAN_ID,
    traceState: at(['', 'a=1,b=2', 'broken', 'vendor@x=y'], index),
    parentSpanId: index % 3 === 0 ? new Uint8Array(0) : SPAN_ID,
    name: at(['GET /', '', 'kube_pod_info', PLACEHOLDER, 'checkout'], index),
    kind: index % 7,
    startTimeUnixNano: T0,
    endTimeUnixNano: index % 6 === 0 ? 0n : T0 + BigInt(index) * 1_500_000n,
    attributes: attributesOf(index),
    droppedAttributesCount: index,
    events: Array.from({ length: index % 3 }, (_, i) => ({
      timeUnixNano: T0 + BigInt(i),
      name: at(['exception', '', 'retry'], index + i),
      attributes: keyValues({ nr: BigInt(i), 'exception.message': 'boom', v: at(VALUES, index + i) }),
      droppedAttributesCount: i,
    })),
    droppedEventsCount: index % 2,
    links: Array.from({ length: index % 2 }, () => ({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      attributes: keyValues({ l: 1n }),
    })),
    droppedLinksCount: index % 5,
    ...(index % 4 !== 1 && { status: { code: index % 3, message: at(['', 'failed'], index) } }),
    flags: index % 2 === 0 ? 257 : 0,
  };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

const TRACES = {
  resourceSpans: [
    ...grouped(range(40).map(span), (scopes, index) => ({
      ...resourceFields(index),
      scopeSpans: scopes.map((spans, i) => ({ ...scopeFields(index + i), spans })),
    })),
    { resource: { attributes: keyValues({ 'service.name': 'idle' }) }, scopeSpans: [] },
  ],
};

const LOGS = {
  resourceLogs: [
    ...grouped(range(VALUES.length).map(logRecord), (scopes, index) => ({
      ...resourceFields(index),
      scopeLogs: scopes.map((logRecords, i) => ({ ...scopeFields(index + i), logRecords })),
    })),
    { resource: { attributes: keyValues({ 'service.name': 'idle' }) }, scopeLogs: [{ scope: { name: 'silent' } }] },
  ],
};

const INIT: Readonly<Record<Signal, Readonly<Record<string, unknown>>>> = {
  traces: TRACES,
  logs: LOGS,
  metrics: METRICS,
};

export function corpusOf(signal: Signal): Uint8Array {
  return replaceText(encodeRequest(signal, INIT[signal]));
}

/** Any requests, the same at every run, without what the Collector forgets anyway. */
export function generatedCorpus(signal: Signal, count: number): Uint8Array[] {
  return fc
    .sample(arbitraryRequest(signal), { seed: 20_261_122, numRuns: count })
    .map((request) =>
      encodeRequest(signal, fillMessages(requestDescriptor(signal), request as DynamicMessage, { dropUnknown: true })),
    );
}

function replaceText(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes);
  for (let at = buffer.indexOf(PLACEHOLDER); at >= 0; at = buffer.indexOf(PLACEHOLDER, at + 1))
    buffer.set(NOT_UTF8, at);
  return buffer;
}
