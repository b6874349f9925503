import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import {
  arbitraryRequest,
  encodeMessage,
  encodeRequest,
  itemsOf,
  requestDescriptor,
} from '../../../test/testkit/otlp-proto.ts';
import { SIGNALS, validateRequest } from '../../pdata/index.ts';
import { createViewer, type Viewer } from './viewer.ts';

const LIST = { limit: 100 };
const TRACE_ID = '5b8efff798038103d269b633813fc60c';
const id = (hex: string) => Buffer.from(hex, 'hex');
const text = (value: string) => ({ value: { case: 'stringValue', value } });
const attributes = (record: Readonly<Record<string, string>>) =>
  Object.entries(record).map(([key, value]) => ({ key, value: text(value) }));
const resource = (service: string) => ({ attributes: attributes({ 'service.name': service }) });

interface SpanInit {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceId?: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly service?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

function addSpans(viewer: Viewer, ...spans: readonly SpanInit[]): void {
  const resourceSpans = spans.map(
    ({ service = 'shop', traceId = TRACE_ID, parentSpanId = '', more = {}, ...span }) => ({
      resource: resource(service),
      scopeSpans: [
        {
          scope: { name: 'test', version: '1.2' },
          spans: [
            {
              traceId: id(traceId),
              spanId: id(span.spanId),
              parentSpanId: id(parentSpanId),
              name: span.name,
              startTimeUnixNano: span.startNs,
              endTimeUnixNano: span.endNs,
              ...more,
            },
          ],
        },
      ],
    }),
  );
  viewer.add('traces', encodeRequest('traces', { resourceSpans }), spans.length);
}

const newViewer = () => createViewer({ clock: createFakeClock() });
const T = 1_700_000_000_000_000_000n;
const MS = 1_000_000n;

describe('the newest time of a signal', () => {
  it('is that of the recent batch whose times are furthest from ours, so that senders who take turns do not hide each other', () => {
    const viewer = newViewer();
    expect(viewer.newestTime('traces')).toBeUndefined();
    const nowNs = BigInt(createFakeClock().nowMs()) * MS;
    const add = (endNs: bigint) => addSpans(viewer, { name: 'a', spanId: '01'.repeat(8), startNs: endNs - MS, endNs });
    add(nowNs + 3_600_000n * MS);
    add(nowNs);
    expect(viewer.newestTime('traces')?.newestMs).toBe(Number(nowNs / MS) + 3_600_000);
    expect(viewer.newestTime('logs')).toBeUndefined();
    for (let i = 0; i < 8; i++) add(nowNs);
    expect(viewer.newestTime('traces')?.newestMs).toBe(Number(nowNs / MS));
  });

  it('is not known where no item carries a time', () => {
    const viewer = newViewer();
    addSpans(viewer, { name: 'a', spanId: '01'.repeat(8), startNs: 0n, endNs: 0n });
    expect(viewer.newestTime('traces')).toBeUndefined();
  });
});

describe('traces', () => {
  it('groups spans of several requests into one trace, with root, duration and errors', () => {
    const viewer = newViewer();
    addSpans(viewer, {
      name: 'SELECT',
      spanId: '02'.repeat(8),
      parentSpanId: '01'.repeat(8),
      startNs: T + 5n * MS,
      endNs: T + 9n * MS,
      service: 'db',
      more: { status: { code: 2, message: 'deadlock' } },
    });
    addSpans(viewer, { name: 'GET /pay', spanId: '01'.repeat(8), startNs: T, endNs: T + 12n * MS });
    const { items, total, retention } = viewer.traces(LIST);
    expect(total).toBe(1);
    expect(retention).toMatchObject({ kept: 2, capacity: 10_000 });
    expect(items[0]).toEqual({
      traceId: TRACE_ID,
      name: 'GET /pay',
      service: 'shop',
      startTime: '2023-11-14T22:13:20.000000000Z',
      durationSeconds: 0.012,
      spanCount: 2,
      errorCount: 1,
    });
  });

  it('names a trace without its root by its earliest span', () => {
    const viewer = newViewer();
    addSpans(
      viewer,
      { name: 'late', spanId: '02'.repeat(8), parentSpanId: '01'.repeat(8), startNs: T + 5n, endNs: T + 9n },
      { name: 'early', spanId: '03'.repeat(8), parentSpanId: '01'.repeat(8), startNs: T, endNs: T + 1n },
    );
    expect(viewer.traces(LIST).items[0].name).toBe('early');
  });

  it('lists the newest first, up to the limit, and says how many there are', () => {
    const viewer = newViewer();
    for (let i = 0; i < 5; i++) {
      const traceId = `${i}`.repeat(32);
      addSpans(viewer, { name: `t${i}`, traceId, spanId: '01'.repeat(8), startNs: T + BigInt(i), endNs: T + 10n });
    }
    const { items, total } = viewer.traces({ limit: 2 });
    expect(items.map(({ name }) => name)).toEqual(['t4', 't3']);
    expect(total).toBe(5);
  });

  it('filters by name, attribute, id and service, in any case', () => {
    const viewer = newViewer();
    addSpans(viewer, {
      name: 'GET /pay',
      spanId: 'aa'.repeat(8),
      startNs: T,
      endNs: T,
      more: { attributes: attributes({ 'user.tier': 'Gold' }) },
    });
    const other = '77'.repeat(16);
    addSpans(viewer, {
      name: 'GET /cart',
      traceId: other,
      spanId: 'bb'.repeat(8),
      startNs: T,
      endNs: T,
      service: 'cart',
    });
    const names = (filter: { q?: string; service?: string }) =>
      viewer.traces({ ...LIST, ...filter }).items.map(({ name }) => name);
    expect(names({ q: '/PAY' })).toEqual(['GET /pay']);
    expect(names({ q: 'user.tier=gold' })).toEqual(['GET /pay']);
    expect(names({ q: other })).toEqual(['GET /cart']);
    expect(names({ service: 'cart' })).toEqual(['GET /cart']);
    expect(names({ q: 'pay', service: 'cart' })).toEqual([]);
  });

  it('names every service that is kept, whatever the limit and the filter', () => {
    const viewer = newViewer();
    const span = (service: string, traceId: string) => ({
      ...{ name: 'GET', spanId: '01'.repeat(8), startNs: T, endNs: T + MS },
      ...{ service, traceId },
    });
    addSpans(viewer, span('shop', '0a'.repeat(16)), span('cart', '0b'.repeat(16)), span('', '0c'.repeat(16)));
    expect(viewer.traces({ limit: 1 }).services).toEqual(['cart', 'shop']);
    expect(viewer.traces({ ...LIST, service: 'cart' }).services).toEqual(['cart', 'shop']);
    expect(viewer.logs(LIST).services).toEqual([]);
  });

  it('shows all fields of a trace in order of the waterfall, nanoseconds and 64-bit values exact', () => {
    const viewer = newViewer();
    addSpans(
      viewer,
      {
        name: 'child',
        spanId: '02'.repeat(8),
        parentSpanId: '01'.repeat(8),
        startNs: T + 1_234_567n,
        endNs: T + 2_234_568n,
        more: {
          kind: 3,
          status: { code: 2, message: 'refused' },
          attributes: [{ key: 'big', value: { value: { case: 'intValue', value: 9_223_372_036_854_775_807n } } }],
          events: [{ name: 'retry', timeUnixNano: T + 2_000_000n, attributes: attributes({ n: '1' }) }],
          links: [{ traceId: id('ab'.repeat(16)), spanId: id('cd'.repeat(8)) }],
        },
      },
      { name: 'root', spanId: '01'.repeat(8), startNs: T, endNs: T + 3n * MS },
    );
    const trace = viewer.trace(TRACE_ID);
    expect(trace?.durationSeconds).toBe(0.003);
    expect(trace?.spans.map(({ name, depth }) => [name, depth])).toEqual([
      ['root', 0],
      ['child', 1],
    ]);
    expect(trace?.spans[1]).toMatchObject({
      kind: 'CLIENT',
      status: 'ERROR',
      statusMessage: 'refused',
      startTime: '2023-11-14T22:13:20.001234567Z',
      offsetSeconds: 0.001234567,
      durationSeconds: 0.001000001,
      attributes: [{ key: 'big', type: 'int', value: '9223372036854775807' }],
      resource: [{ key: 'service.name', type: 'string', value: 'shop' }],
      scope: { name: 'test', version: '1.2' },
      events: [{ name: 'retry', offsetSeconds: 0.002, attributes: [{ key: 'n', type: 'string', value: '1' }] }],
      links: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), attributes: [] }],
    });
  });

  it('gives a span that ends before it starts no length', () => {
    const viewer = newViewer();
    addSpans(viewer, { name: 'broken clock', spanId: '01'.repeat(8), startNs: T, endNs: T - 5n });
    expect(viewer.trace(TRACE_ID)?.spans[0].durationSeconds).toBe(0);
  });

  it('has no trace that was not sent', () => {
    expect(newViewer().trace(TRACE_ID)).toBeUndefined();
  });
});

