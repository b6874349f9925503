import { describe, expect, it } from 'vitest';
import { configOf, startTestEngine } from '../../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../../test/testkit/fake-clock.ts';
import { encodeRequest } from '../../../../test/testkit/otlp-proto.ts';
import { detailedText } from './detailed.ts';
import { normalText } from './normal.ts';
import { createSampler } from './sampler.ts';

const text = (value: string) => ({ value: { case: 'stringValue', value } });
const traces = encodeRequest('traces', {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: text('shop') }] },
      scopeSpans: [
        {
          scope: { name: 'http', version: '1.2' },
          spans: [
            {
              traceId: new Uint8Array(16).fill(0xab),
              spanId: new Uint8Array(8).fill(1),
              name: 'GET /',
              kind: 2,
              startTimeUnixNano: 1_700_000_000_123_456_789n,
              endTimeUnixNano: 1_700_000_001_000_000_000n,
              status: { code: 2, message: 'no' },
              attributes: [
                { key: 'big', value: { value: { case: 'intValue', value: 9_007_199_254_740_993n } } },
                {
                  key: 'list',
                  value: {
                    value: {
                      case: 'arrayValue',
                      value: { values: [text('a'), { value: { case: 'boolValue', value: true } }] },
                    },
                  },
                },
              ],
              events: [
                {
                  name: 'retry',
                  timeUnixNano: 1_700_000_000_500_000_000n,
                  attributes: [{ key: 'n', value: { value: { case: 'doubleValue', value: 1.5 } } }],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
});
const metrics = encodeRequest('metrics', {
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'requests',
              unit: '1',
              data: {
                case: 'sum',
                value: {
                  isMonotonic: true,
                  aggregationTemporality: 2,
                  dataPoints: [
                    { value: { case: 'asInt', value: 7n }, attributes: [{ key: 'code', value: text('200') }] },
                  ],
                },
              },
            },
            {
              name: 'latency',
              data: {
                case: 'histogram',
                value: {
                  aggregationTemporality: 1,
                  dataPoints: [{ count: 3n, sum: 0.5, bucketCounts: [1n, 2n], explicitBounds: [0.1] }],
                },
              },
            },
          ],
        },
      ],
    },
  ],
});
const logs = encodeRequest('logs', {
  resourceLogs: [
    {
      scopeLogs: [
        {
          logRecords: [
            {
              body: text('hello'),
              severityNumber: 10,
              severityText: 'INFO',
              attributes: [{ key: 'k', value: text('v') }],
            },
          ],
        },
      ],
    },
  ],
});

describe('debug text', () => {
  it('normal: a line per resource, scope and item', () => {
    expect(normalText('traces', traces)).toBe(
      `ResourceTraces #0 service.name=shop\nScopeTraces #0 http@1.2\nGET / ${'ab'.repeat(16)} ${'01'.repeat(8)} big=9007199254740993 list=["a",true]\n`,
    );
    expect(normalText('metrics', metrics)).toBe(
      'ResourceMetrics #0\nScopeMetrics #0\nrequests{code=200} 7\nlatency{} count=3 sum=0.5 le0.1=1 2\n',
    );
    expect(normalText('logs', logs)).toBe('ResourceLog #0\nScopeLog #0\nhello k=v\n');
  });

  it('normal: exponential buckets in order, summaries with six digits, points without a value', () => {
    const exponential = {
      count: 6n,
      zeroCount: 1n,
      negative: { offset: 1, bucketCounts: [2n, 3n] },
      positive: { bucketCounts: [4n] },
    };
    const points = [
      { name: 'e', data: { case: 'exponentialHistogram', value: { dataPoints: [exponential] } } },
      { name: 's', data: { case: 'summary', value: { dataPoints: [{ count: 1n, sum: 0.5 }] } } },
      { name: 'g', data: { case: 'gauge', value: { dataPoints: [{}] } } },
    ];
    const request = encodeRequest('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: points }] }] });
    expect(normalText('metrics', request).split('\n').slice(2, 5)).toEqual([
      'e{} count=6 le-4=3 le-2=2 zero=1 le2=4',
      's{} count=1 sum=0.500000',
      'g{} ',
    ]);
  });

  it('detailed: every field of spans, with whole 64-bit numbers and nanoseconds', () => {
    const lines = detailedText('traces', traces).split('\n');
    for (const line of [
      '     -> service.name: Str(shop)',
      'InstrumentationScope http 1.2',
      `    Trace ID       : ${'ab'.repeat(16)}`,
      '    Kind           : Server',
      '    Start time     : 2023-11-14 22:13:20.123456789 +0000 UTC',
      '    End time       : 2023-11-14 22:13:21 +0000 UTC',
      '    Status code    : Error',
      '    Status message : no',
      '     -> big: Int(9007199254740993)',
      '     -> list: Slice(["a",true])',
      'SpanEvent #0',
      '          -> n: Double(1.5)',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('detailed: points of metrics and records of logs', () => {
    const points = detailedText('metrics', metrics).split('\n');
    for (const line of [
      '     -> DataType: Sum',
      '     -> IsMonotonic: true',
      '     -> AggregationTemporality: Cumulative',
      'Value: 7',
      'ExplicitBounds #0: 0.100000',
      'Buckets #1, Count: 2',
      'Sum: 0.500000',
    ]) {
      expect(points).toContain(line);
    }
    const records = detailedText('logs', logs).split('\n');
    for (const line of ['SeverityNumber: Info2(10)', 'Body: Str(hello)', '     -> k: Str(v)', 'Flags: 0'])
      expect(records).toContain(line);
  });
});

describe('the debug exporter', () => {
  it('writes what is in a request to stdout', async () => {
    const written: string[] = [];
    const pipelines = Object.fromEntries(
      ['traces', 'metrics', 'logs'].map((signal) => [signal, { exporters: ['debug'] }]),
    );
    const test = await startTestEngine(configOf({ exporters: { debug: {} }, pipelines }), {
      stdout: (one) => written.push(one),
    });
    for (const signal of ['traces', 'metrics', 'logs'] as const) await test.send(['a', 'b'], signal);
    expect(written).toEqual([
      'Traces\t{"resource spans": 1, "spans": 2}\n',
      'Metrics\t{"resource metrics": 1, "metrics": 2, "data points": 2}\n',
      'Logs\t{"resource logs": 1, "log records": 2}\n',
    ]);
    await test.stop();
  });

  it('samples: the first of each second, then every so many', async () => {
    const clock = createFakeClock();
    const sample = createSampler(clock, { initial: 2, thereafter: 3 });
    const shown = () => Array.from({ length: 9 }, () => sample());
    expect(shown()).toEqual([true, true, false, false, true, false, false, true, false]);
    await clock.advance(1000);
    expect(shown().slice(0, 3)).toEqual([true, true, false]);
    expect(Array.from({ length: 3 }, createSampler(clock, { initial: 1, thereafter: 0 }))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('accounts for what it does not show', async () => {
    const written: string[] = [];
    const test = await startTestEngine(
      configOf({
        exporters: { debug: { sampling_initial: 1, sampling_thereafter: 0 } },
        pipelines: { traces: { exporters: ['debug'] } },
      }),
      { stdout: (one) => written.push(one) },
    );
    for (let i = 0; i < 5; i++) await test.send([`s${i}`]);
    expect(written.length).toBeLessThan(5);
    expect(test.engine.snapshot().pipelines[0]!.ledger.delivered).toBe(5);
    await test.stop();
  });
});
