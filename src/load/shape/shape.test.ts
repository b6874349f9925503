import { describe, expect, it } from 'vitest';
import { type DynamicMessage, decodeRequest, itemsOf } from '../../../test/testkit/otlp-proto.ts';
import { SIGNALS, type Signal, validateRequest } from '../../pdata/index.ts';
import { createRandom } from '../random.ts';
import type { RequestTemplate, Stamp } from '../wire-template.ts';
import { SHAPE_NAMES, SHAPES, shapeTemplates } from './index.ts';

const OPTIONS = { service: 'test', resource: { 'deployment.environment.name': 'test' } };
const CASES = SHAPE_NAMES.flatMap((name) =>
  SIGNALS.filter((signal) => signal in SHAPES[name]).map((signal) => ({ name, signal })),
);

function templatesOf(name: (typeof SHAPE_NAMES)[number], signal: Signal, seed = 1): readonly RequestTemplate[] {
  return shapeTemplates(name, signal, { random: createRandom(seed), ...OPTIONS })!;
}

function write(template: RequestTemplate, stamp: Partial<Stamp> = {}): Uint8Array {
  const target = new Uint8Array(template.sizeBytes);
  const timeNs = 1_790_000_000_123_456_789n;
  const defaults = { run: 7, round: 3, firstTrace: 11, firstSpan: 22, firstItem: 33, timeNs, startTimeNs: timeNs };
  template.write(target, { ...defaults, ...stamp });
  return target;
}

describe.each(CASES)('shape $name, $signal', ({ name, signal }) => {
  it('is valid OTLP with as many items as it says', () => {
    for (const template of templatesOf(name, signal).slice(0, 5)) {
      const bytes = write(template);
      expect(validateRequest(signal, bytes)).toEqual({ ok: true, itemCount: template.stride.items });
      expect(itemsOf(signal, decodeRequest(signal, bytes))).toHaveLength(template.stride.items);
    }
  });

  it('has the extra resource attributes and a service name on every resource', () => {
    const decoded = decodeRequest(signal, write(templatesOf(name, signal)[0]!));
    for (const group of groups(signal, decoded)) {
      const keys = group['resource'].attributes.map((attribute: DynamicMessage) => attribute['key']);
      expect(keys).toContain('service.name');
      expect(keys).toContain('deployment.environment.name');
    }
  });

  it('is the same for the same seed', () => {
    const bytes = (seed: number) => Buffer.concat(templatesOf(name, signal, seed).map((template) => write(template)));
    expect(bytes(5).equals(bytes(5))).toBe(true);
  });
});

describe('bench shapes', () => {
  it.each([
    ['t1', 10, 1],
    ['t10', 10, 10],
    ['t100', 10, 100],
    ['t40-100', 40, 100],
  ] as const)(
    '%s has %i attributes a span, %i spans a request, and parents inside the request',
    (name, attributes, spans) => {
      const decoded = itemsOf('traces', decodeRequest('traces', write(templatesOf(name, 'traces')[0]!)));
      expect(decoded).toHaveLength(spans);
      const ids = new Set(decoded.map((span) => Buffer.from(span['spanId']).toString('hex')));
      expect(ids.size).toBe(spans);
      for (const span of decoded) {
        expect(span['attributes']).toHaveLength(attributes);
        expect(span['endTimeUnixNano']).toBeGreaterThan(span['startTimeUnixNano']);
        if (span['parentSpanId'].length > 0) expect(ids).toContain(Buffer.from(span['parentSpanId']).toString('hex'));
      }
    },
  );

  it('t40-100 has spans of about 2 kB', () => {
    const [template] = templatesOf('t40-100', 'traces');
    expect(template!.sizeBytes / 100).toBeGreaterThan(1700);
    expect(template!.sizeBytes / 100).toBeLessThan(2300);
  });
});

describe('shop', () => {
  it('correlates logs with spans of the same round', () => {
    const traces = templatesOf('shop', 'traces');
    const logs = templatesOf('shop', 'logs');
    traces.forEach((template, i) => {
      const spans = itemsOf('traces', decodeRequest('traces', write(template)));
      const known = new Set(spans.map((span) => Buffer.from([...span['traceId'], ...span['spanId']]).toString('hex')));
      expect(logs[i]!.stride).toMatchObject({ traces: template.stride.traces, spans: template.stride.spans });
      for (const record of itemsOf('logs', decodeRequest('logs', write(logs[i]!))))
        expect(known).toContain(Buffer.from([...record['traceId'], ...record['spanId']]).toString('hex'));
    });
  });

  it('lets some traces fail, and crosses services in every one', () => {
    const requests = templatesOf('shop', 'traces').map((template) => decodeRequest('traces', write(template)));
    const failing = requests.filter((request) => itemsOf('traces', request).some((span) => span['status']?.code === 2));
    expect(failing.length).toBeGreaterThan(0);
    expect(failing.length).toBeLessThan(requests.length / 2);
    for (const request of requests) expect(groups('traces', request).length).toBeGreaterThan(1);
  });

  it('lets counters grow from one request to the next', () => {
    const [template] = templatesOf('shop', 'metrics');
    const total = (round: number) =>
      groups('metrics', decodeRequest('metrics', write(template!, { round })))[0]!['scopeMetrics'][0].metrics[0].data
        .value.dataPoints[0].value.value;
    expect(total(5)).toBeGreaterThan(total(4));
  });
});

const GROUPS = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' } as const;

function groups(signal: Signal, request: DynamicMessage): DynamicMessage[] {
  return request[GROUPS[signal]];
}