describe('metrics', () => {
  const point = (at: bigint, value: object, own: Readonly<Record<string, string>> = {}) => ({
    timeUnixNano: at,
    attributes: attributes(own),
    ...value,
  });
  const addMetric = (viewer: Viewer, metric: Readonly<Record<string, unknown>>, pointCount: number) =>
    viewer.add(
      'metrics',
      encodeRequest('metrics', {
        resourceMetrics: [{ resource: resource('shop'), scopeMetrics: [{ metrics: [metric] }] }],
      }),
      pointCount,
    );
  const asInt = (value: bigint) => ({ value: { case: 'asInt', value } });
  const asDouble = (value: number) => ({ value: { case: 'asDouble', value } });

  it('shows all five kinds', () => {
    const viewer = newViewer();
    const distribution = { dataPoints: [point(T, { count: 4n, sum: 10.5 })] };
    addMetric(
      viewer,
      { name: 'a', unit: 'By', data: { case: 'gauge', value: { dataPoints: [point(T, asDouble(1.5))] } } },
      1,
    );
    addMetric(
      viewer,
      {
        name: 'b',
        data: {
          case: 'sum',
          value: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [point(T, asInt(7n))] },
        },
      },
      1,
    );
    addMetric(
      viewer,
      { name: 'c', data: { case: 'histogram', value: { aggregationTemporality: 1, ...distribution } } },
      1,
    );
    addMetric(
      viewer,
      { name: 'd', data: { case: 'exponentialHistogram', value: { aggregationTemporality: 2, ...distribution } } },
      1,
    );
    addMetric(viewer, { name: 'e', data: { case: 'summary', value: distribution } }, 1);
    const { items, retention } = viewer.metrics({ ...LIST, points: 10 });
    expect(retention.kept).toBe(5);
    const time = '2023-11-14T22:13:20.000000000Z';
    expect(
      items.map(({ name, type, temporality, monotonic, points }) => ({ name, type, temporality, monotonic, points })),
    ).toEqual([
      { name: 'a', type: 'gauge', points: [{ time, value: 1.5 }] },
      { name: 'b', type: 'sum', temporality: 'cumulative', monotonic: true, points: [{ time, value: 7 }] },
      { name: 'c', type: 'histogram', temporality: 'delta', points: [{ time, value: null, count: '4', sum: 10.5 }] },
      {
        name: 'd',
        type: 'exponentialHistogram',
        temporality: 'cumulative',
        points: [{ time, value: null, count: '4', sum: 10.5 }],
      },
      { name: 'e', type: 'summary', points: [{ time, value: null, count: '4', sum: 10.5 }] },
    ]);
  });

  it('makes one series of points with equal attributes in any order, sorted by time, newest kept', () => {
    const viewer = newViewer();
    const gauge = (...dataPoints: readonly object[]) => ({ name: 'm', data: { case: 'gauge', value: { dataPoints } } });
    addMetric(viewer, gauge(point(T + 2n, asInt(2n), { a: '1', b: '2' })), 1);
    addMetric(viewer, gauge(point(T + 1n, asInt(1n), { b: '2', a: '1' }), point(T, asInt(9n), { a: 'other' })), 2);
    const { items, total } = viewer.metrics({ ...LIST, points: 10 });
    expect(total).toBe(2);
    expect(items[0].points.map(({ value }) => value)).toEqual([1, 2]);
    expect(viewer.metrics({ ...LIST, points: 1 }).items[0].points.map(({ value }) => value)).toEqual([2]);
    expect(viewer.metrics({ ...LIST, points: 1, q: 'a=other' }).total).toBe(1);
    expect(viewer.metrics({ ...LIST, points: 1, name: 'mm' }).total).toBe(0);
    expect(viewer.metrics({ ...LIST, points: 1, name: 'mm' }).services).toEqual(['shop']);
  });

  it('has no value where a number is none', () => {
    const viewer = newViewer();
    addMetric(
      viewer,
      { name: 'm', data: { case: 'gauge', value: { dataPoints: [point(T, asDouble(Number.NaN))] } } },
      1,
    );
    expect(viewer.metrics({ ...LIST, points: 1 }).items[0].points[0].value).toBeNull();
  });
});

