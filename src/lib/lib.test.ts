import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createBackoff,
  formatByteSize,
  formatDuration,
  MetricsRegistry,
  parseByteSize,
  parseDuration,
  parseProcessStat,
} from './index.ts';

describe('duration', () => {
  it.each([
    ['5s', 5000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['200ms', 200],
    ['0', 0],
    ['.5s', 500],
  ])('reads %s as Go does', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '5', 's', '5 s', '5sx', 'x5s', '-5s', '1s 2m'])('refuses %j', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('byte size', () => {
  it.each([
    ['16Mi', 16 * 2 ** 20],
    ['512MB', 512e6],
    ['1.5Ki', 1536],
    ['42', 42],
  ])('reads %s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));

  it.each(['', 'Mi', '16Mx', '-1Mi', '16 Mi'])('refuses %j', (text) => expect(parseByteSize(text)).toBeUndefined());

  it('writes sizes for people', () => {
    expect([0, 1023, 1536, 2 ** 24].map(formatByteSize)).toEqual(['0 B', '1023 B', '1.5 KiB', '16 MiB']);
  });
});

describe('backoff', () => {
  it('grows by the multiplier, stays under the maximum and inside the jitter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (draws) => {
          let i = 0;
          const backoff = createBackoff(
            { initialIntervalMs: 100, maxIntervalMs: 1000, multiplier: 1.5, randomizationFactor: 0.5 },
            () => draws[i++]!,
          );
          draws.forEach((_, n) => {
            const base = Math.min(100 * 1.5 ** n, 1000);
            const delay = backoff.nextDelayMs();
            expect(delay).toBeGreaterThanOrEqual(base * 0.5 - 1e-6);
            expect(delay).toBeLessThanOrEqual(base * 1.5 + 1e-6);
          });
        },
      ),
    );
  });
});

it('a backoff never becomes a loop, whatever its settings', () => {
  for (const [initialIntervalMs, multiplier] of [
    [1000, 0],
    [0, 2],
    [1000, 0.1],
  ] as const) {
    const backoff = createBackoff(
      { initialIntervalMs, maxIntervalMs: 1000, multiplier, randomizationFactor: 1 },
      () => 0,
    );
    expect(Array.from({ length: 5 }, () => backoff.nextDelayMs())).toEqual([10, 10, 10, 10, 10]);
  }
});

describe('metrics registry', () => {
  it('renders the text format with sorted families, escaped labels and cumulative buckets', () => {
    const registry = new MetricsRegistry();
    registry.counter({ name: 'b_total', help: 'B' }, { z: '1', a: 'say "hi"\n' }).add(3);
    const histogram = registry.histogram({ name: 'a_seconds', help: 'A' }, [0.1, 1]);
    for (const n of [0.05, 0.5, 5]) histogram.observe(n);
    registry.observe({ name: 'c', help: 'C' }, {}, () => 7);
    expect(registry.renderPrometheus()).toBe(
      [
        '# HELP a_seconds A',
        '# TYPE a_seconds histogram',
        'a_seconds_bucket{le="0.1"} 1',
        'a_seconds_bucket{le="1"} 2',
        'a_seconds_bucket{le="+Inf"} 3',
        'a_seconds_sum 5.55',
        'a_seconds_count 3',
        '# HELP b_total B',
        '# TYPE b_total counter',
        'b_total{a="say \\"hi\\"\\n",z="1"} 3',
        '# HELP c C',
        '# TYPE c gauge',
        'c 7',
        '',
      ].join('\n'),
    );
  });

  it('gives the same child for the same labels, whatever their order', () => {
    const registry = new MetricsRegistry();
    registry.counter({ name: 'x_total', help: '' }, { a: '1', b: '2' }).add(1);
    expect(registry.counter({ name: 'x_total', help: '' }, { b: '2', a: '1' }).value).toBe(1);
  });
});

describe('what Linux tells of a process', () => {
  const fields = (state: string) =>
    `${state} 7 42 42 0 -1 4194560 1 2 3 4 100 23 5 6 20 0 1 0 987654 1000 200 18446744073709551615`;

  it('is read whatever the command is called', () => {
    for (const command of ['node', 'a b', ') Z 1 (', 'x) R 1']) {
      expect(parseProcessStat(`12 (${command}) ${fields('S')}`)).toEqual({
        hasEnded: false,
        group: 42,
        cpuTicks: 123,
        start: '987654',
      });
    }
  });

  it.each(['Z', 'X'])('says by %s that it has ended', (state) =>
    expect(parseProcessStat(`12 (node) ${fields(state)}`).hasEnded).toBe(true),
  );
});