describe('logs', () => {
  const addLogs = (viewer: Viewer, ...logRecords: readonly object[]) =>
    viewer.add(
      'logs',
      encodeRequest('logs', { resourceLogs: [{ resource: resource('shop'), scopeLogs: [{ logRecords }] }] }),
      logRecords.length,
    );

  it('lists the newest first, whichever way they came, with nested bodies as JSON', () => {
    const viewer = newViewer();
    const nested = {
      value: {
        case: 'kvlistValue',
        value: { values: [{ key: 'n', value: { value: { case: 'intValue', value: 9_007_199_254_740_993n } } }] },
      },
    };
    addLogs(
      viewer,
      { timeUnixNano: T + 2n, severityNumber: 17, body: text('second') },
      { timeUnixNano: T + 1n, severityText: 'Notice', body: nested },
    );
    addLogs(viewer, { observedTimeUnixNano: T + 3n, body: text('observed') });
    const { items } = viewer.logs(LIST);
    expect(items.map(({ body, severity }) => [body, severity])).toEqual([
      ['observed', ''],
      ['second', 'ERROR'],
      ['{"n":9007199254740993}', 'Notice'],
    ]);
  });

  it('uses the time of arrival when the record has none', () => {
    const clock = createFakeClock();
    const viewer = createViewer({ clock });
    addLogs(viewer, { body: text('timeless') });
    expect(viewer.logs(LIST).items[0].time).toBe('2023-11-14T22:13:20.000000000Z');
  });

  it('filters by trace, text and severity', () => {
    const viewer = newViewer();
    addLogs(
      viewer,
      { body: text('with trace'), traceId: id(TRACE_ID), severityNumber: 9 },
      { body: text('without'), severityNumber: 13 },
    );
    const bodies = (filter: { q?: string; traceId?: string }) =>
      viewer.logs({ ...LIST, ...filter }).items.map(({ body }) => body);
    expect(bodies({ traceId: TRACE_ID })).toEqual(['with trace']);
    expect(bodies({ q: 'WITHOUT' })).toEqual(['without']);
    expect(bodies({ q: 'info' })).toEqual(['with trace']);
  });
});

describe('retention', () => {
  it('says what is kept, of how much, and since when', () => {
    const viewer = newViewer();
    expect(viewer.retention('traces')).toEqual({ kept: 0, capacity: 10_000, oldest: null });
    addSpans(viewer, { name: 'a', spanId: '01'.repeat(8), startNs: T, endNs: T });
    expect(viewer.retention('traces')).toEqual({ kept: 1, capacity: 10_000, oldest: '2023-11-14T22:13:20.000Z' });
  });

  it('shows nothing any more of what made room', () => {
    const viewer = createViewer({ clock: createFakeClock(), limits: { spans: 2, logs: 2, points: 2, bytes: 10_000 } });
    for (const name of ['a', 'b', 'c']) {
      addSpans(viewer, {
        name,
        traceId: Buffer.from(name.repeat(16)).toString('hex'),
        spanId: '01'.repeat(8),
        startNs: T,
        endNs: T,
      });
      viewer.traces(LIST);
    }
    expect(
      viewer
        .traces(LIST)
        .items.map(({ name }) => name)
        .toSorted(),
    ).toEqual(['b', 'c']);
    expect(viewer.evicted('traces')).toBe(1);
  });

  it('does not keep a large buffer alive for a small slice of it', () => {
    const viewer = newViewer();
    const request = encodeRequest('logs', {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: text('kept') }] }] }],
    });
    const large = new Uint8Array(100_000);
    large.set(request, 500);
    viewer.add('logs', large.subarray(500, 500 + request.byteLength), 1);
    large.fill(0xff);
    expect(viewer.logs(LIST).items.map(({ body }) => body)).toEqual(['kept']);
  });

  it('drops what queries derived a minute after the last one, and still answers', async () => {
    const clock = createFakeClock();
    const viewer = createViewer({ clock });
    addSpans(viewer, { name: 'a', spanId: '01'.repeat(8), startNs: T, endNs: T });
    viewer.traces(LIST);
    await clock.advance(60_000);
    expect(clock.pendingTimers).toBe(0);
    expect(viewer.traces(LIST).total).toBe(1);
  });
});

describe('any validated request', () => {
  it.each(SIGNALS)('can be shown: %s', (signal) => {
    fc.assert(
      fc.property(fc.array(arbitraryRequest(signal), { minLength: 1, maxLength: 3 }), (requests) => {
        const viewer = newViewer();
        for (const request of requests) {
          const bytes = encodeMessage(requestDescriptor(signal), request);
          expect(validateRequest(signal, bytes).ok).toBe(true);
          viewer.add(signal, bytes, itemsOf(signal, request).length);
        }
        const itemCount = requests.reduce((total, request) => total + itemsOf(signal, request).length, 0);
        expect(viewer.retention(signal).kept).toBe(itemCount);
        if (signal === 'traces') {
          const { items } = viewer.traces({ limit: 1000 });
          expect(items.reduce((total, trace) => total + trace.spanCount, 0)).toBe(itemCount);
          for (const { traceId, spanCount } of items) expect(viewer.trace(traceId)?.spans).toHaveLength(spanCount);
        } else if (signal === 'logs') {
          expect(viewer.logs({ limit: 1000 }).items).toHaveLength(itemCount);
        } else {
          const points = viewer.metrics({ limit: 1000, points: 1000 }).items.flatMap((series) => series.points);
          expect(points).toHaveLength(itemCount);
        }
        expect(() =>
          JSON.stringify([viewer.traces(LIST), viewer.logs(LIST), viewer.metrics({ ...LIST, points: 9 })]),
        ).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });
});
